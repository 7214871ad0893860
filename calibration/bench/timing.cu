#include "timing.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "kernels/device_code.cuh"
#include "statistics.hpp"

namespace windtunnel::calibration {
namespace {

constexpr double warm_up_seconds = 0.05, sample_seconds = 1e-3, batch_seconds = 0.02;
constexpr double eager_above_seconds = 2e-3; // where the gap before a launch no longer counts
constexpr double interval = 0.01;
constexpr std::size_t most_launches = 512, least_samples = 6, most_samples = 400;
constexpr int most_in_batch = 16;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Keeps the stream busy while the host enqueues, so that the GPU never waits for it in between.
__global__ void hold_kernel(unsigned long long nanoseconds) {
  unsigned long long start, now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(start));
  do {
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  } while (now - start < nanoseconds);
}

/// The kernel beside a subject, ended whatever happens.
class Beside {
public:
  explicit Beside(const Subject& subject) : subject_(subject) {
    if (subject.begin) subject.begin();
  }
  ~Beside() {
    if (subject_.end) subject_.end();
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

private:
  const Subject& subject_;
};

/// Enough launches for a sample of a millisecond, every set as often; one where that is long
/// enough.
std::size_t launches_in_sample(double one, std::size_t sets, bool flush) {
  if (one >= eager_above_seconds) return 1;
  if (flush) return sets;
  const double rounds = std::ceil(sample_seconds / one / static_cast<double>(sets));
  return sets * std::clamp<std::size_t>(static_cast<std::size_t>(rounds), 1,
                                        std::max<std::size_t>(1, most_launches / sets));
}

} // namespace

/// A graph of launches in a row, over the sets in turn.
class Timer::Graph {
public:
  Graph(const Subject& subject, std::size_t launches, cudaStream_t stream) {
    cudaGraph_t graph = nullptr;
    WT_CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed));
    try {
      for (std::size_t i = 0; i < launches; ++i)
        subject.launch(stream, static_cast<int>(i % static_cast<std::size_t>(subject.sets)));
    } catch (...) {
      if (cudaStreamEndCapture(stream, &graph) == cudaSuccess && graph) cudaGraphDestroy(graph);
      cudaGetLastError(); // the stream is usable again; the cause is in flight
      throw;
    }
    WT_CHECK(cudaStreamEndCapture(stream, &graph));
    const cudaError_t status = cudaGraphInstantiate(&exec_, graph, 0);
    cudaGraphDestroy(graph);
    WT_CHECK(status);
    WT_CHECK(cudaGraphUpload(exec_, stream));
  }
  ~Graph() { cudaGraphExecDestroy(exec_); }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  void launch(cudaStream_t stream) const { WT_CHECK(cudaGraphLaunch(exec_, stream)); }

private:
  cudaGraphExec_t exec_ = nullptr;
};

Timer::Timer(Device& device, Nvml& nvml, double cap_seconds)
    : device_(device), nvml_(nvml), cap_(cap_seconds), flush_(2 * device.l2_bytes()),
      events_(2 * most_in_batch) {
  for (cudaEvent_t& event : events_) WT_CHECK(cudaEventCreate(&event));
}

Timer::~Timer() {
  for (const cudaEvent_t event : events_) cudaEventDestroy(event);
}

