// Attention of one new token a sequence over a paged cache: by cuDNN, or by a split-KV kernel of
// ours (decode_kernels.cuh).
#include <cmath>
#include <memory>
#include <numeric>

#include "../subject.hpp"
#include "decode_kernels.cuh"
#include "fetch.hpp"
#include "paged_decode.hpp"

namespace windtunnel::calibration {
namespace {

using Element = __nv_bfloat16;

template <int DIM, int GROUP>
void launch_pieces(const PagedDecode& d, int set, cudaStream_t stream) {
  const auto i = static_cast<std::size_t>(set);
  const PagedCache cache{d.page_table, d.lengths, d.kv_heads, d.pages, d.page};
  const dim3 pieces(static_cast<unsigned>(d.splits), static_cast<unsigned>(d.kv_heads),
                    static_cast<unsigned>(d.batch));
  decode_pieces_kernel<Element, DIM, GROUP><<<pieces, decode_threads, 0, stream>>>(
      static_cast<const Element*>(d.q[i]), static_cast<const Element*>(d.keys[i]),
      static_cast<const Element*>(d.values[i]), cache, d.piece, d.scale, d.partial_out,
      d.partial_max, d.partial_sum);
  WT_CHECK_LAUNCH();
  const dim3 heads(static_cast<unsigned>(d.heads), static_cast<unsigned>(d.batch));
  decode_join_kernel<Element, DIM><<<heads, DIM, 0, stream>>>(
      d.partial_out, d.partial_max, d.partial_sum, static_cast<Element*>(d.out[i]), d.splits);
  WT_CHECK_LAUNCH();
}

/// The keys or values of one sequence and key head, in the order of its tokens: a block a page.
__global__ void gather_head_kernel(const Element* cache, const int* pages, int kv_heads,
                                   int kv_head, int page, int dim, int length, Element* out) {
  const std::int64_t from = (std::int64_t{pages[blockIdx.x]} * kv_heads + kv_head) * page * dim;
  const std::int64_t to = std::int64_t{blockIdx.x} * page * dim;
  for (int i = static_cast<int>(threadIdx.x); i < page * dim; i += static_cast<int>(blockDim.x))
    if (to + i < std::int64_t{length} * dim) out[to + i] = cache[from + i];
}

using Launch = void (*)(const PagedDecode&, int, cudaStream_t);

Launch launcher_of(int dim, int group) {
  if (dim == 128 && group == 1) return launch_pieces<128, 1>;
  if (dim == 128 && group == 4) return launch_pieces<128, 4>;
  if (dim == 128 && group == 8) return launch_pieces<128, 8>;
  if (dim == 64 && group == 1) return launch_pieces<64, 1>;
  if (dim == 64 && group == 4) return launch_pieces<64, 4>;
  if (dim == 64 && group == 8) return launch_pieces<64, 8>;
  throw Unsupported("heads of 64 or 128 that share keys by 1, 4 or 8 only");
}

std::shared_ptr<PagedDecode> make_decode(const Case& c, Device& device, Subject& subject) {
  auto d = std::make_shared<PagedDecode>();
  d->batch = static_cast<int>(c.at("batch"));
  d->heads = static_cast<int>(c.at("heads"));
  d->kv_heads = static_cast<int>(c.at("kv_heads"));
  d->dim = static_cast<int>(c.at("head_dim"));
  d->page = static_cast<int>(c.at("page"));
  d->scale = 1 / std::sqrt(static_cast<float>(d->dim));
  for (const std::int64_t length :
       sequence_lengths(c.at("batch"), c.at("kv_mean"), c.at("kv_max"), c.at("long")))
    d->host_lengths.push_back(static_cast<int>(length));
  const int longest = *std::max_element(d->host_lengths.begin(), d->host_lengths.end());
  d->pages = (longest + d->page - 1) / d->page;
  // Only pages in use exist; a table's entries beyond a sequence's end point at page 0. In memory
  // they lie in an order of their own, as in a cache that has been in use.
  std::vector<std::size_t> used;
  d->host_table.assign(static_cast<std::size_t>(d->batch) * static_cast<std::size_t>(d->pages), 0);
  for (int s = 0; s < d->batch; ++s)
    for (int p = 0; p * d->page < d->host_lengths[static_cast<std::size_t>(s)]; ++p)
      used.push_back(static_cast<std::size_t>(s) * static_cast<std::size_t>(d->pages) +
                     static_cast<std::size_t>(p));
  // A step that shares no divisor with the count visits every place once.
  std::size_t step = 7919;
  while (std::gcd(step, used.size()) != 1) ++step;
  for (std::size_t i = 0; i < used.size(); ++i)
    d->host_table[used[i]] = static_cast<int>(i * step % used.size());
  d->page_count = static_cast<int>(used.size());
  d->page_table = upload(device, d->host_table);
  d->lengths = upload(device, d->host_lengths);

  const std::size_t cache = used.size() * static_cast<std::size_t>(d->kv_heads * d->page * d->dim);
  const auto queries = static_cast<std::size_t>(d->batch * d->heads * d->dim);
  subject.set_bytes = (2 * cache + 2 * queries) * sizeof(Element);
  // For two or three blocks a multiprocessor, in pieces of at least 256 keys.
  const int wanted = 3 * device.properties().multiProcessorCount / (d->batch * d->kv_heads) + 1;
  d->piece = std::max(256, (longest + wanted - 1) / wanted);
  d->splits = (longest + d->piece - 1) / d->piece;
  const std::size_t pieces =
      static_cast<std::size_t>(d->batch * d->heads) * static_cast<std::size_t>(d->splits);
  d->partial_out = device.allocate_of<float>(pieces * static_cast<std::size_t>(d->dim));
  d->partial_max = device.allocate_of<float>(pieces);
  d->partial_sum = device.allocate_of<float>(pieces);
  d->gathered = device.allocate(static_cast<std::size_t>(longest * d->dim) * sizeof(Element));
  subject.sets = device.sets_for(c, subject.set_bytes, paged_decode_workspace);
  for (int set = 0; set < subject.sets; ++set) {
    d->q.push_back(device.allocate(queries * sizeof(Element)));
    d->out.push_back(device.allocate(queries * sizeof(Element)));
    d->keys.push_back(device.allocate(cache * sizeof(Element)));
    d->values.push_back(device.allocate(cache * sizeof(Element)));
    const auto seed = static_cast<std::uint64_t>(3 * set);
    device.fill_normal(d->q.back(), queries, "bf16", seed);
    device.fill_normal(d->keys.back(), cache, "bf16", seed + 1);
    device.fill_normal(d->values.back(), cache, "bf16", seed + 2);
    device.poison(d->out.back(), queries * sizeof(Element));
  }
  return d;
}

/// Some heads of the first and last sequence against a plain softmax over their keys.
double decode_error(const PagedDecode& d, Device& device) {
  Values got, expected;
  for (const std::int64_t sequence : sampled(d.batch, 2))
    for (const std::int64_t head : sampled(d.heads, 2)) {
      const int length = d.host_lengths[static_cast<std::size_t>(sequence)];
      const int kv_head = static_cast<int>(head) / (d.heads / d.kv_heads);
      const auto of_head = [&](const void* cache) {
        gather_head_kernel<<<static_cast<unsigned>((length + d.page - 1) / d.page), 128, 0,
                             device.stream()>>>(
            static_cast<const Element*>(cache), d.page_table + sequence * d.pages, d.kv_heads,
            kv_head, d.page, d.dim, length, static_cast<Element*>(d.gathered));
        WT_CHECK_LAUNCH();
        return fetch(device, d.gathered, "bf16", 0, std::int64_t{length} * d.dim);
      };
      const std::int64_t at = (sequence * d.heads + head) * d.dim;
      append(got, fetch(device, d.out[0], "bf16", at, d.dim));
      append(expected, attend(fetch(device, d.q[0], "bf16", at, d.dim), of_head(d.keys[0]),
                              of_head(d.values[0]), static_cast<double>(d.scale)));
    }
  return relative_error(got, expected);
}

} // namespace

Subject prepare_decode_attention(const Case& c, Device& device) {
  const int group = static_cast<int>(c.at("heads") / c.at("kv_heads"));
  const bool own = c.variant == "split_kv";
  const Launch launch = own ? launcher_of(static_cast<int>(c.at("head_dim")), group) : nullptr;
  Subject subject;
  const auto d = make_decode(c, device, subject);
  if (own) {
    subject.launch = [d, launch](cudaStream_t stream, int set) { launch(*d, set, stream); };
    subject.algorithm = "own: split-KV, " + std::to_string(d->splits) + " pieces";
  } else {
    add_cudnn_launch(d, device, subject);
  }
  subject.error = [d, &device] { return decode_error(*d, device); };
  subject.tolerance = 1e-2; // the weights of the values may be rounded to 8 bits too
  return subject;
}

} // namespace windtunnel::calibration
