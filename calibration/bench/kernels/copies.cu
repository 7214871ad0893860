// memcpy between and within memories, memset, and the ceiling of a copy on the device.
#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "../subject.hpp"
#include "device_code.cuh"

namespace windtunnel::calibration {
namespace {

using Sixteen = Pack<std::uint32_t>;

/// `count` packs of 16 bytes; four in flight a thread.
__global__ void copy_kernel(const Sixteen* in, Sixteen* out, std::int64_t count) {
  const std::int64_t step = grid_threads();
  std::int64_t i = grid_index();
  for (; i + 3 * step < count; i += 4 * step) {
    const Sixteen a = in[i], b = in[i + step], c = in[i + 2 * step], d = in[i + 3 * step];
    out[i] = a;
    out[i + step] = b;
    out[i + 2 * step] = c;
    out[i + 3 * step] = d;
  }
  for (; i < count; i += step) out[i] = in[i];
}

/// Bytes that differ between two places on the device, as a share of all.
__global__ void count_differences_kernel(const std::uint8_t* a, const std::uint8_t* b,
                                         std::size_t count, unsigned long long* differing) {
  unsigned long long found = 0;
  for (std::size_t i = static_cast<std::size_t>(grid_index()); i < count;
       i += static_cast<std::size_t>(grid_threads()))
    found += a[i] != b[i];
  if (found) atomicAdd(differing, found);
}

double share_differing(Device& device, const void* a, const void* b, std::size_t bytes) {
  const DeviceBuffer differing(sizeof(unsigned long long));
  WT_CHECK(cudaMemsetAsync(differing.get(), 0, differing.size(), device.stream()));
  count_differences_kernel<<<1024, 256, 0, device.stream()>>>(
      static_cast<const std::uint8_t*>(a), static_cast<const std::uint8_t*>(b), bytes,
      static_cast<unsigned long long*>(differing.get()));
  WT_CHECK_LAUNCH();
  unsigned long long found = 0;
  WT_CHECK(cudaMemcpyAsync(&found, differing.get(), sizeof found, cudaMemcpyDeviceToHost,
                           device.stream()));
  device.synchronize();
  return static_cast<double>(found) / static_cast<double>(bytes);
}

struct Free {
  void operator()(void* p) const { cudaFreeHost(p); }
};
using Pinned = std::unique_ptr<void, Free>;

Pinned pinned(std::size_t bytes) {
  void* p = nullptr;
  if (cudaMallocHost(&p, bytes) != cudaSuccess) {
    cudaGetLastError();
    throw Unsupported("the host gives no " + std::to_string(bytes >> 20) + " MiB of pinned memory");
  }
  return Pinned(p);
}

/// Buffers on the device, all full of random bytes in `in` and poisoned in `out`.
struct Buffers {
  std::vector<void*> in, out;
};

std::shared_ptr<Buffers> device_buffers(const Case& c, Device& device, std::size_t bytes) {
  auto buffers = std::make_shared<Buffers>();
  const int sets = device.sets_for(c, 2 * bytes);
  for (int set = 0; set < sets; ++set) {
    buffers->in.push_back(device.allocate(bytes));
    buffers->out.push_back(device.allocate(bytes));
    device.fill_normal(buffers->in.back(), bytes / sizeof(float), "fp32",
                       static_cast<std::uint64_t>(set));
    device.poison(buffers->out.back(), bytes);
  }
  return buffers;
}

Subject within_device(const Case& c, Device& device, bool by_kernel) {
  const auto bytes = static_cast<std::size_t>(c.at("bytes"));
  const auto buffers = device_buffers(c, device, bytes);
  Subject subject;
  subject.sets = static_cast<int>(buffers->in.size());
  subject.set_bytes = 2 * bytes;
  const auto blocks = static_cast<unsigned>(8 * device.properties().multiProcessorCount);
  subject.launch = [=](cudaStream_t stream, int set) {
    const auto i = static_cast<std::size_t>(set);
    if (by_kernel) {
      copy_kernel<<<blocks, 512, 0, stream>>>(static_cast<const Sixteen*>(buffers->in[i]),
                                              static_cast<Sixteen*>(buffers->out[i]),
                                              static_cast<std::int64_t>(bytes / sizeof(Sixteen)));
      WT_CHECK_LAUNCH();
    } else {
      WT_CHECK(cudaMemcpyAsync(buffers->out[i], buffers->in[i], bytes, cudaMemcpyDeviceToDevice,
                               stream));
    }
  };
  subject.error = [=, &device] {
    return share_differing(device, buffers->in[0], buffers->out[0], bytes);
  };
  subject.algorithm = by_kernel ? "16 bytes a thread" : "cudaMemcpyAsync";
  return subject;
}

Subject memset_subject(const Case& c, Device& device) {
  const auto bytes = static_cast<std::size_t>(c.at("bytes"));
  const auto out = std::make_shared<std::vector<void*>>();
  const int sets = device.sets_for(c, bytes);
  for (int set = 0; set < sets; ++set) out->push_back(device.allocate(bytes));
  Subject subject;
  subject.sets = sets;
  subject.set_bytes = bytes;
  subject.launch = [=](cudaStream_t stream, int set) {
    WT_CHECK(cudaMemsetAsync((*out)[static_cast<std::size_t>(set)], 0, bytes, stream));
  };
  subject.algorithm = "cudaMemsetAsync";
  return subject;
}

Subject with_pinned_host(const Case& c, Device& device, bool to_device) {
  const auto bytes = static_cast<std::size_t>(c.at("bytes"));
  void* const on_device = device.allocate(bytes);
  device.fill_normal(on_device, bytes / sizeof(float), "fp32", 1);
  const std::shared_ptr<void> host = pinned(bytes);
  WT_CHECK(cudaMemcpyAsync(host.get(), on_device, bytes, cudaMemcpyDeviceToHost, device.stream()));
  device.synchronize();
  Subject subject;
  subject.set_bytes = bytes;
  subject.launch = [=](cudaStream_t stream, int) {
    if (to_device)
      WT_CHECK(cudaMemcpyAsync(on_device, host.get(), bytes, cudaMemcpyHostToDevice, stream));
    else
      WT_CHECK(cudaMemcpyAsync(host.get(), on_device, bytes, cudaMemcpyDeviceToHost, stream));
  };
  subject.algorithm = "cudaMemcpyAsync";
  return subject;
}

/// The host waits for these, so its clock times them.
Subject with_pageable_host(const Case& c, Device& device, bool to_device) {
  const auto bytes = static_cast<std::size_t>(c.at("bytes"));
  void* const on_device = device.allocate(bytes);
  device.fill_normal(on_device, bytes / sizeof(float), "fp32", 1);
  const auto host = std::make_shared<std::vector<char>>(bytes, 1);
  Subject subject;
  subject.sample = [=, &device] {
    const auto start = std::chrono::steady_clock::now();
    if (to_device)
      WT_CHECK(
          cudaMemcpyAsync(on_device, host->data(), bytes, cudaMemcpyHostToDevice, device.stream()));
    else
      WT_CHECK(
          cudaMemcpyAsync(host->data(), on_device, bytes, cudaMemcpyDeviceToHost, device.stream()));
    device.synchronize();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  subject.algorithm = "cudaMemcpyAsync, host clock";
  return subject;
}

Subject to_peer(const Case& c, Device& device) {
  const auto bytes = static_cast<std::size_t>(c.at("bytes"));
  int count = 0, possible = 0;
  WT_CHECK(cudaGetDeviceCount(&count));
  if (count < 2) throw Unsupported("needs a second GPU");
  const int peer = device.index() == 0 ? 1 : 0;
  WT_CHECK(cudaDeviceCanAccessPeer(&possible, device.index(), peer));
  if (!possible) throw Unsupported("the GPUs cannot reach each other's memory");
  const cudaError_t enabled = cudaDeviceEnablePeerAccess(peer, 0);
  if (enabled == cudaErrorPeerAccessAlreadyEnabled)
    cudaGetLastError();
  else
    WT_CHECK(enabled);
  void* const here = device.allocate(bytes);
  device.fill_normal(here, bytes / sizeof(float), "fp32", 1);
  WT_CHECK(cudaSetDevice(peer));
  void* there_raw = nullptr;
  const cudaError_t allocated = cudaMalloc(&there_raw, bytes);
  WT_CHECK(cudaSetDevice(device.index()));
  if (allocated != cudaSuccess) {
    cudaGetLastError();
    throw Unsupported("the second GPU has no " + std::to_string(bytes >> 20) + " MiB");
  }
  const std::shared_ptr<void> there(there_raw, [](void* p) { cudaFree(p); });
  const int index = device.index();
  Subject subject;
  subject.set_bytes = bytes;
  subject.launch = [=](cudaStream_t stream, int) {
    WT_CHECK(cudaMemcpyPeerAsync(there.get(), peer, here, index, bytes, stream));
  };
  subject.algorithm = "cudaMemcpyPeerAsync";
  return subject;
}

} // namespace

Subject prepare_memcpy(const Case& c, Device& device) {
  const std::string& v = c.variant;
  if (v == "device") return within_device(c, device, false);
  if (v == "memset") return memset_subject(c, device);
  if (v == "peer") return to_peer(c, device);
  if (v == "pinned_h2d" || v == "pinned_d2h") return with_pinned_host(c, device, v == "pinned_h2d");
  if (v == "pageable_h2d" || v == "pageable_d2h")
    return with_pageable_host(c, device, v == "pageable_h2d");
  throw Unsupported("no memcpy '" + v + "'");
}

Subject prepare_copy_ceiling(const Case& c, Device& device) {
  return within_device(c, device, c.variant == "kernel");
}

} // namespace windtunnel::calibration
