#include "cases.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

namespace windtunnel::calibration {
namespace {

using Sizes = std::vector<std::int64_t>;

/// Collects cases; a case asked for twice keeps its most valuable group.
class List {
public:
  void add(Case c) {
    const auto [found, fresh] = index_.emplace(c.key(), cases_.size());
    if (fresh) {
      cases_.push_back(std::move(c));
    } else {
      Case& known = cases_[found->second];
      known.group = std::min(known.group, c.group);
      known.quick = known.quick || c.quick;
    }
  }
  std::vector<Case> take() { return std::move(cases_); }

private:
  std::vector<Case> cases_;
  std::map<std::string, std::size_t> index_;
};

Case make(Group group, std::string op, std::string variant, std::string dtype, Shape shape,
          bool quick = false, Cache cache = Cache::cold) {
  return {std::move(op),
          std::move(variant),
          std::move(dtype),
          std::move(shape),
          cache,
          Split::grid,
          group,
          quick};
}

// ---- matrix products -----------------------------------------------------------------------

/// What a transformer's layer multiplies by: outputs n by inputs k.
struct Site {
  std::int64_t n, k;
};

/// The shapes a dense model is made of, by its published configuration.
struct Dense {
  std::int64_t hidden, heads, kv_heads, head_dim, ffn, vocab;
};
constexpr Dense llama_1b{2048, 32, 8, 64, 8192, 128256};
constexpr Dense llama_8b{4096, 32, 8, 128, 14336, 128256};
constexpr Dense llama_13b{5120, 40, 40, 128, 13824, 32000};
constexpr Dense codellama_34b{8192, 64, 8, 128, 22016, 32000};
constexpr Dense llama_70b{8192, 64, 8, 128, 28672, 128256};
constexpr Dense gpt3_175b{12288, 96, 96, 128, 49152, 50257};
constexpr Dense llama_405b{16384, 128, 8, 128, 53248, 128256};

/// Column-parallel QKV, up (gate and up in one) and lm_head; row-parallel output and down.
std::vector<Site> sites_of(const Dense& d, std::int64_t tensor_parallel) {
  const std::int64_t tp = tensor_parallel;
  const std::int64_t kv = std::max<std::int64_t>(d.kv_heads / tp, 1);
  return {{(d.heads / tp + 2 * kv) * d.head_dim, d.hidden},
          {d.hidden, d.heads / tp * d.head_dim},
          {2 * d.ffn / tp, d.hidden},
          {d.hidden, d.ffn / tp}};
}

Site lm_head_of(const Dense& d, std::int64_t tensor_parallel) {
  return {(d.vocab + tensor_parallel - 1) / tensor_parallel, d.hidden};
}

/// Both sides of the edges of tiles of 16, 32, 64 and 128 rows.
const Sizes edge_m{1,   2,   4,   8,   16,  17,  32,  33,   48,   64,   65,   96,  128,
                   129, 192, 256, 257, 384, 512, 768, 1024, 1536, 2048, 4096, 8192};
const Sizes coarse_m{1, 8, 16, 32, 64, 65, 128, 129, 256, 512, 1024, 2048, 4096, 8192};

Case gemm(Group group, std::string variant, std::string dtype, std::int64_t m, Site site,
          bool quick = false) {
  return make(group, "gemm", std::move(variant), std::move(dtype),
              {{"m", m}, {"n", site.n}, {"k", site.k}}, quick);
}

/// splitmix64: a few repeatable draws for shapes; nothing here is simulated.
class Draws {
public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}
  double uniform() {
    state_ += 0x9e3779b97f4a7c15ull;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return double((z ^ (z >> 31)) >> 11) * 0x1p-53;
  }
  /// Log-uniform in [low, high], a multiple of `step`.
  std::int64_t size(double low, double high, std::int64_t step) {
    const double drawn = low * std::pow(high / low, uniform());
    return std::max<std::int64_t>(std::llround(drawn / double(step)), 1) * step;
  }

private:
  std::uint64_t state_;
};

void add_gemms(List& list) {
  // Serving and the forward pass of training.
  for (const Dense& d : {llama_8b, llama_70b})
    for (const std::int64_t tp : {1, 2, 4, 8})
      for (const Site& site : sites_of(d, tp))
        for (const std::int64_t m : coarse_m)
          list.add(gemm(Group::models, "tn", "bf16", m, site, tp == (d.hidden == 4096 ? 1 : 8)));
  for (const auto& [d, splits] : std::vector<std::pair<Dense, Sizes>>{{llama_1b, {1, 2}},
                                                                      {llama_13b, {1, 2, 4}},
                                                                      {codellama_34b, {2, 4, 8}},
                                                                      {gpt3_175b, {8}},
                                                                      {llama_405b, {8}}})
    for (const std::int64_t tp : splits)
      for (const Site& site : sites_of(d, tp))
        for (const std::int64_t m : {1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192})
          list.add(gemm(Group::models, "tn", "bf16", m, site));
  for (const auto& [d, tp] : std::vector<std::pair<Dense, std::int64_t>>{
           {llama_1b, 1}, {llama_8b, 1}, {llama_70b, 4}, {llama_70b, 8}, {gpt3_175b, 8}})
    for (const std::int64_t m : {1, 16, 64, 256, 2048})
      list.add(gemm(Group::models, "tn", "bf16", m, lm_head_of(d, tp), m == 64));
  // The backward pass: inputs' gradient (nn: the weights as they lie) and weights' (nt: both sides
  // summed over the tokens, which are k).
  for (const auto& [d, tp] : std::vector<std::pair<Dense, std::int64_t>>{
           {llama_8b, 1}, {llama_70b, 4}, {llama_70b, 8}, {gpt3_175b, 8}})
    for (const Site& site : sites_of(d, tp))
      for (const std::int64_t tokens : {1024, 2048, 4096, 8192}) {
        const bool quick = tokens == 4096 && d.hidden == 4096;
        list.add(gemm(Group::models, "nn", "bf16", tokens, {site.k, site.n}, quick));
        list.add(gemm(Group::models, "nt", "bf16", site.n, {site.k, tokens}, quick));
      }
  for (const Dense& d : {llama_8b, llama_70b})
    for (const std::int64_t tp : {1, 2, 4, 8})
      for (const Site& site : sites_of(d, tp))
        for (const std::int64_t m : {16, 64, 128, 256, 512, 2048, 8192})
          list.add(gemm(Group::models, "tn", "fp8_e4m3", m, site, tp == 1 && d.hidden == 4096));

  // The rest: every m, more models and splits, other formats, skinny and log-random shapes.
  for (const Dense& d : {llama_1b, llama_8b, llama_13b, codellama_34b, llama_70b, llama_405b})
    for (const std::int64_t tp : {1, 2, 4, 8})
      for (const Site& site : sites_of(d, tp))
        for (const std::int64_t m : {1, 4, 17, 33, 48, 96, 192, 257, 384, 768, 1536, 3072})
          list.add(gemm(Group::rest, "tn", "bf16", m, site));
  for (const Site& site : sites_of(llama_8b, 1))
    for (const std::int64_t m : edge_m) list.add(gemm(Group::rest, "tn", "bf16", m, site));
  for (const Site& site : sites_of(llama_8b, 1))
    for (const std::int64_t m : {1, 16, 64, 128, 512, 2048, 8192}) {
      list.add(gemm(Group::rest, "tn", "fp16", m, site));
      list.add(gemm(Group::rest, "tn", "tf32", m, site));
    }
  for (const Dense& d : {llama_13b, llama_70b, llama_405b})
    for (const Site& site : sites_of(d, 4))
      for (const std::int64_t m : {16, 32, 64, 96, 128, 256, 512, 1024, 2048, 4096})
        list.add(gemm(Group::rest, "tn", "fp8_e4m3", m, site));
  for (const std::int64_t k : {64, 128, 256})
    for (const std::int64_t n : {128, 1024, 8192, 32768})
      for (const std::int64_t m : {16, 128, 1024, 8192})
        list.add(gemm(Group::rest, "tn", "bf16", m, {n, k}));
  Draws draws(20260101);
  for (int i = 0; i < 24; ++i) {
    const Site site{draws.size(256, 32768, 8), draws.size(256, 32768, 8)};
    for (const std::int64_t m : {1, 16, 33, 128, 512, 1024, 4096, 16384})
      list.add(gemm(Group::rest, "tn", "bf16", m, site));
  }
}

void add_grouped_gemms(List& list) {
  struct Experts {
    std::int64_t experts, top_k, hidden, ffn;
    Group group;
  };
  const std::vector<Experts> layers{{8, 2, 4096, 14336, Group::models},  // Mixtral 8x7B
                                    {128, 8, 4096, 1536, Group::models}, // Qwen3 235B
                                    {64, 6, 2048, 1408, Group::rest},    // DeepSeek V2 Lite
                                    {32, 8, 7168, 2048, Group::rest}};   // DeepSeek V3 over 8
  for (const Experts& e : layers)
    for (const std::int64_t tokens : {16, 128, 1024, 8192})
      for (const std::int64_t skew : {0, 50, 100})
        for (const Site& site : {Site{2 * e.ffn, e.hidden}, Site{e.hidden, e.ffn}})
          list.add(make(skew == 50 ? Group::rest : e.group, "grouped_gemm", "cublas_grouped",
                        "bf16",
                        {{"experts", e.experts},
                         {"assignments", tokens * e.top_k},
                         {"skew", skew},
                         {"n", site.n},
                         {"k", site.k}},
                        e.experts == 8 && tokens == 1024 && skew != 50));
}

// ---- attention -----------------------------------------------------------------------------

struct Heads {
  std::int64_t q, kv, dim;
};

Case attention(Group group, std::string op, std::string variant, std::int64_t batch,
               std::int64_t q_len, std::int64_t kv_len, Heads h, bool quick = false) {
  return make(group, std::move(op), std::move(variant), "bf16",
              {{"batch", batch},
               {"q_len", q_len},
               {"kv_len", kv_len},
               {"heads", h.q},
               {"kv_heads", h.kv},
               {"head_dim", h.dim}},
              quick);
}

void add_attention(List& list) {
  const Heads eight_b{32, 8, 128}, seventy_tp4{16, 2, 128}, seventy_tp8{8, 1, 128},
      mha{32, 32, 128}, small{32, 8, 64};
  // Prefill from nothing and in chunks after a history; training forward and backward.
  for (const Heads& h : {eight_b, seventy_tp8})
    for (const std::int64_t s : {128, 256, 512, 1024, 2048, 4096, 8192, 16384}) {
      const bool quick = h.kv == 8;
      list.add(
          attention(Group::models, "attention_forward", "cudnn_infer_causal", 1, s, s, h, quick));
    }
  for (const Heads& h : {eight_b, seventy_tp8})
    for (const std::int64_t chunk : {512, 2048})
      for (const std::int64_t history : {1024, 4096, 16384, 65536})
        list.add(attention(Group::models, "attention_forward", "cudnn_infer_causal", 1, chunk,
                           history + chunk, h, h.kv == 8 && chunk == 512));
  for (const Heads& h : {eight_b, seventy_tp4, mha})
    for (const std::int64_t s : {1024, 2048, 4096, 8192})
      for (const std::int64_t b : {1, 4}) {
        if (b * s > 16384) continue;
        const bool quick = h.kv == 8 && b == 1;
        list.add(
            attention(Group::models, "attention_forward", "cudnn_train_causal", b, s, s, h, quick));
        list.add(attention(Group::models, "attention_backward", "cudnn_causal", b, s, s, h, quick));
      }
  // Diffusion: no mask, few heads, many tokens; and a text's 77 keys.
  for (const std::int64_t b : {2, 8}) {
    for (const auto& [tokens, heads] :
         std::vector<std::pair<std::int64_t, std::int64_t>>{{4096, 10}, {1024, 20}, {256, 20}}) {
      const Heads h{heads, heads, 64};
      list.add(attention(Group::models, "attention_forward", "cudnn_infer_full", b, tokens, tokens,
                         h, b == 2));
      list.add(attention(Group::models, "attention_forward", "cudnn_infer_full", b, tokens, 77, h));
    }
    list.add(attention(Group::models, "attention_forward", "cudnn_infer_full", b, 4608, 4608,
                       {24, 24, 128})); // FLUX.1 at 1024 pixels with 512 tokens of text
  }
  for (const Heads& h : {small, mha, seventy_tp4})
    for (const std::int64_t s : {129, 512, 1536, 3072, 32768})
      for (const std::int64_t b : {1, 2, 16}) {
        if (b * s > 32768) continue;
        list.add(attention(Group::rest, "attention_forward", "cudnn_infer_causal", b, s, s, h));
        if (s <= 8192) {
          list.add(attention(Group::rest, "attention_forward", "cudnn_train_causal", b, s, s, h));
          list.add(attention(Group::rest, "attention_backward", "cudnn_causal", b, s, s, h));
        }
      }
}

void add_decode(List& list) {
  const auto decode = [&list](Group group, const char* variant, std::int64_t batch,
                              std::int64_t mean, std::int64_t max, std::int64_t long_ones, Heads h,
                              bool quick = false) {
    list.add(make(group, "decode_attention", variant, "bf16",
                  {{"batch", batch},
                   {"kv_mean", mean},
                   {"kv_max", max},
                   {"long", long_ones},
                   {"heads", h.q},
                   {"kv_heads", h.kv},
                   {"head_dim", h.dim},
                   {"page", 16}},
                  quick));
  };
  const Heads eight_b{32, 8, 128}, seventy_tp4{16, 2, 128}, seventy_tp8{8, 1, 128},
      small{32, 8, 64};
  for (const char* variant : {"cudnn_paged", "split_kv"}) {
    const bool cudnn = variant[0] == 'c';
    for (const Heads& h : {eight_b, seventy_tp8})
      for (const std::int64_t batch : {1, 4, 16, 64, 256})
        for (const std::int64_t kv : {128, 512, 2048, 8192, 32768})
          if (batch * kv <= 1 << 21)
            decode(cudnn || h.kv == 8 ? Group::models : Group::rest, variant, batch, kv, kv, 0, h,
                   h.kv == 8 && kv != 8192);
    // Skewed: a share of long sequences, each a multiple of the mean.
    for (const std::int64_t batch : {16, 64})
      for (const std::int64_t mean : {512, 2048})
        for (const auto& [ratio, share] : std::vector<std::pair<double, double>>{
                 {1.5, 0.5}, {2, 0.25}, {4, 0.0625}, {4, 0.1875}, {8, 0.0625}}) {
          const auto long_ones = std::llround(share * double(batch));
          decode(cudnn ? Group::models : Group::rest, variant, batch, mean,
                 std::llround(ratio * double(mean)), long_ones, eight_b, mean == 2048);
        }
    for (const Heads& h : {small, seventy_tp4})
      for (const std::int64_t batch : {2, 8, 32, 128, 512})
        for (const std::int64_t kv : {64, 1024, 4096, 65536})
          if (batch * kv <= 1 << 21) decode(Group::rest, variant, batch, kv, kv, 0, h);
  }
}

// ---- memory-bound operators ----------------------------------------------------------------

/// Activations are often still in the L2: once with rotated buffers, and once hot where the L2 of
/// some GPU may hold them.
void both(List& list, Case c) {
  list.add(c);
  if (work_of(c).bytes > 1 << 26) return;
  c.cache = Cache::hot;
  list.add(std::move(c));
}

void add_memory_bound(List& list) {
  for (const char* op : {"rmsnorm", "layernorm"})
    for (const char* variant : {"forward", "backward"})
      for (const std::int64_t hidden : {2048, 4096, 5120, 8192, 12288, 16384})
        for (const std::int64_t rows : {1, 16, 64, 256, 1024, 4096, 16384}) {
          const bool models =
              (hidden == 4096 || hidden == 8192 || (hidden == 12288 && op[0] == 'l')) &&
              (rows >= 1024 || variant[0] == 'f');
          both(list, make(models ? Group::models : Group::rest, op, variant, "bf16",
                          {{"rows", rows}, {"hidden", hidden}},
                          hidden == 4096 && op[0] == 'r' && rows != 64));
        }
  for (const std::int64_t columns : {1024, 4096, 32000, 128256})
    for (const std::int64_t rows : {1, 64, 1024, 8192})
      both(list, make(columns >= 32000 && rows <= 1024 ? Group::models : Group::rest, "softmax",
                      "forward", "bf16", {{"rows", rows}, {"columns", columns}}, rows == 64));
  for (const char* variant : {"forward", "backward"})
    for (const std::int64_t vocab : {32000, 50304, 128256, 256000})
      for (const std::int64_t rows : {64, 1024, 4096, 8192})
        list.add(make(rows >= 1024 && vocab != 256000 ? Group::models : Group::rest,
                      "cross_entropy", variant, "bf16", {{"rows", rows}, {"vocab", vocab}},
                      rows == 4096 && vocab == 128256));
  for (const Heads& h : {Heads{40, 0, 128}, Heads{10, 0, 128}, Heads{72, 0, 128}, Heads{40, 0, 64}})
    for (const std::int64_t tokens : {1, 16, 64, 256, 1024, 4096, 16384})
      both(list, make(h.q <= 40 && h.dim == 128 ? Group::models : Group::rest, "rope", "neox",
                      "bf16", {{"tokens", tokens}, {"heads", h.q}, {"head_dim", h.dim}},
                      h.q == 40 && h.dim == 128 && tokens >= 1024));
  for (const char* variant : {"add", "silu_mul", "gelu", "cast_to_bf16", "cast_to_fp32"})
    for (int power = 10; power <= 30; power += 2) {
      const bool models = power >= 12 && power <= 28 && variant[0] != 'c';
      const bool cast = variant[0] == 'c';
      Case c = make(models || (cast && power == 28) ? Group::models : Group::rest, "elementwise",
                    variant, "bf16", {{"elements", std::int64_t{1} << power}},
                    power % 4 == 0 && variant[0] == 'a');
      if (power <= 26)
        both(list, c);
      else
        list.add(c);
    }
  for (const std::int64_t hidden : {2048, 4096, 8192})
    for (const std::int64_t tokens : {1, 64, 1024, 8192})
      list.add(make(hidden == 2048 ? Group::rest : Group::models, "embedding", "gather", "bf16",
                    {{"tokens", tokens}, {"hidden", hidden}, {"vocab", 128256}},
                    hidden == 4096 && tokens >= 1024));
  for (const char* variant : {"mixed", "fp32"})
    for (const auto& [elements, tensors] : std::vector<std::pair<std::int64_t, std::int64_t>>{
             {1 << 20, 16}, {1 << 24, 64}, {1 << 28, 64}, {1 << 28, 512}, {1 << 30, 256}})
      list.add(make(variant[0] == 'm' ? Group::models : Group::rest, "adam", variant, "fp32",
                    {{"elements", elements}, {"tensors", tensors}},
                    variant[0] == 'm' && tensors == 64));
  for (const char* dtype : {"bf16", "fp32"})
    for (const auto& [elements, tensors] : std::vector<std::pair<std::int64_t, std::int64_t>>{
             {1 << 20, 16}, {1 << 24, 64}, {1 << 28, 64}, {1 << 30, 256}})
      list.add(make(dtype[0] == 'b' ? Group::models : Group::rest, "grad_norm", "l2", dtype,
                    {{"elements", elements}, {"tensors", tensors}}, dtype[0] == 'b'));
}

// ---- diffusion -----------------------------------------------------------------------------

void add_convolutions(List& list) {
  struct Layer {
    std::int64_t side, in, out, kernel, stride;
    Group group;
  };
  // The U-Nets of Stable Diffusion 1.5/2 (320 to 1280 channels at 64 to 8) and SDXL (128 to 32).
  const std::vector<Layer> layers{
      {128, 320, 320, 3, 1, Group::models},  {64, 640, 640, 3, 1, Group::models},
      {32, 1280, 1280, 3, 1, Group::models}, {64, 320, 320, 3, 1, Group::models},
      {32, 640, 640, 3, 1, Group::models},   {16, 1280, 1280, 3, 1, Group::models},
      {128, 320, 320, 3, 2, Group::models},  {64, 640, 320, 1, 1, Group::models},
      {128, 960, 320, 3, 1, Group::models},  {8, 1280, 1280, 3, 1, Group::rest},
      {16, 2560, 1280, 3, 1, Group::rest},   {256, 256, 256, 3, 1, Group::rest},
      {512, 128, 128, 3, 1, Group::rest},    {128, 512, 512, 3, 1, Group::rest}};
  for (const Layer& l : layers)
    for (const std::int64_t batch : {1, 2, 8})
      for (const char* variant : {"forward", "backward_data", "backward_filter"}) {
        const bool forward = variant[0] == 'f';
        if (!forward && batch == 1) continue;
        list.add(make(forward || batch == 8 ? l.group : Group::rest, "convolution", variant, "bf16",
                      {{"batch", batch},
                       {"height", l.side},
                       {"width", l.side},
                       {"in", l.in},
                       {"out", l.out},
                       {"kernel", l.kernel},
                       {"stride", l.stride}},
                      forward && batch == 2 && l.kernel == 3 && l.in == l.out && l.stride == 1));
      }
  for (const auto& [side, channels] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {128, 320}, {64, 640}, {32, 1280}, {64, 320}, {16, 1280}, {256, 256}})
    for (const std::int64_t batch : {1, 2, 8})
      for (const char* variant : {"forward", "forward_silu"})
        list.add(make(variant[7] == '_' ? Group::models : Group::rest, "group_norm", variant,
                      "bf16",
                      {{"batch", batch},
                       {"height", side},
                       {"width", side},
                       {"channels", channels},
                       {"groups", 32}},
                      batch == 2 && side >= 64));
}

