// Adam over many tensors in one launch, and the norm of their gradients.
#include <cmath>
#include <memory>

#include "../subject.hpp"
#include "fetch.hpp"
#include "optimizer_kernels.cuh"
#include "reference.hpp"

namespace windtunnel::calibration {
namespace {

constexpr unsigned threads = 256;

/// Elements of each of `tensors` tensors of equal size, whole packs.
std::int64_t elements_each(const Case& c) {
  const std::int64_t each = c.at("elements") / c.at("tensors") / 8 * 8;
  if (each == 0) throw Unsupported("fewer than 8 elements a tensor");
  return each;
}

std::vector<Chunk> chunks_of(std::int64_t tensors, std::int64_t each) {
  std::vector<Chunk> chunks;
  for (std::int64_t t = 0; t < tensors; ++t)
    for (std::int64_t begin = 0; begin < each; begin += chunk_elements)
      chunks.push_back({static_cast<int>(t),
                        static_cast<int>(std::min<std::int64_t>(chunk_elements, each - begin)),
                        begin});
  return chunks;
}

/// Adam whose gradients are of T; one flat array a role, cut into tensors.
template <class T> Subject adam(const Case& c, Device& device, const char* dtype, bool weights) {
  const std::int64_t tensors = c.at("tensors"), each = elements_each(c), all = tensors * each;
  const auto n = static_cast<std::size_t>(all);
  struct Set {
    T *gradient, *weight;
    float *master, *first, *second;
    AdamTensor<T>* tensors;
  };
  const std::size_t set_bytes = n * (3 * sizeof(float) + (weights ? 2 : 1) * sizeof(T));
  Subject subject;
  subject.set_bytes = set_bytes;
  const std::vector<Chunk> host_chunks = chunks_of(tensors, each);
  const Chunk* const chunks = upload(device, host_chunks);
  subject.sets = device.sets_for(c, set_bytes + static_cast<std::size_t>(tensors) *
                                                    (sizeof(AdamTensor<T>) + 256));
  const auto sets = std::make_shared<std::vector<Set>>();
  for (int i = 0; i < subject.sets; ++i) {
    Set set{};
    set.gradient = device.allocate_of<T>(n);
    set.weight = weights ? device.allocate_of<T>(n) : nullptr;
    set.master = device.allocate_of<float>(n);
    set.first = device.allocate_of<float>(n);
    set.second = device.allocate_of<float>(n);
    const auto seed = static_cast<std::uint64_t>(4 * i);
    device.fill_normal(set.gradient, n, dtype, seed);
    device.fill_normal(set.master, n, "fp32", seed + 1);
    device.fill_normal(set.first, n, "fp32", seed + 2, 0.1f);
    WT_CHECK(
        cudaMemsetAsync(set.second, 0, n * sizeof(float), device.stream())); // none is negative
    std::vector<AdamTensor<T>> list;
    for (std::int64_t t = 0; t < tensors; ++t)
      list.push_back({set.gradient + t * each, set.master + t * each, set.first + t * each,
                      set.second + t * each, weights ? set.weight + t * each : nullptr});
    set.tensors = upload(device, list);
    sets->push_back(set);
  }
  constexpr int t = 10;
  const AdamStep step{1e-4f,
                      0.9f,
                      0.95f,
                      1e-8f,
                      0.1f,
                      1 / (1 - std::pow(0.9f, static_cast<float>(t))),
                      1 / (1 - std::pow(0.95f, static_cast<float>(t)))};
  const auto blocks = static_cast<unsigned>(host_chunks.size());
  subject.launch = [=](cudaStream_t stream, int set) {
    adam_kernel<<<blocks, threads, 0, stream>>>((*sets)[static_cast<std::size_t>(set)].tensors,
                                                chunks, step);
    WT_CHECK_LAUNCH();
  };
  // The step before the check's own launch is remembered here: it works in place.
  constexpr std::int64_t some = 4096;
  const std::int64_t checked = std::min(all, some), at = all - checked;
  const Set first_set = (*sets)[0];
  const Values g = fetch(device, first_set.gradient, dtype, at, checked);
  const Values p = fetch(device, first_set.master, "fp32", at, checked);
  const Values m = fetch(device, first_set.first, "fp32", at, checked);
  subject.error = [=, &device] {
    Values masters, seconds;
    for (std::size_t i = 0; i < g.size(); ++i) {
      const AdamState next = adam_step({p[i], m[i], 0}, g[i], 1e-4, 0.9, 0.95, 1e-8, 0.1, t);
      masters.push_back(next.master);
      seconds.push_back(next.second);
    }
    const double of_masters =
        relative_error(fetch(device, first_set.master, "fp32", at, checked), masters);
    const double of_seconds =
        relative_error(fetch(device, first_set.second, "fp32", at, checked), seconds);
    return of_masters + of_seconds;
  };
  subject.tolerance = fp32_tolerance;
  subject.algorithm = "own: chunks of 16384, 16 bytes a thread";
  return subject;
}

template <class T> Subject grad_norm(const Case& c, Device& device) {
  const std::int64_t tensors = c.at("tensors"), each = elements_each(c);
  const auto n = static_cast<std::size_t>(tensors * each);
  const std::vector<Chunk> host_chunks = chunks_of(tensors, each);
  const Chunk* const chunks = upload(device, host_chunks);
  float* const partial = device.allocate_of<float>(host_chunks.size());
  float* const norm = device.allocate_of<float>(1);
  device.poison(norm, sizeof(float));
  Subject subject;
  subject.set_bytes = n * sizeof(T);
  subject.sets =
      device.sets_for(c, subject.set_bytes + static_cast<std::size_t>(tensors) * 16 + 256);
  const auto lists = std::make_shared<std::vector<const T**>>();
  const auto first = std::make_shared<std::vector<const T*>>();
  const std::string dtype = c.dtype;
  for (int i = 0; i < subject.sets; ++i) {
    T* const data = device.allocate_of<T>(n);
    device.fill_normal(data, n, c.dtype, static_cast<std::uint64_t>(i));
    std::vector<const T*> list;
    for (std::int64_t t = 0; t < tensors; ++t) list.push_back(data + t * each);
    lists->push_back(upload(device, list));
    first->push_back(data);
  }
  const auto blocks = static_cast<unsigned>(host_chunks.size());
  subject.launch = [=](cudaStream_t stream, int set) {
    squares_kernel<T>
        <<<blocks, threads, 0, stream>>>((*lists)[static_cast<std::size_t>(set)], chunks, partial);
    WT_CHECK_LAUNCH();
    root_of_sum_kernel<<<1, 1024, 0, stream>>>(partial, static_cast<int>(blocks), norm);
    WT_CHECK_LAUNCH();
  };
  subject.error = [=, &device] {
    return relative_error(fetch(device, norm, "fp32", 0, 1),
                          {norm_of(device, (*first)[0], dtype, n)});
  };
  subject.tolerance = fp32_tolerance;
  subject.algorithm = "own: chunks of 16384, then one block";
  return subject;
}

} // namespace

Subject prepare_adam(const Case& c, Device& device) {
  return c.variant == "mixed" ? adam<__nv_bfloat16>(c, device, "bf16", true)
                              : adam<float>(c, device, "fp32", false);
}

Subject prepare_grad_norm(const Case& c, Device& device) {
  return c.dtype == "bf16" ? grad_norm<__nv_bfloat16>(c, device) : grad_norm<float>(c, device);
}

} // namespace windtunnel::calibration
