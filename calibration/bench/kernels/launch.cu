// What starting kernels costs, with kernels that do nothing.
#include <chrono>
#include <memory>

#include "../subject.hpp"

namespace windtunnel::calibration {
namespace {

__global__ void empty_kernel() {}

using Clock = std::chrono::steady_clock;
double seconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// A graph of `kernels` empty kernels in a row, and two events.
struct EmptyGraph {
  cudaGraphExec_t exec = nullptr;
  cudaEvent_t start = nullptr, stop = nullptr;
  EmptyGraph(int kernels, cudaStream_t stream) {
    cudaGraph_t graph = nullptr;
    WT_CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed));
    for (int i = 0; i < kernels; ++i) empty_kernel<<<1, 32, 0, stream>>>();
    WT_CHECK(cudaStreamEndCapture(stream, &graph));
    const cudaError_t status = cudaGraphInstantiate(&exec, graph, 0);
    cudaGraphDestroy(graph);
    WT_CHECK(status);
    WT_CHECK(cudaEventCreate(&start));
    WT_CHECK(cudaEventCreate(&stop));
  }
  ~EmptyGraph() {
    cudaEventDestroy(stop);
    cudaEventDestroy(start);
    cudaGraphExecDestroy(exec);
  }
  EmptyGraph(const EmptyGraph&) = delete;
  EmptyGraph& operator=(const EmptyGraph&) = delete;
  double between_events() const {
    float milliseconds = 0;
    WT_CHECK(cudaEventSynchronize(stop));
    WT_CHECK(cudaEventElapsedTime(&milliseconds, start, stop));
    return milliseconds * 1e-3;
  }
};

} // namespace

/// eager: time from kernel to kernel of launches in a row, host or device, whichever is slower.
/// eager_host: the host's time in one launch call. graph_node: device time from node to node of a
/// graph. graph_launch: from the call that launches a graph to its end, seen from the host. event:
/// device time between two events in a row.
Subject prepare_launch(const Case& c, Device& device) {
  const int kernels = static_cast<int>(c.at("kernels"));
  const auto graph = std::make_shared<EmptyGraph>(kernels, device.stream());
  const cudaStream_t stream = device.stream();
  Subject subject;
  subject.algorithm = "empty kernel, 32 threads";
  if (c.variant == "eager") {
    subject.sample = [=] {
      WT_CHECK(cudaEventRecord(graph->start, stream));
      for (int i = 0; i < kernels; ++i) empty_kernel<<<1, 32, 0, stream>>>();
      WT_CHECK(cudaEventRecord(graph->stop, stream));
      WT_CHECK_LAUNCH();
      return graph->between_events() / kernels;
    };
  } else if (c.variant == "eager_host") {
    subject.sample = [=] {
      const auto start = Clock::now();
      for (int i = 0; i < kernels; ++i) empty_kernel<<<1, 32, 0, stream>>>();
      const auto stop = Clock::now();
      WT_CHECK_LAUNCH();
      WT_CHECK(cudaStreamSynchronize(stream));
      return seconds(start, stop) / kernels;
    };
  } else if (c.variant == "graph_node") {
    subject.sample = [=] {
      // A first replay hides the host's time in launching the second.
      WT_CHECK(cudaGraphLaunch(graph->exec, stream));
      WT_CHECK(cudaEventRecord(graph->start, stream));
      WT_CHECK(cudaGraphLaunch(graph->exec, stream));
      WT_CHECK(cudaEventRecord(graph->stop, stream));
      return graph->between_events() / kernels;
    };
  } else if (c.variant == "graph_launch") {
    subject.sample = [=] {
      const auto start = Clock::now();
      WT_CHECK(cudaGraphLaunch(graph->exec, stream));
      WT_CHECK(cudaStreamSynchronize(stream));
      return seconds(start, Clock::now());
    };
  } else if (c.variant == "event") {
    subject.sample = [=] {
      empty_kernel<<<1, 32, 0, stream>>>();
      WT_CHECK_LAUNCH();
      WT_CHECK(cudaEventRecord(graph->start, stream));
      WT_CHECK(cudaEventRecord(graph->stop, stream));
      return graph->between_events();
    };
  } else {
    throw Unsupported("no launch '" + c.variant + "'");
  }
  return subject;
}

} // namespace windtunnel::calibration
