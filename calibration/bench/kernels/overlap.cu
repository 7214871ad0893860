// A matrix product beside a kernel that copies through memory from a few multiprocessors without
// end, as a collective does: how much the product slows down. blocks = 0 is the product alone.
#include <memory>

#include "../subject.hpp"
#include "device_code.cuh"
#include "gemm.hpp"

namespace windtunnel::calibration {
namespace {

using Sixteen = Pack<std::uint32_t>;

/// Copies `count` packs again and again until the host raises `stop`, or for `limit_ns`.
__global__ void endless_copy_kernel(const Sixteen* in, Sixteen* out, std::int64_t count,
                                    const volatile int* stop, unsigned long long limit_ns) {
  unsigned long long start, now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(start));
  const std::int64_t step = grid_threads();
  do {
    std::int64_t i = grid_index();
    // A few microseconds between looks at the host's memory.
    for (int round = 0; i + 3 * step < count; i += 4 * step, ++round) {
      const Sixteen a = in[i], b = in[i + step], c = in[i + 2 * step], d = in[i + 3 * step];
      out[i] = a;
      out[i + step] = b;
      out[i + 2 * step] = c;
      out[i + 3 * step] = d;
      if (round % 64 == 63 && *stop != 0) return;
    }
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  } while (*stop == 0 && now - start < limit_ns);
}

/// The copying kernel on a stream of its own, and the flag that ends it.
class Background {
public:
  Background(Device& device, int blocks, std::size_t bytes)
      : blocks_(blocks), bytes_(bytes), in_(device.allocate(bytes)), out_(device.allocate(bytes)) {
    device.fill_normal(in_, bytes / sizeof(float), "fp32", 99);
    device.synchronize();
    WT_CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
    WT_CHECK(cudaHostAlloc(&stop_, sizeof(int), cudaHostAllocMapped));
    WT_CHECK(cudaHostGetDevicePointer(reinterpret_cast<void**>(&stop_on_device_), stop_, 0));
  }
  ~Background() {
    stop();
    cudaFreeHost(stop_);
    cudaStreamDestroy(stream_);
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void start() {
    *const_cast<volatile int*>(stop_) = 0;
    endless_copy_kernel<<<static_cast<unsigned>(blocks_), 512, 0, stream_>>>(
        static_cast<const Sixteen*>(in_), static_cast<Sixteen*>(out_),
        static_cast<std::int64_t>(bytes_ / sizeof(Sixteen)), stop_on_device_, limit_ns);
    WT_CHECK_LAUNCH();
  }
  void stop() noexcept {
    *const_cast<volatile int*>(stop_) = 1;
    cudaStreamSynchronize(stream_); // an error stays and is met by the next call
  }

private:
  static constexpr unsigned long long limit_ns = 20'000'000'000ull; // should the host die first
  int blocks_;
  std::size_t bytes_;
  void *in_, *out_;
  cudaStream_t stream_ = nullptr;
  int *stop_ = nullptr, *stop_on_device_ = nullptr;
};

} // namespace

Subject prepare_overlap(const Case& c, Device& device) {
  const int blocks = static_cast<int>(c.at("blocks"));
  if (blocks >= device.properties().multiProcessorCount)
    throw Unsupported("as many blocks as multiprocessors");
  const auto background =
      blocks == 0 ? nullptr : std::make_shared<Background>(device, blocks, std::size_t{256} << 20);
  Subject subject = prepare_gemm(c, device);
  if (background) {
    subject.begin = [background] { background->start(); };
    subject.end = [background] { background->stop(); };
    subject.algorithm += " beside 512 threads a block copying 256 MiB";
  }
  return subject;
}

} // namespace windtunnel::calibration
