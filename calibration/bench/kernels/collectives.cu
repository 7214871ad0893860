// NCCL's collectives among the GPUs of this machine, one process for all of them. "bytes" is the
// size that nccl-tests counts by: the buffer that is reduced, the gathered whole, the whole before
// it is scattered, all that one GPU sends to all.
#include <nccl.h>

#include <algorithm>
#include <exception>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "../subject.hpp"
#include "fetch.hpp"

namespace windtunnel::calibration {
namespace {

void check(ncclResult_t status, const char* call, const char* file, int line) {
  if (status != ncclSuccess)
    fail(std::string("NCCL error '") + ncclGetErrorString(status) + "'", call, file, line);
}
#define WT_CHECK_NCCL(call) check((call), #call, __FILE__, __LINE__)

constexpr std::size_t size_of_bf16 = 2;
constexpr int launches = 20; ///< in one sample

/// A GPU's part of it.
struct Rank {
  ncclComm_t communicator = nullptr;
  cudaStream_t stream = nullptr;
  cudaEvent_t start = nullptr, stop = nullptr;
  void *in = nullptr, *out = nullptr;
};

/// Restores the current device.
class OnDevice {
public:
  explicit OnDevice(int device) {
    WT_CHECK(cudaGetDevice(&before_));
    WT_CHECK(cudaSetDevice(device));
  }
  ~OnDevice() { cudaSetDevice(before_); }
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;

private:
  int before_ = 0;
};

/// One communicator a GPU for each number of GPUs; making them takes about a second, so they stay.
const std::vector<ncclComm_t>& communicators_of(int gpus) {
  static std::map<int, std::vector<ncclComm_t>> made;
  std::vector<ncclComm_t>& all = made[gpus];
  if (all.empty()) {
    std::vector<ncclComm_t> fresh(static_cast<std::size_t>(gpus));
    WT_CHECK_NCCL(ncclCommInitAll(fresh.data(), gpus, nullptr));
    all = fresh;
  }
  return all;
}

class Collective {
public:
  Collective(const Case& c, int gpus)
      : variant_(c.variant), count_(static_cast<std::size_t>(c.at("bytes")) / size_of_bf16),
        ranks_(static_cast<std::size_t>(gpus)) {
    if (count_ % ranks_.size() != 0) throw Unsupported("the bytes do not divide among the GPUs");
    const std::vector<ncclComm_t>& communicators = communicators_of(gpus);
    for (std::size_t r = 0; r < ranks_.size(); ++r) ranks_[r].communicator = communicators[r];
  }
  ~Collective() {
    for (std::size_t r = 0; r < ranks_.size(); ++r) {
      const Rank& rank = ranks_[r];
      const OnDevice here(static_cast<int>(r));
      cudaFree(rank.in);
      cudaFree(rank.out);
      if (rank.stop) cudaEventDestroy(rank.stop);
      if (rank.start) cudaEventDestroy(rank.start);
      if (rank.stream) cudaStreamDestroy(rank.stream);
    }
  }
  Collective(const Collective&) = delete;
  Collective& operator=(const Collective&) = delete;

  /// Every element is its rank plus one: small numbers, whose sums are exact.
  void make_buffers() {
    for (std::size_t r = 0; r < ranks_.size(); ++r) {
      const OnDevice here(static_cast<int>(r));
      Rank& rank = ranks_[r];
      WT_CHECK(cudaStreamCreateWithFlags(&rank.stream, cudaStreamNonBlocking));
      WT_CHECK(cudaEventCreate(&rank.start));
      WT_CHECK(cudaEventCreate(&rank.stop));
      const std::size_t bytes = count_ * size_of_bf16;
      for (void** data : {&rank.in, &rank.out})
        if (cudaMalloc(data, bytes) != cudaSuccess) {
          cudaGetLastError();
          *data = nullptr;
          throw Unsupported("a GPU has no " + std::to_string(bytes >> 20) + " MiB");
        }
      const std::vector<__nv_bfloat16> values(count_, __float2bfloat16(static_cast<float>(r + 1)));
      WT_CHECK(cudaMemcpy(rank.in, values.data(), bytes, cudaMemcpyHostToDevice));
      WT_CHECK(cudaMemset(rank.out, 0xff, bytes));
    }
  }

  /// Seconds of one, of several in a row, by the events of the slowest GPU. Each GPU has a thread,
  /// as each has a process in training.
  double sample(int times) {
    std::vector<double> seconds(ranks_.size());
    std::vector<std::exception_ptr> errors(ranks_.size());
    std::vector<std::thread> threads;
    for (std::size_t r = 0; r < ranks_.size(); ++r)
      threads.emplace_back([&, r] {
        try {
          WT_CHECK(cudaSetDevice(static_cast<int>(r)));
          const Rank& rank = ranks_[r];
          enqueue(r); // the GPUs meet here, so that none waits for another's start below
          WT_CHECK(cudaEventRecord(rank.start, rank.stream));
          for (int i = 0; i < times; ++i) enqueue(r);
          WT_CHECK(cudaEventRecord(rank.stop, rank.stream));
          WT_CHECK(cudaEventSynchronize(rank.stop));
          float milliseconds = 0;
          WT_CHECK(cudaEventElapsedTime(&milliseconds, rank.start, rank.stop));
          seconds[r] = milliseconds * 1e-3 / times;
        } catch (...) {
          errors[r] = std::current_exception();
        }
      });
    for (std::thread& thread : threads) thread.join();
    for (const std::exception_ptr& error : errors)
      if (error) std::rethrow_exception(error);
    return *std::max_element(seconds.begin(), seconds.end());
  }

