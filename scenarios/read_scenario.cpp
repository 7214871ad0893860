#include "scenarios/read_scenario.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace windtunnel::scenarios {
namespace {

using json::Reader;
constexpr json::IntegerRange positive{.min = 1, .max = 1'000'000'000};
constexpr json::IntegerRange parallel{.min = 1, .max = 1'000'000};

/// A duration that may be absent but not zero.
std::optional<Time> positive_time(Reader& r, std::string_view name, std::string_view doc) {
  const std::optional<Time> time = r.optional_time(name, doc);
  if (time && *time <= Time{}) r.problem(name, "must be above zero, got \"0s\"");
  return time;
}

double read_work(Reader& r, std::string_view name, std::string_view doc) {
  const std::optional<double> count = r.optional_count(name, doc);
  if (count && !(*count >= 1 && *count <= most_work))
    r.problem(name, fmt::format("must be in [1, {:g}], got {:g}", most_work, *count));
  return count.value_or(0);
}

Purchase read_purchase(Reader& r) {
  Purchase p;
  const auto price = [&](Reader& o) {
    p.price = o.optional_price("price", "Price of one instance-hour, in place of the catalog's.");
  };
  const auto reserved = [&](Reader& o) {
    price(o);
    p.discount = o.ratio("discount", {.min = 0, .max = 1},
                         "Share taken off the on-demand price (a savings plan or private rate).");
  };
  const auto block = [&](Reader& o) {
    price(o);
    p.block_days = static_cast<int>(
        o.integer("days", {.min = 1, .max = 182},
                  "Length of one capacity block, paid in full; 1 to 14, then multiples of 7."));
    const bool whole_weeks = p.block_days % 7 == 0;
    if (!o.describing() && p.block_days > 14 && !whole_weeks)
      o.problem("days", "must be 1 to 14 or a multiple of 7 up to 182, got " +
                            std::to_string(p.block_days));
  };
  p.kind = r.variant(
      "kind", "How the instances are bought.",
      {{"on-demand", price}, {"spot", price}, {"reserved", reserved}, {"capacity-block", block}});
  return p;
}

NodePool read_node_pool(Reader& r) {
  NodePool p;
  p.name = r.text("name", "Name that workloads refer to.");
  p.instance_type = r.text("instanceType", "EC2 instance type, \"p5.48xlarge\".");
  p.count = static_cast<int>(
      r.integer("count", {.min = 1, .max = 100'000}, "Nodes that workloads may use."));
  p.spares = static_cast<int>(r.integer("spares", 0, {.min = 0, .max = 10'000},
                                        "Nodes kept ready beside them to replace failed ones."));
  p.zones = r.texts("zones", "Availability zone, one of the region; empty lets EC2 choose. Nodes "
                             "of a pool lie in one zone.");
  r.object("purchase", "How the instances are bought; costs money, so there is no default.",
           [&](Reader& o) { p.purchase = read_purchase(o); });
  r.optional_object("image", "The container image every node pulls.", [&](Reader& o) {
    p.image = o.bytes("size", gibibytes(20), "Compressed size in the registry.");
    p.image_pull = o.choice("pull", {"full", "soci", "prefetched"}, "full",
                            "full: the whole image before start; soci: lazy loading; prefetched: "
                            "already on the machine image or volume.");
  });
  return p;
}

Storage read_storage(Reader& r) {
  Storage s;
  s.name = r.text("name", "Name that checkpoints refer to.");
  const auto price = [&](Reader& o) {
    s.price =
        o.optional_money("pricePerGBMonth", "Price of one GB-month, in place of the catalog's.");
  };
  const auto lustre = [&](Reader& o) {
    s.tier = o.choice(
        "tier",
        {"scratch", "persistent-125", "persistent-250", "persistent-500", "persistent-1000"},
        "Throughput tier: MB/s per TiB provisioned.");
    s.capacity = o.bytes("capacity", "Provisioned capacity; sets throughput and price.");
    price(o);
  };
  const auto s3 = [&](Reader& o) {
    s.tier = "standard";
    price(o);
  };
  s.kind = r.variant("kind", "Storage service.", {{"fsx-lustre", lustre}, {"s3", s3}});
  return s;
}

training::ParallelismPlan read_plan(Reader& r) {
  training::ParallelismPlan p;
  const auto size = [&](std::string_view name, std::string_view doc) {
    return static_cast<int>(r.integer(name, 1, parallel, doc));
  };
  p.tensor = size("tensor", "Tensor-parallel size (TP).");
  p.pipeline = size("pipeline", "Pipeline-parallel size (PP).");
  p.virtual_stages = size("virtualStages", "Model chunks per pipeline rank (interleaved 1F1B).");
  p.context = size("context", "Context-parallel size (CP).");
  p.expert = size("expert", "Expert-parallel size (EP), inside data parallel.");
  p.micro_batch = size("microBatch", "Sequences (images) of one micro-batch on one replica.");
  const std::string sharding =
      r.choice("sharding", {"none", "zero1", "zero2", "zero3", "fsdp"}, "zero1",
               "What data-parallel ranks shard: optimizer state (zero1), gradients too (zero2), "
               "weights too (zero3, fsdp).");
  p.sharding = sharding == "none"    ? training::Sharding::none
               : sharding == "zero1" ? training::Sharding::zero1
               : sharding == "zero2" ? training::Sharding::zero2
                                     : training::Sharding::fsdp;
  p.sharding_group = static_cast<int>(
      r.integer("shardingGroup", 0, {.min = 0, .max = 1'000'000},
                "Ranks the state is sharded over (HSDP); 0 means all data-parallel ranks."));
  const std::string recompute = r.choice("recompute", {"none", "selective", "full"}, "none",
                                         "Activations computed again in the backward pass.");
  p.recompute = recompute == "none"        ? training::Recompute::none
                : recompute == "selective" ? training::Recompute::selective
                                           : training::Recompute::full;
  const std::string dtype = r.choice("dtype", {"bf16", "fp16", "fp8", "mxfp8", "tf32", "fp32"},
                                     "bf16", "Precision of matrix work.");
  p.dtype = catalog::parse_dtype(dtype).value_or(catalog::Dtype::bf16);
  p.sequence_parallel =
      r.boolean("sequenceParallel", true, "Megatron's sequence parallelism, with tensor > 1.");
  return p;
}

CheckpointPolicy read_checkpoint(Reader& r) {
  CheckpointPolicy c;
  c.every = positive_time(r, "every",
                          "Time between checkpoints; absent: the optimum for the "
                          "expected failure rate.");
  c.to = r.text("to", "Name of the storage they go to.");
  c.mode = r.choice("mode", {"blocking", "async"}, "blocking",
                    "blocking: training waits for the write; async: only for the copy to host "
                    "memory.");
  c.keep = static_cast<int>(
      r.integer("keep", 3, {.min = 1, .max = 10'000}, "Checkpoints kept on the storage."));
  return c;
}

void read_training_fields(Reader& r, TrainingWorkload& w) {
  w.name = r.text("name", "Name of the run.");
  w.model = r.text("model", "Model of the catalog, \"llama-3.1-70b\".");
  w.framework = r.choice("framework", {"megatron-core", "fsdp", "deepspeed", "megatron-2021"},
                         "megatron-core",
                         "Software stack, for its defaults and overlaps. Diffusion "
                         "models run on fsdp, which is their default.");
  if (r.has("images") && !r.has("framework")) w.framework = "fsdp";
  w.node_pool = r.text("nodePool", "Node pool it runs on.");
  if (const auto nodes =
          r.optional_integer("nodes", positive, "Nodes of the pool it takes; absent: all."))
    w.nodes = static_cast<int>(*nodes);
  w.tokens = read_work(r, "tokens", "Tokens to train on (language models), \"1.5T\".");
  w.images = read_work(r, "images", "Images to train on (diffusion models).");
  if (!r.describing() && r.has("tokens") == r.has("images"))
    r.problem("", "give exactly one of 'tokens' (language models) and 'images' (diffusion models)");
  w.sequence_length =
      static_cast<int>(r.integer("sequenceLength", 0, {.min = 0, .max = 100'000'000},
                                 "Tokens per sequence (language models)."));
  w.global_batch = static_cast<int>(
      r.integer("globalBatch", positive, "Sequences (images) of one optimizer step."));
  w.pixels = static_cast<int>(r.integer("pixels", 0, {.min = 0, .max = 16384},
                                        "Image side in pixels (diffusion); 0: the model's own."));
  w.precomputed_latents = r.boolean("precomputedLatents", false,
                                    "Latents and text embeddings were computed beforehand "
                                    "(diffusion).");
  r.optional_object("plan", "How the model is laid over the GPUs.",
                    [&](Reader& o) { w.plan = read_plan(o); });
  r.object("checkpoint", "Checkpoint policy.",
           [&](Reader& o) { w.checkpoint = read_checkpoint(o); });
  w.step_time = positive_time(r, "stepTime", "Step time measured by you; replaces the step model.");
}

Failures read_failures(Reader& r) {
  Failures f;
  f.profile = r.text("profile", "published-prior",
                     "Failure profile of the catalog: \"llama3-h100\", \"published-prior\", "
                     "\"none\".");
  f.rate_multiplier = r.number("rateMultiplier", 1, {.min = 0, .max = 1e6},
                               "Multiplies every rate of the profile.");
  f.prior = r.boolean("prior", true,
                      "Draw the fleet's uncertain failure rate once per replication; false: the "
                      "profile's median throughout.");
  f.law = r.variant("law", "exponential", "Law of the times between failures.",
                    {{"exponential", [](Reader&) {}},
                     {"weibull", [&](Reader& o) {
                        f.weibull_shape = o.number("shape", {.min = 0.1, .max = 10},
                                                   "Weibull shape; below 1: infant mortality.");
                      }}});
  return f;
}

} // namespace

const NodePool* Scenario::node_pool(const std::string& pool_name) const {
  for (const NodePool& pool : node_pools)
    if (pool.name == pool_name) return &pool;
  return nullptr;
}

const Storage* Scenario::storage_named(const std::string& storage_name) const {
  for (const Storage& item : storage)
    if (item.name == storage_name) return &item;
  return nullptr;
}

Scenario read_scenario(Reader& r) {
  Scenario s;
  s.name = r.text("name", "Name of the scenario; heads the report.");
  s.region = r.text("region", "AWS region, \"us-east-1\"; decides prices.");
  s.start = r.optional_instant("start", "When the cluster is asked for, UTC; without it the report "
                                        "speaks of durations.");
  r.object("cluster", "The EKS cluster.", [&](Reader& c) {
    c.optional_object("controlPlane", "The Kubernetes control plane.", [&](Reader& o) {
      o.variant("kind", "eks", "Who runs it.",
                {{"eks", [&](Reader& e) {
                    s.control_plane_tier =
                        e.choice("tier", {"standard", "extended"}, "standard",
                                 "Kubernetes version support, decides its price.");
                    s.control_plane_price = e.optional_price("price", "Price of one cluster-hour.");
                  }}});
    });
    c.objects("nodePools", 1, "Groups of equal nodes.",
              [&](Reader& o) { s.node_pools.push_back(read_node_pool(o)); });
    c.objects("storage", 0, "File systems and buckets.",
              [&](Reader& o) { s.storage.push_back(read_storage(o)); });
  });
  r.objects("workloads", 1, "What runs on the cluster.", [&](Reader& o) {
    TrainingWorkload w;
    o.variant("kind", "Kind of workload.",
              {{"TrainingJob", [&](Reader& t) { read_training_fields(t, w); }}});
    s.workloads.push_back(std::move(w));
  });
  r.optional_object("failures", "What breaks, how often.",
                    [&](Reader& o) { s.failures = read_failures(o); });
  r.optional_object("goals", "What the report gives probabilities for.", [&](Reader& o) {
    s.goals.deadline = o.optional_time("deadline", "Time from start to the last workload's end.");
    s.goals.budget = o.optional_money("budget", "Whole bill.");
  });
  r.optional_object("run", "How the simulation is run.", [&](Reader& o) {
    s.replications = static_cast<int>(
        o.integer("replications", 200, {.min = 1, .max = 1'000'000}, "Independent replications."));
    s.seed =
        static_cast<std::uint64_t>(o.integer("seed", 1, {.min = 0}, "Seed of all random streams."));
  });
  return s;
}

json::Document load_document(const std::string& path, const std::vector<Setting>& settings) {
  // A chain of bases longer than this is a loop.
  constexpr int max_extends = 16;
  json::Document document = json::parse_file(path);
  std::filesystem::path file = path;
  for (int depth = 0;; ++depth) {
    const std::optional<std::string> base = json::string_at(document, "/extends");
    if (!base) {
      const auto given = json::read_partly(document, [](Reader& r) { return r.has("extends"); });
      if (given.value.value_or(false))
        throw InputError("scenario", {{"/extends", "must be a string, the name of a file"}});
      break;
    }
    if (depth == max_extends)
      throw InputError("scenario",
                       {{"/extends", "more than 16 files deep: does it extend itself?"}});
    file = file.parent_path() / *base;
    const json::Document patch = json::without(document, "extends");
    document = json::merge(json::parse_file(file.string()), patch);
  }
  for (const Setting& setting : settings)
    document = json::set(document, setting.first, setting.second);
  return document;
}

Scenario load_scenario(const std::string& path, const std::vector<Setting>& settings) {
  return json::read(load_document(path, settings), "scenario", read_scenario);
}

json::Schema scenario_schema() {
  return json::describe([](Reader& r) { read_scenario(r); });
}

} // namespace windtunnel::scenarios
