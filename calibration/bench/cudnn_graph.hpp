// CudnnGraph: a graph of cuDNN operations by its backend interface (cudnn_graph.h), which every
// installation of cuDNN 9 has; the C++ frontend is a package of its own.
#pragma once

#include <cudnn.h>
#include <cudnn_graph.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "device.hpp"

namespace windtunnel::calibration {

void check(cudnnStatus_t status, const char* call, const char* file, int line);

/// Dimensions or strides.
using Dims = std::vector<std::int64_t>;

class CudnnGraph {
public:
  /// A tensor of the graph, by the unique number cuDNN knows it by.
  using Tensor = std::int64_t;

  CudnnGraph();
  ~CudnnGraph();
  CudnnGraph(const CudnnGraph&) = delete;
  CudnnGraph& operator=(const CudnnGraph&) = delete;

  /// In memory, aligned to 16 bytes; given at execution.
  Tensor tensor(cudnnDataType_t, const Dims& dims, const Dims& strides);
  /// Between operations only.
  Tensor intermediate(cudnnDataType_t, const Dims& dims, const Dims& strides);
  /// A number held by the graph.
  Tensor scalar(float);
  Tensor scalar(std::int32_t);

  /// c = a b; the overrides, where above 0, are tensors of the m, n and k of each batch.
  struct Overrides {
    Tensor m = 0, n = 0, k = 0;
  };
  void matmul(Tensor a, Tensor b, Tensor c, Overrides overrides);
  /// out = mode(x[, b[, t]]).
  void pointwise(cudnnPointwiseMode_t, cudnnDataType_t compute, Tensor out, Tensor x, Tensor b = 0,
                 Tensor t = 0);
  /// out = the index along `axis` of each element of x.
  void index(int axis, cudnnDataType_t compute, Tensor out, Tensor x);
  void reduction(cudnnReduceTensorOp_t, Tensor out, Tensor x);
  void reshape(Tensor out, Tensor x);
  void load_pages(Tensor out, Tensor container, Tensor page_table, Tensor lengths);
  enum class Convolution { forward, backward_data, backward_filter };
  /// Image x, filter w and result y, of which one is written; both spatial dimensions alike.
  void convolution(Convolution, Tensor x, Tensor w, Tensor y, std::int64_t padding,
                   std::int64_t stride);

  /// Takes the first plan of the library's heuristics that can be built within `workspace_limit`.
  /// Throws Unsupported when there is none.
  void build(cudnnHandle_t, std::size_t workspace_limit);
  std::size_t workspace() const { return workspace_; }
  const std::string& algorithm() const { return algorithm_; }

  using Pointers = std::vector<std::pair<Tensor, void*>>;
  /// Tensors and workspace of one set of buffers, by its number from 0 on.
  int bind(const Pointers&, void* workspace);
  void execute(cudnnHandle_t, int bound) const;

private:
  struct Descriptor;
  using Held = std::unique_ptr<Descriptor>;
  Tensor add_tensor(cudnnDataType_t, const Dims& dims, const Dims& strides, bool is_virtual,
                    bool by_value);
  cudnnBackendDescriptor_t get(Tensor) const;
  void add_pointwise(cudnnPointwiseMode_t, cudnnDataType_t compute, const std::int64_t* axis,
                     Tensor out, Tensor x, Tensor b, Tensor t);
  bool try_plans(cudnnHandle_t, cudnnBackendHeurMode_t, std::size_t workspace_limit);

  std::vector<Held> tensors_, parts_, operations_, packs_;
  Held graph_, plan_;
  /// Values of scalars; boxed, for their addresses go into the packs.
  std::vector<std::pair<Tensor, std::unique_ptr<float>>> floats_;
  std::vector<std::pair<Tensor, std::unique_ptr<std::int32_t>>> integers_;
  std::size_t workspace_ = 0;
  std::string algorithm_, refused_;
};

/// The handle of this process, on the stream of its device.
cudnnHandle_t cudnn_handle(Device&);

} // namespace windtunnel::calibration