  /// Of the first and the last element that each GPU should have.
  double error() {
    sample(1);
    const std::size_t n = ranks_.size(), part = count_ / n;
    const auto all = static_cast<double>(n * (n + 1) / 2);
    Values got, expected;
    for (std::size_t r = 0; r < n; ++r) {
      const bool scattered = variant_ == "reduce_scatter";
      const std::size_t last = (scattered ? part : count_) - 1;
      got.push_back(element(ranks_[r].out, 0));
      got.push_back(element(ranks_[r].out, last));
      if (variant_ == "all_reduce" || scattered) {
        expected.insert(expected.end(), {all, all});
      } else if (variant_ == "send_recv") {
        const auto from = static_cast<double>((r + n - 1) % n + 1);
        expected.insert(expected.end(), {from, from});
      } else { // in the order of the ranks they come from
        expected.insert(expected.end(), {1, static_cast<double>(n)});
      }
    }
    return relative_error(got, expected);
  }

private:
  static char* at(void* data, std::size_t elements) {
    return static_cast<char*>(data) + elements * size_of_bf16;
  }
  static double element(void* data, std::size_t place) {
    std::vector<unsigned char> bytes(size_of_bf16);
    WT_CHECK(cudaMemcpy(bytes.data(), at(data, place), size_of_bf16, cudaMemcpyDeviceToHost));
    return decoded(bytes, "bf16")[0];
  }

  /// The part of GPU `r`, called by its thread.
  void enqueue(std::size_t r) const {
    const Rank& k = ranks_[r];
    const std::size_t n = ranks_.size(), part = count_ / n;
    if (variant_ == "all_reduce") {
      WT_CHECK_NCCL(
          ncclAllReduce(k.in, k.out, count_, ncclBfloat16, ncclSum, k.communicator, k.stream));
    } else if (variant_ == "all_gather") {
      WT_CHECK_NCCL(ncclAllGather(k.in, k.out, part, ncclBfloat16, k.communicator, k.stream));
    } else if (variant_ == "reduce_scatter") {
      WT_CHECK_NCCL(
          ncclReduceScatter(k.in, k.out, part, ncclBfloat16, ncclSum, k.communicator, k.stream));
    } else if (variant_ == "all_to_all") {
      WT_CHECK_NCCL(ncclGroupStart());
      for (std::size_t other = 0; other < n; ++other) {
        const auto peer = static_cast<int>(other);
        WT_CHECK_NCCL(
            ncclSend(at(k.in, other * part), part, ncclBfloat16, peer, k.communicator, k.stream));
        WT_CHECK_NCCL(
            ncclRecv(at(k.out, other * part), part, ncclBfloat16, peer, k.communicator, k.stream));
      }
      WT_CHECK_NCCL(ncclGroupEnd());
    } else { // send_recv: each to the next
      WT_CHECK_NCCL(ncclGroupStart());
      WT_CHECK_NCCL(ncclSend(k.in, count_, ncclBfloat16, static_cast<int>((r + 1) % n),
                             k.communicator, k.stream));
      WT_CHECK_NCCL(ncclRecv(k.out, count_, ncclBfloat16, static_cast<int>((r + n - 1) % n),
                             k.communicator, k.stream));
      WT_CHECK_NCCL(ncclGroupEnd());
    }
  }

  std::string variant_;
  std::size_t count_;
  std::vector<Rank> ranks_;
};

} // namespace

Subject prepare_collective(const Case& c, Device& device) {
  const int gpus = static_cast<int>(c.at("gpus"));
  int present = 0;
  WT_CHECK(cudaGetDeviceCount(&present));
  if (present < gpus)
    throw Unsupported("needs " + std::to_string(gpus) + " GPUs, here " +
                      (present == 1 ? "is" : "are") + " " + std::to_string(present));
  if (device.index() != 0) throw Unsupported("collectives are measured from GPU 0 only");
  const auto collective = std::make_shared<Collective>(c, gpus);
  collective->make_buffers();
  const double error = collective->error();
  if (!(error == 0)) throw Unsupported("wrong result: its error is " + std::to_string(error));
  Subject subject;
  subject.set_bytes = static_cast<std::size_t>(c.at("bytes"));
  subject.sample = [collective] { return collective->sample(launches); };
  subject.algorithm = "nccl, 20 in a row, a thread a GPU";
  return subject;
}

} // namespace windtunnel::calibration
