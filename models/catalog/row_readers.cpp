#include "models/catalog/row_readers_impl.hpp"

#include "libsim/base/unit_strings.hpp"

namespace windtunnel::catalog {

namespace {

using json::IntegerRange;
using json::Reader;

constexpr IntegerRange positive{.min = 1, .max = 1'000'000'000};
constexpr IntegerRange not_negative{.min = 0, .max = 1'000'000'000};

int whole(Reader& r, std::string_view name, IntegerRange range, std::string_view doc) {
  return static_cast<int>(r.integer(name, range, doc));
}

int whole(Reader& r, std::string_view name, int fallback, IntegerRange range,
          std::string_view doc) {
  return static_cast<int>(r.integer(name, fallback, range, doc));
}

std::optional<int> optional_whole(Reader& r, std::string_view name, IntegerRange range,
                                  std::string_view doc) {
  const auto value = r.optional_integer(name, range, doc);
  return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

std::string date(Reader& r, std::string_view name, const std::string& value) {
  if (!r.describing() && !value.empty() && !parse_instant(value + "T00:00:00Z"))
    r.problem(name, "must be a date like 2026-11-24, got \"" + value + "\"");
  return value;
}

Method method_of(const std::string& name) {
  for (const Method method : {Method::measured, Method::published, Method::estimated})
    if (name == to_string(method)) return method;
  return Method::published; // the reader has recorded the problem
}

const json::Choices methods = {"measured", "published", "estimated"};
constexpr std::string_view source_doc = "Publication, or repository:path@commit.";
constexpr std::string_view retrieved_doc = "Date the figure was looked up, like 2026-11-24.";
constexpr std::string_view method_doc = "How the figure was obtained.";

Provenance read_provenance(Reader& r, const Provenance& file) {
  Provenance p = file;
  r.optional_object(
      "provenance", "Where this row comes from; what it leaves out is the file's.",
      [&](Reader& own) {
        const bool other_source = own.has("source");
        p.source = own.text("source", file.source, source_doc);
        p.url = own.text("url", other_source ? "" : file.url, "Address.");
        p.retrieved = date(own, "retrieved", own.text("retrieved", file.retrieved, retrieved_doc));
        p.licence = own.text("licence", file.licence, "Licence of the source.");
        p.method = method_of(own.choice("method", methods, to_string(file.method), method_doc));
        p.note = own.text("note", file.note, "What a reader should know.");
      });
  return p;
}

} // namespace

Provenance read_file_provenance(Reader& r) {
  Provenance p;
  p.source = r.text("source", source_doc);
  p.url = r.text("url", "", "Address.");
  p.retrieved = date(r, "retrieved", r.text("retrieved", retrieved_doc));
  p.licence = r.text("licence", "", "Licence of the source.");
  p.method = method_of(r.choice("method", methods, method_doc));
  p.note = r.text("note", "", "What a reader should know.");
  return p;
}

InstanceType read_instance_type(Reader& r, const Provenance& file) {
  InstanceType t;
  t.name = r.text("name", "EC2 instance type, \"p5.48xlarge\".");
  t.arch = r.choice("arch", {"amd64", "arm64"}, "CPU architecture.");
  t.vcpu = whole(r, "vcpu", positive, "Virtual CPUs.");
  t.memory = r.bytes("memory", "Main memory.");
  t.accelerator = r.text("accelerator", "", "Name of a GPU of the catalog; empty: none.");
  t.accelerators = whole(r, "accelerators", 0, not_negative, "Whole accelerators.");
  t.accelerator_memory = r.optional_bytes("acceleratorMemory", "Of each, as EC2 reports it.");
  t.efa_interfaces = whole(r, "efaInterfaces", 0, not_negative, "EFA interfaces.");
  t.network_cards = whole(r, "networkCards", 1, positive, "Network cards.");
  t.network = r.bandwidth("network", "All network cards together, one direction, baseline.");
  t.ebs = r.optional_bandwidth("ebs", "Bandwidth to EBS.");
  t.local_nvme = r.bytes("localNvme", Bytes{}, "Local NVMe, all drives together.");
  t.max_pods = optional_whole(r, "maxPods", positive, "Pods by addresses of its interfaces.");
  t.max_pods_prefix_delegation =
      optional_whole(r, "maxPodsPrefixDelegation", positive, "Pods with prefix delegation.");
  t.allocatable_cpu_milli =
      optional_whole(r, "allocatableCpuMilli", positive, "Thousandths of a CPU left to pods.");
  t.allocatable_memory = r.optional_bytes("allocatableMemory", "Memory left to pods.");
  t.provenance = read_provenance(r, file);
  if (t.accelerators > 0 && t.accelerator.empty())
    r.problem("accelerator", "is missing, but accelerators is " + std::to_string(t.accelerators));
  if (t.allocatable_memory.value_or(t.memory) > t.memory)
    r.problem("allocatableMemory", "must not exceed memory");
  return t;
}

GpuSpec read_gpu(Reader& r, const Provenance& file) {
  GpuSpec g;
  g.name = r.text("name", "Name instance types refer to.");
  g.aliases = r.texts("aliases", "Other spellings.");
  g.vendor = r.text("vendor", "Vendor.");
  g.architecture = r.text("architecture", "", "Architecture and chip.");
  g.sm_count = optional_whole(r, "smCount", positive, "Streaming multiprocessors or cores.");
  g.boost_clock_mhz = r.optional_number("boostClockMHz", {.min = 1, .max = 1e5}, "Clock in MHz.");
  g.l2 = r.optional_bytes("l2", "Second-level cache.");
  g.memory = r.bytes("memory", "Device memory as marketed.");
  g.device_memory = r.optional_bytes("deviceMemory", "Device memory as the driver reports it.");
  g.memory_bandwidth = r.bandwidth("memoryBandwidth", "Device memory bandwidth.");
  g.fp64 = r.optional_flop_rate("fp64", "Dense peak.");
  g.fp32 = r.optional_flop_rate("fp32", "Dense peak.");
  g.tf32 = r.optional_flop_rate("tf32", "Dense peak.");
  g.fp16 = r.optional_flop_rate("fp16", "Dense peak, accumulating in fp32.");
  g.bf16 = r.optional_flop_rate("bf16", "Dense peak.");
  g.fp8 = r.optional_flop_rate("fp8", "Dense peak.");
  g.int8 = r.optional_flop_rate("int8", "Dense peak, operations per second.");
  g.fp4 = r.optional_flop_rate("fp4", "Dense peak.");
  g.nvlink = r.optional_bandwidth("nvlink", "Links to its peers, both directions added.");
  g.pcie_generation = optional_whole(r, "pcieGeneration", {.min = 1, .max = 10}, "PCI Express.");
  g.tdp_watts = r.optional_number("tdpWatts", {.min = 1, .max = 1e5}, "Power limit in watts.");
  g.provenance = read_provenance(r, file);
  if (!r.describing() && g.memory_bandwidth.bytes_per_second() <= 0)
    r.problem("memoryBandwidth", "must be more than zero");
  return g;
}

LanguageModel read_language_model(Reader& r, const Provenance& file) {
  LanguageModel m;
  m.name = r.text("name", "Name scenarios refer to.");
  m.aliases = r.texts("aliases", "Other spellings.");
  m.family = r.text("family", "", "Family, for listings.");
  m.layers = whole(r, "layers", positive, "Transformer layers.");
  m.hidden = whole(r, "hidden", positive, "Width of the residual stream.");
  m.heads = whole(r, "heads", positive, "Query heads.");
  m.kv_heads = whole(r, "kvHeads", positive, "Key-value heads.");
  m.head_dim = whole(r, "headDim", positive, "Width of a head.");
  m.ffn_hidden = whole(r, "ffnHidden", not_negative, "Inner width of a dense MLP.");
  m.gated_mlp = r.boolean("gatedMlp", false, "Three matrices (SwiGLU, GeGLU) instead of two.");
  m.vocab = whole(r, "vocab", positive, "Vocabulary.");
  m.tied_embeddings = r.boolean("tiedEmbeddings", false, "Output shares the input embedding.");
  m.max_position = optional_whole(r, "maxPosition", positive, "Longest sequence.");
  r.optional_object("moe", "Mixture of experts.", [&](Reader& moe) {
    m.experts = whole(moe, "experts", positive, "Routed experts of a layer.");
    m.top_k = whole(moe, "topK", positive, "Routed experts a token uses.");
    m.shared_experts = whole(moe, "sharedExperts", 0, not_negative, "Experts all tokens use.");
    m.moe_ffn_hidden = whole(moe, "ffnHidden", positive, "Inner width of an expert.");
    m.first_dense_layers =
        whole(moe, "firstDenseLayers", 0, not_negative, "Dense layers at the start.");
    m.moe_every = whole(moe, "every", 1, positive, "Every so many-th layer after them.");
    if (!moe.describing() && m.top_k > m.experts) moe.problem("topK", "must not exceed experts");
  });
  r.optional_object("mla", "Multi-head latent attention.", [&](Reader& mla) {
    m.q_lora_rank = whole(mla, "qLoraRank", 0, not_negative, "0: queries are not compressed.");
    m.kv_lora_rank = whole(mla, "kvLoraRank", positive, "Rank of the latent.");
    m.qk_nope_head_dim = whole(mla, "qkNopeHeadDim", positive, "Per head, without rotation.");
    m.qk_rope_head_dim = whole(mla, "qkRopeHeadDim", not_negative, "Per head, rotated.");
    m.v_head_dim = whole(mla, "vHeadDim", positive, "Per head, values.");
  });
  m.sliding_window = whole(r, "slidingWindow", 0, not_negative, "Tokens; 0: none.");
  m.qkv_bias = r.boolean("qkvBias", false, "Biases on query, key and value.");
  m.linear_bias = r.boolean("linearBias", false, "Biases on the other matrices and norms.");
  m.learned_positions = r.boolean("learnedPositions", false, "A learned vector per position.");
  m.norms_per_layer = whole(r, "normsPerLayer", 2, not_negative, "Norms of a layer.");
  m.published_parameters = r.optional_count("publishedParameters", "Size its publisher prints.");
  m.provenance = read_provenance(r, file);
  if (r.describing()) return m;
  if (m.kv_heads > 0 && m.heads % m.kv_heads != 0)
    r.problem("kvHeads", "must divide heads, " + std::to_string(m.heads));
  if (m.learned_positions && !m.max_position)
    r.problem("maxPosition", "is required with learnedPositions");
  return m;
}

DiffusionModel read_diffusion_model(Reader& r, const Provenance& file) {
  DiffusionModel m;
  m.name = r.text("name", "Name scenarios refer to.");
  m.aliases = r.texts("aliases", "Other spellings.");
  m.native_pixels = whole(r, "nativePixels", positive, "Edge of the image.");
  m.latent_height = whole(r, "latentHeight", positive, "Rows of the latent.");
  m.latent_width = whole(r, "latentWidth", positive, "Columns of the latent.");
  m.latent_channels = whole(r, "latentChannels", positive, "Channels of the latent.");
  m.backbone = r.text("backbone", "\"U-Net\", \"DiT\", \"MMDiT\".");
  m.parameters = r.count("parameters", "Parameters of the backbone.");
  m.forward_flops = flops(r.count("forwardFlops", "One image, one pass of the backbone."));
  m.text_encoders = r.text("textEncoders", "", "Encoders of the prompt.");
  m.text_encoder_parameters =
      r.optional_count("textEncoderParameters", "All of them together.").value_or(0);
  m.text_tokens = whole(r, "textTokens", 0, not_negative, "Tokens of the prompt.");
  m.vae_encoder_parameters = r.count("vaeEncoderParameters", "Image to latent.");
  m.vae_decoder_parameters = r.count("vaeDecoderParameters", "Latent to image.");
  if (const auto work = r.optional_count("vaeDecodeFlops", "Decoding one latent."))
    m.vae_decode_flops = flops(*work);
  m.provenance = read_provenance(r, file);
  return m;
}

PriceReading read_price(Reader& r, const Provenance& file) {
  PriceReading reading;
  PriceRow& p = reading.row;
  p.item = r.text("item", "Instance type or service item, \"ebs-gp3\".");
  p.region = r.text("region", "\"us-east-1\", or a zone of it, \"us-east-1/use1-az2\".");
  const std::string purchase = r.choice("purchase", {"none", "on-demand", "spot", "capacity-block"},
                                        "none", "How an instance is bought; none: a service.");
  p.purchase = purchase == "none" ? "" : purchase;
  p.unit = r.text("unit", "What one price buys, \"instance-hour\", \"GB-month\".");
  const auto usd = r.optional_money("usd", "Price of one unit; null or absent: unknown.");
  p.usd = usd.value_or(Money{});
  reading.known = usd.has_value();
  p.date = date(r, "date", r.text("date", "Day the price was seen to hold, like 2026-07-20."));
  p.provenance = read_provenance(r, file);
  return reading;
}

SpotAdvice read_spot_advice(Reader& r, const Provenance& file) {
  SpotAdvice a;
  a.instance_type = r.text("instanceType", "EC2 instance type.");
  a.region = r.text("region", "Region.");
  constexpr json::NumberRange share{.min = 0, .max = 1};
  a.interruption_low = r.ratio("interruptionLow", share, "Least share interrupted in the month.");
  a.interruption_high = r.ratio("interruptionHigh", share, "Most.");
  a.savings = r.ratio("savings", share, "Discount on the on-demand price.");
  a.date = date(r, "date", r.text("date", "Day of the advice."));
  a.provenance = read_provenance(r, file);
  if (!r.describing() && a.interruption_low > a.interruption_high)
    r.problem("interruptionLow", "must not exceed interruptionHigh");
  return a;
}

} // namespace windtunnel::catalog
