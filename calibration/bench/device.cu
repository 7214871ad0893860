#include "device.hpp"

#include <algorithm>

#include "kernels/device_code.cuh"
#include "normal.hpp"

namespace windtunnel::calibration {
namespace {

template <class T>
__global__ void fill_normal_kernel(T* data, std::size_t count, std::uint64_t seed, float scale) {
  const std::size_t quads = (count + 3) / 4, step = static_cast<std::size_t>(grid_threads());
  for (std::size_t quad = static_cast<std::size_t>(grid_index()); quad < quads; quad += step) {
    float values[4];
    four_normals(quad, seed, values);
    for (std::size_t i = 0; i < 4; ++i)
      if (4 * quad + i < count) data[4 * quad + i] = from_float<T>(scale * values[i]);
  }
}

template <class T>
void fill(void* data, std::size_t count, std::uint64_t seed, float scale, const Device& device) {
  const unsigned blocks = static_cast<unsigned>(8 * device.properties().multiProcessorCount);
  fill_normal_kernel<<<blocks, 256, 0, device.stream()>>>(static_cast<T*>(data), count, seed,
                                                          scale);
  WT_CHECK_LAUNCH();
}

constexpr std::size_t alignment = 256;
constexpr std::size_t left_to_libraries = std::size_t{2} << 30; // modules they load as they go

} // namespace

Device::Device(int index) : index_(index) {
  int count = 0;
  WT_CHECK(cudaGetDeviceCount(&count));
  if (index >= count)
    throw std::runtime_error("there is no GPU " + std::to_string(index) + ": this machine has " +
                             std::to_string(count));
  WT_CHECK(cudaSetDevice(index));
  WT_CHECK(cudaGetDeviceProperties(&properties_, index));
  WT_CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  WT_CHECK(cublasLtCreate(&cublas_lt_));
  WT_CHECK(cublasCreate(&cublas_));
  WT_CHECK(cublasSetStream(cublas_, stream_));
  std::size_t free = 0, total = 0;
  WT_CHECK(cudaMemGetInfo(&free, &total));
  const std::size_t keep = std::min(left_to_libraries, free / 4);
  capacity_ = (free - keep) / alignment * alignment;
  // What is free may lie in pieces.
  constexpr int tries = 6;
  for (int i = 0; i < tries && cudaMalloc(&arena_, capacity_) != cudaSuccess; ++i) {
    cudaGetLastError();
    arena_ = nullptr;
    capacity_ = capacity_ / 10 * 9 / alignment * alignment;
  }
  if (!arena_) throw std::runtime_error("the GPU gives no memory; is another program on it?");
}

Device::~Device() { // at the end of the program: nobody is left to tell of an error
  cudaFree(arena_);
  cublasDestroy(cublas_);
  cublasLtDestroy(cublas_lt_);
  cudaStreamDestroy(stream_);
}

bool Device::alive() {
  return cudaStreamSynchronize(stream_) == cudaSuccess && cudaDeviceSynchronize() == cudaSuccess &&
         cudaGetLastError() == cudaSuccess;
}

void* Device::allocate(std::size_t bytes) {
  const std::size_t rounded =
      (std::max<std::size_t>(bytes, 1) + alignment - 1) / alignment * alignment;
  if (rounded > available())
    throw Unsupported("needs " + std::to_string(rounded >> 20) + " MiB more, of which " +
                      std::to_string(available() >> 20) + " MiB are free");
  char* const data = arena_ + used_;
  used_ += rounded;
  return data;
}

int Device::sets_for(const Case& c, std::size_t set_bytes, std::size_t extra) const {
  constexpr std::size_t most = 256, slack = 64 * alignment; // for the rounding of each buffer
  const std::size_t one = set_bytes + slack;
  if (one + extra > available())
    throw Unsupported("needs " + std::to_string((one + extra) >> 20) + " MiB, of which " +
                      std::to_string(available() >> 20) + " MiB are free");
  if (c.cache == Cache::hot) return 1;
  const std::size_t wanted = std::max<std::size_t>(2, (2 * l2_bytes() + set_bytes - 1) / set_bytes);
  return static_cast<int>(std::min({wanted, most, (available() - extra) / one}));
}

void Device::fill_normal(void* data, std::size_t count, std::string_view dtype, std::uint64_t seed,
                         float scale) {
  if (dtype == "bf16")
    fill<__nv_bfloat16>(data, count, seed, scale, *this);
  else if (dtype == "fp16")
    fill<__half>(data, count, seed, scale, *this);
  else if (dtype == "tf32" || dtype == "fp32")
    fill<float>(data, count, seed, scale, *this);
  else if (dtype == "fp8_e4m3")
    fill<__nv_fp8_e4m3>(data, count, seed, scale, *this);
  else
    throw std::invalid_argument("no values of format '" + std::string(dtype) + "'");
}

void Device::poison(void* data, std::size_t bytes) {
  WT_CHECK(cudaMemsetAsync(data, 0xff, bytes, stream_)); // NaN in every floating-point format
}

} // namespace windtunnel::calibration