// ---- the machine itself --------------------------------------------------------------------

void add_ceilings(List& list) {
  for (const char* variant : {"kernel", "memcpy"})
    for (const std::int64_t bytes : {std::int64_t{1} << 30, std::int64_t{1} << 32})
      list.add(make(Group::ceilings, "copy_ceiling", variant, "byte", {{"bytes", bytes}}, true));
  for (const char* dtype : {"bf16", "fp16", "tf32", "fp8_e4m3"})
    for (const std::int64_t n : {8192, 16384})
      list.add(make(Group::ceilings, "matrix_ceiling", "tn", dtype, {{"m", n}, {"n", n}, {"k", n}},
                    n == 8192));
  for (const char* variant : {"eager", "eager_host", "graph_node", "graph_launch", "event"})
    list.add(make(Group::ceilings, "launch", variant, "none", {{"kernels", 256}}, true));
  for (const std::int64_t kernels : {1, 16, 1024})
    list.add(make(Group::ceilings, "launch", "graph_launch", "none", {{"kernels", kernels}}, true));
}

void add_copies(List& list) {
  for (const char* variant :
       {"device", "pinned_h2d", "pinned_d2h", "pageable_h2d", "pageable_d2h", "peer", "memset"}) {
    const std::string name = variant;
    const bool host = name.starts_with("p") && name != "peer";
    for (int power = 12; power <= 32; power += 2) {
      if (host && power > 30) continue;
      const bool models =
          (name == "device" || name.starts_with("pinned") || name == "peer") && power % 4 == 0;
      list.add(make(models ? Group::models : Group::rest, "memcpy", name, "byte",
                    {{"bytes", std::int64_t{1} << power}}, models && power != 32));
    }
  }
}