double Timer::rough_seconds(const Subject& subject) {
  constexpr int launches = 3;
  hold_kernel<<<1, 1, 0, device_.stream()>>>(200'000);
  WT_CHECK_LAUNCH();
  WT_CHECK(cudaEventRecord(events_[0], device_.stream()));
  for (int i = 0; i < launches; ++i) subject.launch(device_.stream(), i % subject.sets);
  WT_CHECK(cudaEventRecord(events_[1], device_.stream()));
  WT_CHECK(cudaEventSynchronize(events_[1]));
  float milliseconds = 0;
  WT_CHECK(cudaEventElapsedTime(&milliseconds, events_[0], events_[1]));
  return std::max(1e-6, milliseconds * 1e-3 / launches);
}

void Timer::take_batch(const Subject& subject, const Graph* graph, std::size_t launches, bool flush,
                       int count, std::vector<double>& samples) {
  const cudaStream_t stream = device_.stream();
  const auto start = std::chrono::steady_clock::now();
  hold_kernel<<<1, 1, 0, stream>>>(
      static_cast<unsigned long long>(1e9 * std::clamp(1.5 * enqueue_seconds_, 5e-5, 1e-2)));
  WT_CHECK_LAUNCH();
  for (int i = 0; i < count; ++i) {
    if (flush) WT_CHECK(cudaMemsetAsync(flush_.get(), i, flush_.size(), stream));
    WT_CHECK(cudaEventRecord(events_[2 * i], stream));
    if (graph) {
      graph->launch(stream);
    } else {
      for (std::size_t launch = 0; launch < launches; ++launch, ++next_set_)
        subject.launch(stream,
                       static_cast<int>(next_set_ % static_cast<std::size_t>(subject.sets)));
    }
    WT_CHECK(cudaEventRecord(events_[2 * i + 1], stream));
  }
  enqueue_seconds_ = seconds_since(start);
  reading_ = nvml_.read(); // while the GPU works
  WT_CHECK(cudaEventSynchronize(events_[2 * count - 1]));
  for (int i = 0; i < count; ++i) {
    float milliseconds = 0;
    WT_CHECK(cudaEventElapsedTime(&milliseconds, events_[2 * i], events_[2 * i + 1]));
    samples.push_back(milliseconds * 1e-3 / static_cast<double>(launches));
  }
}

Row Timer::measure(const Subject& subject) {
  Row row;
  row.algorithm = subject.algorithm;
  row.copies = static_cast<std::size_t>(subject.sets);
  device_.synchronize();
  if (subject.error) {
    subject.launch(device_.stream(), 0);
    device_.synchronize();
    row.checked_error = subject.error();
    if (!(row.checked_error <= subject.tolerance)) // NaN is none
      throw Unsupported("wrong result: its error is " + std::to_string(row.checked_error) +
                        " of the reference, above " + std::to_string(subject.tolerance));
  }

  if (subject.sample) {
    row.launches = 1;
    for (int i = 0; i < 3; ++i) subject.sample();
    repeat(row, [&](std::vector<double>& samples) {
      for (int i = 0; i < 4; ++i) samples.push_back(subject.sample());
      reading_ = nvml_.read();
    });
    return row;
  }

  const double one = rough_seconds(subject);
  // Past the L2 by rotation, or with the L2 emptied before each sample, whose launches then use
  // each set once.
  const auto sets = static_cast<std::size_t>(subject.sets);
  const bool flush = sets > 1 && sets * subject.set_bytes < 2 * device_.l2_bytes();
  row.launches = launches_in_sample(one, sets, flush);
  std::unique_ptr<Graph> graph;
  if (!subject.eager && one < eager_above_seconds) {
    try {
      graph = std::make_unique<Graph>(subject, row.launches, device_.stream());
    } catch (const std::runtime_error&) { // some engines cannot be captured
      cudaGetLastError();                 // which is no error of the launches to come
      row.algorithm += " (eager: not capturable)";
    }
  }
  // What runs beside begins when nothing is left to load or allocate, which would wait for its end.
  if (graph) graph->launch(device_.stream());
  device_.synchronize();
  const Beside beside(subject);

  const double sample = one * static_cast<double>(row.launches);
  const int count =
      static_cast<int>(std::clamp(batch_seconds / sample, 1.0, double(most_in_batch)));
  std::vector<double> warm_up;
  const auto start = std::chrono::steady_clock::now();
  do {
    take_batch(subject, graph.get(), row.launches, flush, count, warm_up);
  } while (warm_up.size() * row.launches < 3 || seconds_since(start) < warm_up_seconds);
  repeat(row, [&](std::vector<double>& samples) {
    take_batch(subject, graph.get(), row.launches, flush, count, samples);
  });
  return row;
}

void Timer::repeat(Row& row, const std::function<void(std::vector<double>&)>& batch) {
  std::vector<double> samples;
  Summary summary;
  const auto start = std::chrono::steady_clock::now();
  do {
    batch(samples);
    summary = summarize(samples);
  } while (samples.size() < least_samples ||
           (summary.ci > interval && seconds_since(start) < cap_ && samples.size() < most_samples));
  row.repeats = summary.repeats;
  row.stopped = summary.ci <= interval ? "interval" : "cap";
  row.seconds = summary.median;
  row.seconds_min = summary.min;
  row.seconds_p95 = summary.p95;
  row.ci = summary.ci;
  row.sm_clock_mhz = reading_.sm_clock_mhz;
  row.power_w = reading_.power_w;
  row.temperature_c = reading_.temperature_c;
}

} // namespace windtunnel::calibration
