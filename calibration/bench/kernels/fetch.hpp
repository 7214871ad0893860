// Results brought to the host, to be compared with references.hpp.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "../device.hpp"
#include "../references.hpp"

namespace windtunnel::calibration {

/// `count` elements from element `begin` on.
inline Values fetch(Device& device, const void* data, std::string_view dtype, std::int64_t begin,
                    std::int64_t count) {
  const auto size = static_cast<std::size_t>(element_bytes(dtype));
  std::vector<unsigned char> bytes(static_cast<std::size_t>(count) * size);
  WT_CHECK(cudaMemcpyAsync(bytes.data(),
                           static_cast<const char*>(data) + static_cast<std::size_t>(begin) * size,
                           bytes.size(), cudaMemcpyDeviceToHost, device.stream()));
  device.synchronize();
  return decoded(bytes, dtype);
}

/// `count` runs of `width` elements of 16 bits, the first at element `begin`, each `step` after the
/// one before; brought together on the device first, for runs may be short.
Values fetch_strided(Device&, const void* data, std::string_view dtype, std::int64_t begin,
                     std::int64_t step, std::int64_t width, std::int64_t count);

/// Up to `most` of 0 .. count - 1, the first and the last among them.
inline std::vector<std::int64_t> sampled(std::int64_t count, std::int64_t most = 6) {
  std::vector<std::int64_t> places;
  const std::int64_t wanted = std::min(count, most);
  for (std::int64_t i = 0; i < wanted; ++i)
    places.push_back(wanted == 1 ? 0 : i * (count - 1) / (wanted - 1));
  return places;
}

inline void append(Values& to, const Values& more) {
  to.insert(to.end(), more.begin(), more.end());
}

/// A copy of host values on the device, from the arena.
template <class T> T* upload(Device& device, const std::vector<T>& values) {
  T* const data = device.allocate_of<T>(values.size());
  WT_CHECK(cudaMemcpyAsync(data, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice,
                           device.stream()));
  device.synchronize(); // the host's copy may go
  return data;
}

/// `count` buffers of `bytes` each.
inline std::vector<void*> buffers(Device& device, int count, std::size_t bytes) {
  std::vector<void*> all;
  for (int i = 0; i < count; ++i) all.push_back(device.allocate(bytes));
  return all;
}

/// Threads of a block for `items` of work, a multiple of 32.
inline unsigned threads_for(std::int64_t items, std::int64_t most) {
  return static_cast<unsigned>(std::clamp<std::int64_t>((items + 31) / 32 * 32, 32, most));
}

/// A result of 8 bits' precision against a reference from the same inputs; fp32 sums.
constexpr double bf16_tolerance = 5e-3, fp32_tolerance = 1e-4;

} // namespace windtunnel::calibration