void add_overlap(List& list) {
  for (const auto& [m, n, k] : std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t>>{
           {4096, 4096, 4096}, {8192, 8192, 8192}, {64, 28672, 4096}, {2048, 8192, 3584}})
    for (const std::int64_t blocks : {0, 4, 8, 16, 32})
      list.add(make(m == 4096 || m == 64 ? Group::models : Group::rest, "overlap",
                    "gemm_beside_copy", "bf16", {{"m", m}, {"n", n}, {"k", k}, {"blocks", blocks}},
                    m == 4096 && blocks % 16 == 0));
}

void add_collectives(List& list) {
  for (const char* variant :
       {"all_reduce", "all_gather", "reduce_scatter", "all_to_all", "send_recv"})
    for (const std::int64_t gpus : {2, 4, 8})
      for (int power = 10; power <= 30; power += 2)
        list.add(make(Group::rest, "collective", variant, "bf16",
                      {{"bytes", std::int64_t{1} << power}, {"gpus", gpus}}));
}

/// Deals the operations of a group in turn, so that a run cut short has something of each.
void interleave(std::vector<Case>& cases) {
  std::map<std::pair<Group, std::string>, std::size_t> sizes, seen;
  for (const Case& c : cases) ++sizes[{c.group, c.op}];
  std::vector<std::pair<std::pair<Group, double>, std::size_t>> order;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto of = std::pair(cases[i].group, cases[i].op);
    order.push_back({{of.first, double(seen[of]++) / double(sizes[of])}, i});
  }
  std::sort(order.begin(), order.end());
  std::vector<Case> sorted;
  sorted.reserve(cases.size());
  for (const auto& [place, index] : order) sorted.push_back(std::move(cases[index]));
  cases = std::move(sorted);
}

