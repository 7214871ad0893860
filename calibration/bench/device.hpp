// Device: one GPU with a stream, the handles of the libraries and one block of memory that cases
// take buffers from. Allocating once keeps cudaMalloc out of the measurements, and no case can take
// memory another one leaks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "case.hpp"
#include "check.hpp"

namespace windtunnel::calibration {

class Device {
public:
  /// Takes GPU `index` and most of its free memory.
  explicit Device(int index);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  int index() const { return index_; }
  cudaStream_t stream() const { return stream_; }
  const cudaDeviceProp& properties() const { return properties_; }
  std::size_t l2_bytes() const { return static_cast<std::size_t>(properties_.l2CacheSize); }
  /// Compute capability as 90 for 9.0.
  int capability() const { return properties_.major * 10 + properties_.minor; }
  cublasLtHandle_t cublas_lt() const { return cublas_lt_; }
  cublasHandle_t cublas() const { return cublas_; }

  /// Aligned to 256 bytes, until reset(). Throws Unsupported when memory does not suffice.
  void* allocate(std::size_t bytes);
  template <class T> T* allocate_of(std::size_t count) {
    return static_cast<T*>(allocate(count * sizeof(T)));
  }
  std::size_t available() const { return capacity_ - used_; }
  void reset() { used_ = 0; }

  /// Sets of buffers of `set_bytes` to rotate: past twice the L2 and at least two; as many as fit;
  /// one when the case is to be hot. Throws Unsupported when not one fits. `extra` is what the case
  /// will allocate besides.
  int sets_for(const Case&, std::size_t set_bytes, std::size_t extra = 0) const;

  /// Standard normal values times `scale`; the same for the same seed. dtype as in Case.
  void fill_normal(void* data, std::size_t count, std::string_view dtype, std::uint64_t seed,
                   float scale = 1);
  /// Bytes that are no plausible result, so that what a kernel leaves unwritten is seen.
  void poison(void* data, std::size_t bytes);
  /// Whether the context survived an error.
  bool alive();
  void synchronize() { WT_CHECK(cudaStreamSynchronize(stream_)); }

private:
  int index_;
  cudaDeviceProp properties_{};
  cudaStream_t stream_ = nullptr;
  cublasLtHandle_t cublas_lt_ = nullptr;
  cublasHandle_t cublas_ = nullptr;
  char* arena_ = nullptr;
  std::size_t capacity_ = 0, used_ = 0;
};

/// Device memory of its own, for what outlives a case.
class DeviceBuffer {
public:
  explicit DeviceBuffer(std::size_t bytes) : bytes_(bytes) { WT_CHECK(cudaMalloc(&data_, bytes)); }
  ~DeviceBuffer() { cudaFree(data_); } // at the end of the program nobody is left to tell
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;
  void* get() const { return data_; }
  std::size_t size() const { return bytes_; }

private:
  void* data_ = nullptr;
  std::size_t bytes_;
};

} // namespace windtunnel::calibration
