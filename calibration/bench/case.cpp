#include "case.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace windtunnel::calibration {

const char* to_string(Group group) {
  switch (group) {
  case Group::ceilings:
    return "ceilings";
  case Group::models:
    return "models";
  case Group::rest:
    break;
  }
  return "rest";
}

const char* to_string(Cache cache) { return cache == Cache::hot ? "hot" : "cold"; }
const char* to_string(Split split) { return split == Split::fresh ? "fresh" : "grid"; }

std::int64_t Case::at(std::string_view key) const {
  for (const auto& [name, value] : shape)
    if (name == key) return value;
  throw std::out_of_range(op + " has no '" + std::string(key) + "' in its shape");
}

std::string Case::shape_text() const {
  std::string text;
  for (const auto& [name, value] : shape)
    text += (text.empty() ? "" : " ") + name + "=" + std::to_string(value);
  return text;
}

std::string Case::key() const {
  return op + "," + variant + "," + dtype + "," + shape_text() + "," + to_string(cache);
}

double element_bytes(std::string_view dtype) {
  if (dtype == "bf16" || dtype == "fp16") return 2;
  if (dtype == "tf32" || dtype == "fp32") return 4;
  if (dtype == "fp8_e4m3" || dtype == "byte") return 1;
  throw std::invalid_argument("no number format '" + std::string(dtype) + "'");
}

namespace {

/// C[m,n] = A[m,k] B[k,n]; products of eight bits are written in sixteen.
Work gemm_work(const Case& c) {
  const double m = double(c.at("m")), n = double(c.at("n")), k = double(c.at("k"));
  const double in = element_bytes(c.dtype), out = std::max(in, 2.0);
  return {2 * m * n * k, in * (m * k + k * n) + out * m * n};
}

Work grouped_gemm_work(const Case& c) {
  const double n = double(c.at("n")), k = double(c.at("k")), b = element_bytes(c.dtype);
  Work work;
  for (const std::int64_t load : expert_loads(c.at("experts"), c.at("assignments"), c.at("skew"))) {
    if (load == 0) continue; // its weights are not read
    const double m = double(load);
    work.flops += 2 * m * n * k;
    work.bytes += b * (m * k + k * n + m * n);
  }
  return work;
}

/// Row i of q_len queries sees the keys up to its own place at the end of kv_len.
double attention_pairs(const Case& c, bool causal) {
  const double q = double(c.at("q_len")), kv = double(c.at("kv_len"));
  return causal ? q * (kv - q) + q * (q + 1) / 2 : q * kv;
}

Work attention_work(const Case& c, bool backward) {
  const bool causal = c.variant.ends_with("causal");
  const double b = double(c.at("batch")), h = double(c.at("heads")), hk = double(c.at("kv_heads"));
  const double d = double(c.at("head_dim")), q = double(c.at("q_len")), kv = double(c.at("kv_len"));
  const double size = element_bytes(c.dtype);
  const double queries = size * b * h * q * d, keys = size * b * hk * kv * d;
  const double stats = 4 * b * h * q;
  // Two products forward (QK', PV), five backward.
  const double flops = 4 * b * h * d * attention_pairs(c, causal);
  if (backward) return {2.5 * flops, 4 * queries + 4 * keys + stats}; // q, o, do, dq; k, v, dk, dv
  return {flops, 2 * queries + 2 * keys + (c.variant.starts_with("cudnn_train") ? stats : 0)};
}

Work decode_work(const Case& c) {
  const double h = double(c.at("heads")), hk = double(c.at("kv_heads"));
  const double d = double(c.at("head_dim")), b = double(c.at("batch"));
  double tokens = 0;
  for (const std::int64_t length :
       sequence_lengths(c.at("batch"), c.at("kv_mean"), c.at("kv_max"), c.at("long")))
    tokens += double(length);
  const double size = element_bytes(c.dtype);
  return {4 * h * d * tokens, size * (2 * hk * d * tokens + 2 * b * h * d)};
}

/// Bytes an element of rows x columns, read and written, all inputs and outputs together.
Work rowwise_work(const Case& c, double rows, double columns, double passes, double flops) {
  const double elements = rows * columns;
  return {flops * elements, passes * element_bytes(c.dtype) * elements};
}

Work convolution_work(const Case& c) {
  const double b = double(c.at("batch")), ci = double(c.at("in")), co = double(c.at("out"));
  const double r = double(c.at("kernel")), s = double(c.at("stride"));
  const double h = double(c.at("height")), w = double(c.at("width"));
  const double oh = std::ceil(h / s), ow = std::ceil(w / s), size = element_bytes(c.dtype);
  return {2 * b * oh * ow * co * ci * r * r,
          size * (b * h * w * ci + b * oh * ow * co + r * r * ci * co)};
}

Work elementwise_work(const Case& c) {
  const double n = double(c.at("elements")), size = element_bytes(c.dtype);
  if (c.variant == "add") return {n, 3 * size * n};
  if (c.variant == "silu_mul") return {5 * n, 3 * size * n};
  if (c.variant == "gelu") return {8 * n, 2 * size * n};
  if (c.variant == "cast_to_bf16" || c.variant == "cast_to_fp32") return {0, 6 * n};
  throw std::invalid_argument("no elementwise kernel '" + c.variant + "'");
}

} // namespace