/// How a size may be varied: in steps of `step`, up to `most` (0: any). Sizes not listed stay.
struct Varied {
  const char* key;
  std::int64_t step, most = 0;
};
const std::vector<Varied>& varied_sizes(const std::string& op) {
  static const std::map<std::string, std::vector<Varied>> sizes{
      {"gemm", {{"m", 1}, {"n", 8}, {"k", 8}}},
      {"grouped_gemm", {{"assignments", 1}}},
      {"attention_forward", {{"kv_len", 1}}},
      {"decode_attention", {{"batch", 1}, {"kv_mean", 1}}},
      {"rmsnorm", {{"rows", 1}, {"hidden", 8, 16384}}},
      {"layernorm", {{"rows", 1}, {"hidden", 8, 16384}}},
      {"softmax", {{"rows", 1}, {"columns", 8}}},
      {"cross_entropy", {{"rows", 1}, {"vocab", 8}}},
      {"rope", {{"tokens", 1}, {"heads", 1}}},
      {"elementwise", {{"elements", 8}}},
      {"embedding", {{"tokens", 1}}},
      {"adam", {{"elements", 4096}}},
      {"grad_norm", {{"elements", 4096}}},
      {"convolution", {{"height", 2}, {"width", 2}}},
      {"group_norm", {{"height", 1}, {"width", 1}}},
      {"memcpy", {{"bytes", 16}}},
  };
  static const std::vector<Varied> none;
  const auto found = sizes.find(op);
  return found == sizes.end() ? none : found->second;
}

