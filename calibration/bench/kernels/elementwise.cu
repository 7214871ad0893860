// Elementwise operators, rotary embedding and embedding lookup.
#include <memory>

#include "../subject.hpp"
#include "elementwise_kernels.cuh"
#include "fetch.hpp"

namespace windtunnel::calibration {
namespace {

using Element = __nv_bfloat16;
constexpr std::int64_t checked = 1 << 14; ///< elements brought to the host

/// Enough blocks for the work, at most so many that every multiprocessor is full several times
/// over.
unsigned blocks_for(std::int64_t items, const Device& device) {
  const std::int64_t most = 16 * device.properties().multiProcessorCount;
  return static_cast<unsigned>(std::clamp<std::int64_t>((items + 255) / 256, 1, most));
}

struct Arrays {
  std::vector<void*> a, b, out;
  template <class T> static T* as(const std::vector<void*>& v, int set) {
    return static_cast<T*>(v[static_cast<std::size_t>(set)]);
  }
};

template <class Operator, class In, class Out>
void unary(const Arrays& x, int set, std::int64_t count, unsigned blocks, cudaStream_t stream) {
  unary_kernel<Operator><<<blocks, 256, 0, stream>>>(Arrays::as<In>(x.a, set),
                                                     Arrays::as<Out>(x.out, set), count / 8);
  WT_CHECK_LAUNCH();
}

template <class Operator>
void binary(const Arrays& x, int set, std::int64_t count, unsigned blocks, cudaStream_t stream) {
  binary_kernel<Operator><<<blocks, 256, 0, stream>>>(
      Arrays::as<const Element>(x.a, set), Arrays::as<const Element>(x.b, set),
      Arrays::as<Element>(x.out, set), count / Pack<Element>::size);
  WT_CHECK_LAUNCH();
}

} // namespace

Subject prepare_elementwise(const Case& c, Device& device) {
  const std::string v = c.variant;
  const std::int64_t count = c.at("elements");
  if (count % 8 != 0) throw Unsupported("the elements must be a multiple of 8");
  const bool two = v == "add" || v == "silu_mul";
  const std::string in = v == "cast_to_bf16" ? "fp32" : "bf16";
  const std::string out = v == "cast_to_fp32" ? "fp32" : "bf16";
  const auto n = static_cast<std::size_t>(count);
  const std::size_t in_bytes = n * static_cast<std::size_t>(element_bytes(in));
  const std::size_t out_bytes = n * static_cast<std::size_t>(element_bytes(out));
  const auto x = std::make_shared<Arrays>();
  Subject subject;
  subject.set_bytes = (two ? 2 : 1) * in_bytes + out_bytes;
  subject.sets = device.sets_for(c, subject.set_bytes);
  x->a = buffers(device, subject.sets, in_bytes);
  if (two) x->b = buffers(device, subject.sets, in_bytes);
  x->out = buffers(device, subject.sets, out_bytes);
  for (std::size_t set = 0; set < x->a.size(); ++set) {
    device.fill_normal(x->a[set], n, in, 2 * set);
    if (two) device.fill_normal(x->b[set], n, in, 2 * set + 1);
    device.poison(x->out[set], out_bytes);
  }
  const unsigned blocks = blocks_for(count / 8, device);
  subject.launch = [=](cudaStream_t stream, int set) {
    if (v == "add")
      binary<Add>(*x, set, count, blocks, stream);
    else if (v == "silu_mul")
      binary<SiluMul>(*x, set, count, blocks, stream);
    else if (v == "gelu")
      unary<Gelu, Element, Element>(*x, set, count, blocks, stream);
    else if (v == "cast_to_bf16")
      unary<Same, float, Element>(*x, set, count, blocks, stream);
    else
      unary<Same, Element, float>(*x, set, count, blocks, stream);
  };
  subject.error = [=, &device] {
    Values got, expected; // the beginning and the end
    for (const std::int64_t begin : {std::int64_t{0}, std::max<std::int64_t>(count - checked, 0)}) {
      const std::int64_t some = std::min(count, checked);
      const Values a = fetch(device, x->a[0], in, begin, some);
      const Values b = two ? fetch(device, x->b[0], in, begin, some) : Values{};
      append(got, fetch(device, x->out[0], out, begin, some));
      append(expected, v == "add"        ? add(a, b)
                       : v == "silu_mul" ? silu_mul(a, b)
                       : v == "gelu"     ? gelu(a)
                                         : a);
    }
    return relative_error(got, expected);
  };
  subject.tolerance = bf16_tolerance;
  subject.algorithm = "own: 16 bytes a thread";
  return subject;
}

Subject prepare_rope(const Case& c, Device& device) {
  const std::int64_t tokens = c.at("tokens");
  const int heads = static_cast<int>(c.at("heads")), dim = static_cast<int>(c.at("head_dim"));
  if (dim % (2 * Pack<Element>::size) != 0)
    throw Unsupported("heads must be a multiple of 16 wide");
  const auto n = static_cast<std::size_t>(tokens * heads * dim);
  const auto angles = static_cast<std::size_t>(tokens * dim / 2);
  float* const cosine = device.allocate_of<float>(angles);
  float* const sine = device.allocate_of<float>(angles);
  device.fill_normal(cosine, angles, "fp32", 1); // any values cost the same
  device.fill_normal(sine, angles, "fp32", 2);
  const auto x = std::make_shared<Arrays>();
  Subject subject;
  subject.set_bytes = 2 * n * sizeof(Element);
  subject.sets = device.sets_for(c, subject.set_bytes);
  x->a = buffers(device, subject.sets, n * sizeof(Element));
  x->out = buffers(device, subject.sets, n * sizeof(Element));
  for (std::size_t set = 0; set < x->a.size(); ++set) {
    device.fill_normal(x->a[set], n, "bf16", 10 + set);
    device.poison(x->out[set], n * sizeof(Element));
  }
  const unsigned blocks = blocks_for(tokens * heads * dim / 16, device);
  subject.launch = [=](cudaStream_t stream, int set) {
    rope_kernel<<<blocks, 256, 0, stream>>>(Arrays::as<const Element>(x->a, set), cosine, sine,
                                            Arrays::as<Element>(x->out, set), tokens, heads, dim);
    WT_CHECK_LAUNCH();
  };
  subject.error = [=, &device] {
    Values got, expected;
    for (const std::int64_t head : sampled(tokens * heads, 64)) {
      const std::int64_t at = head / heads * (dim / 2);
      append(got, fetch(device, x->out[0], "bf16", head * dim, dim));
      append(expected, rope_head(fetch(device, x->a[0], "bf16", head * dim, dim),
                                 fetch(device, cosine, "fp32", at, dim / 2),
                                 fetch(device, sine, "fp32", at, dim / 2)));
    }
    return relative_error(got, expected);
  };
  subject.tolerance = bf16_tolerance;
  subject.algorithm = "own: 32 bytes a thread";
  return subject;
}

Subject prepare_embedding(const Case& c, Device& device) {
  const std::int64_t tokens = c.at("tokens"), vocab = c.at("vocab");
  const int hidden = static_cast<int>(c.at("hidden"));
  if (hidden % Pack<Element>::size != 0) throw Unsupported("a row must be a multiple of 8 long");
  const auto table_size = static_cast<std::size_t>(vocab * hidden);
  auto* const table = device.allocate_of<Element>(table_size);
  device.fill_normal(table, table_size, "bf16", 1);
  const auto out_bytes = static_cast<std::size_t>(tokens * hidden) * sizeof(Element);
  Subject subject;
  subject.set_bytes = 2 * out_bytes;
  subject.sets = device.sets_for(c, subject.set_bytes);
  const auto out = std::make_shared<std::vector<void*>>(buffers(device, subject.sets, out_bytes));
  // Every set looks up rows of its own, far apart from each other.
  const auto ids = std::make_shared<std::vector<int*>>();
  std::vector<int> first;
  for (int set = 0; set < subject.sets; ++set) {
    std::vector<int> rows;
    for (std::int64_t token = 0; token < tokens; ++token)
      rows.push_back(static_cast<int>((token + set * tokens) * 7919 % vocab));
    ids->push_back(upload(device, rows));
    if (set == 0) first = rows;
    device.poison((*out)[static_cast<std::size_t>(set)], out_bytes);
  }
  const unsigned blocks = blocks_for(tokens * hidden / Pack<Element>::size, device);
  subject.launch = [=](cudaStream_t stream, int set) {
    const auto i = static_cast<std::size_t>(set);
    gather_kernel<<<blocks, 256, 0, stream>>>(static_cast<const Element*>(table), (*ids)[i],
                                              static_cast<Element*>((*out)[i]), tokens, hidden);
    WT_CHECK_LAUNCH();
  };
  subject.error = [=, &device] {
    Values got, expected;
    for (const std::int64_t token : sampled(tokens)) {
      append(got, fetch(device, (*out)[0], "bf16", token * hidden, hidden));
      append(expected,
             fetch(device, table, "bf16",
                   std::int64_t{first[static_cast<std::size_t>(token)]} * hidden, hidden));
    }
    return relative_error(got, expected);
  };
  subject.algorithm = "own: 16 bytes a thread";
  return subject;
}

} // namespace windtunnel::calibration