Work work_of(const Case& c) {
  const std::string& op = c.op;
  if (op == "gemm" || op == "matrix_ceiling" || op == "overlap") return gemm_work(c);
  if (op == "grouped_gemm") return grouped_gemm_work(c);
  if (op == "attention_forward") return attention_work(c, false);
  if (op == "attention_backward") return attention_work(c, true);
  if (op == "decode_attention") return decode_work(c);
  if (op == "rmsnorm" || op == "layernorm") {
    const bool backward = c.variant == "backward";
    return rowwise_work(c, double(c.at("rows")), double(c.at("hidden")), backward ? 3 : 2,
                        backward ? 12 : 6);
  }
  if (op == "softmax") return rowwise_work(c, double(c.at("rows")), double(c.at("columns")), 2, 5);
  if (op == "cross_entropy")
    return rowwise_work(c, double(c.at("rows")), double(c.at("vocab")),
                        c.variant == "backward" ? 2 : 1, 4);
  if (op == "rope") {
    const double tokens = double(c.at("tokens")), dim = double(c.at("head_dim"));
    Work work = rowwise_work(c, tokens, double(c.at("heads")) * dim, 2, 3);
    work.bytes += 4 * tokens * dim; // cosines and sines, half as many of each, in fp32
    return work;
  }
  if (op == "elementwise") return elementwise_work(c);
  if (op == "embedding")
    return rowwise_work(c, double(c.at("tokens")), double(c.at("hidden")), 2, 0);
  if (op == "adam") // master, both moments read and written; the gradient read, the weight written
    return {14 * double(c.at("elements")), 28 * double(c.at("elements"))};
  if (op == "grad_norm")
    return {2 * double(c.at("elements")), element_bytes(c.dtype) * double(c.at("elements"))};
  if (op == "convolution") return convolution_work(c);
  if (op == "group_norm")
    return rowwise_work(c, double(c.at("batch") * c.at("height") * c.at("width")),
                        double(c.at("channels")), 2, 8);
  if (op == "memcpy") {
    const double bytes = double(c.at("bytes")); // through a device's memory both ways on one device
    return {0, c.variant == "device" ? 2 * bytes : bytes};
  }
  if (op == "copy_ceiling") return {0, 2 * double(c.at("bytes"))};
  if (op == "collective") return {0, double(c.at("bytes"))};
  if (op == "launch") return {};
  throw std::invalid_argument("no operation '" + op + "'");
}

namespace {
bool by_cudnn(const Case& c) { return c.op == "convolution" || c.variant.starts_with("cudnn"); }
} // namespace

double expected_seconds(const Case& c) {
  // Half of what an A100 reaches (150 TFLOP/s in sixteen bits, 1.4 TB/s; 12 GB/s over PCIe), for
  // the sake of slices that end in time; what is really spent corrects the sum as it goes.
  const Work work = work_of(c);
  const double rate = c.dtype == "tf32" ? 4e13 : c.dtype == "fp32" ? 8e12 : 8e13;
  double kernel = 5e-6 + work.flops / rate + work.bytes / 7e11;
  if (c.op == "memcpy" && c.variant != "device" && c.variant != "peer")
    kernel = 1e-5 + work.bytes / 6e9;
  constexpr double allocate_fill_and_check = 0.05, warm_up = 0.05, measure_at_least = 0.04,
                   cap = 0.3;
  // cuDNN compiles its fused kernels when they are asked for.
  const bool compiled = by_cudnn(c);
  // The check, the warm-up and at least six repeats of at least two launches.
  return allocate_fill_and_check + (compiled ? 0.3 : 0) + std::max(warm_up, 3 * kernel) +
         std::clamp(20 * kernel, measure_at_least, std::max(cap, 8 * kernel));
}

std::vector<std::int64_t> expert_loads(std::int64_t experts, std::int64_t assignments,
                                       std::int64_t skew_pct) {
  if (experts < 1 || assignments < 0 || skew_pct < 0)
    throw std::invalid_argument("expert loads need experts and a skew of at least 0");
  std::vector<double> share(static_cast<std::size_t>(experts));
  for (std::size_t i = 0; i < share.size(); ++i)
    share[i] = std::pow(double(i + 1), -double(skew_pct) / 100);
  const double sum = std::accumulate(share.begin(), share.end(), 0.0);
  std::vector<std::int64_t> loads(share.size());
  std::vector<std::pair<double, std::size_t>> remainders;
  std::int64_t given = 0;
  for (std::size_t i = 0; i < share.size(); ++i) {
    const double exact = share[i] / sum * double(assignments);
    loads[i] = static_cast<std::int64_t>(exact);
    given += loads[i];
    remainders.emplace_back(-(exact - double(loads[i])), i);
  }
  std::sort(remainders.begin(), remainders.end());
  for (std::size_t i = 0; given < assignments; i = (i + 1) % remainders.size(), ++given)
    ++loads[remainders[i].second];
  return loads;
}

std::vector<std::int64_t> sequence_lengths(std::int64_t batch, std::int64_t kv_mean,
                                           std::int64_t kv_max, std::int64_t long_ones) {
  const std::int64_t others = batch - long_ones, left = batch * kv_mean - long_ones * kv_max;
  if (batch < 1 || long_ones < 0 || others < 0 || kv_mean < 1 || kv_max < kv_mean || left < others)
    throw std::invalid_argument("no sequences have this mean and these long ones");
  std::vector<std::int64_t> lengths(static_cast<std::size_t>(batch), kv_max);
  for (std::int64_t i = 0; i < others; ++i) // the first of them take the remainder
    lengths[static_cast<std::size_t>(long_ones + i)] = left / others + (i < left % others ? 1 : 0);
  for (const std::int64_t length : lengths)
    if (length > kv_max) throw std::invalid_argument("sequences longer than the longest");
  return lengths;
}

} // namespace windtunnel::calibration