/// Each varied size times a log-uniform factor within half an octave either way.
Case vary(const Case& from, Draws& draws) {
  Case c = from;
  c.split = Split::fresh;
  for (const Varied& varied : varied_sizes(c.op)) {
    // Products of eight bits exist for multiples of 16 only.
    const std::int64_t step = c.dtype == "fp8_e4m3" ? 16 : varied.step;
    for (auto& [key, value] : c.shape) {
      if (key != varied.key) continue;
      value = draws.size(double(value) * std::sqrt(0.5), double(value) * std::sqrt(2.0), step);
      if (varied.most > 0) value = std::min(value, varied.most);
    }
  }
  if (c.op == "decode_attention") { // uniform stays uniform, the skewed keep the ratio to the mean
    const double ratio = double(from.at("kv_max")) / double(from.at("kv_mean"));
    const double share = double(from.at("long")) / double(from.at("batch"));
    for (auto& [key, value] : c.shape) {
      if (key == "kv_max") value = std::llround(ratio * double(c.at("kv_mean")));
      if (key == "long") value = static_cast<std::int64_t>(share * double(c.at("batch")));
    }
  }
  if (c.op == "attention_forward" && from.at("q_len") == from.at("kv_len"))
    for (auto& [key, value] : c.shape)
      if (key == "q_len") value = c.at("kv_len");
  if (c.op == "attention_forward" && c.variant.ends_with("causal") &&
      c.at("q_len") > c.at("kv_len"))
    for (auto& [key, value] : c.shape)
      if (key == "kv_len") value = c.at("q_len");
  return c;
}

} // namespace

std::vector<Case> all_cases() {
  List list;
  add_ceilings(list);
  add_gemms(list);
  add_grouped_gemms(list);
  add_attention(list);
  add_decode(list);
  add_memory_bound(list);
  add_convolutions(list);
  add_copies(list);
  add_overlap(list);
  add_collectives(list);
  std::vector<Case> cases = list.take();
  interleave(cases);
  return cases;
}

std::vector<Case> fresh_cases(const std::vector<Case>& grid, double share, std::uint64_t seed) {
  if (!(share > 0 && share <= 1)) throw std::invalid_argument("a share must be in (0, 1]");
  std::set<std::string> taken;
  std::map<std::string, std::vector<const Case*>> by_op;
  for (const Case& c : grid) {
    taken.insert(c.key());
    if (!varied_sizes(c.op).empty()) by_op[c.op].push_back(&c);
  }
  Draws draws(seed);
  std::vector<Case> fresh;
  for (const auto& [op, cases] : by_op) {
    const auto wanted = std::llround(std::ceil(share * double(cases.size())));
    // A draw may fall on the grid (small sizes often do), so try a few times as often.
    for (long long made = 0, tries = 0; made < wanted && tries < 50 * wanted; ++tries) {
      const auto pick = static_cast<std::size_t>(draws.uniform() * double(cases.size()));
      Case c = vary(*cases[pick], draws);
      if (!taken.insert(c.key()).second) continue;
      fresh.push_back(std::move(c));
      ++made;
    }
  }
  interleave(fresh);
  return fresh;
}

} // namespace windtunnel::calibration
