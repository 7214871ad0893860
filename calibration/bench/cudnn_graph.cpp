#include "cudnn_graph.hpp"

namespace windtunnel::calibration {

void check(cudnnStatus_t status, const char* call, const char* file, int line) {
  // Since cuDNN 9 the reasons for not supporting something are numbered behind it.
  if (status >= CUDNN_STATUS_NOT_SUPPORTED && status < CUDNN_STATUS_NOT_SUPPORTED + 1000)
    throw Unsupported(std::string("cuDNN does not support it: ") + cudnnGetErrorString(status));
  if (status != CUDNN_STATUS_SUCCESS)
    fail(std::string("cuDNN error ") + cudnnGetErrorString(status), call, file, line);
}

/// A descriptor of the backend: made, given attributes, finalized, destroyed.
struct CudnnGraph::Descriptor {
  cudnnBackendDescriptor_t raw = nullptr;

  explicit Descriptor(cudnnBackendDescriptorType_t type) {
    WT_CHECK(cudnnBackendCreateDescriptor(type, &raw));
  }
  ~Descriptor() { cudnnBackendDestroyDescriptor(raw); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  template <class T>
  void set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, const T& value) {
    WT_CHECK(cudnnBackendSetAttribute(raw, name, type, 1, &value));
  }
  void set(cudnnBackendAttributeName_t name, const Dims& values) {
    WT_CHECK(cudnnBackendSetAttribute(raw, name, CUDNN_TYPE_INT64,
                                      static_cast<std::int64_t>(values.size()), values.data()));
  }
  void set(cudnnBackendAttributeName_t name, cudnnBackendDescriptor_t value) {
    WT_CHECK(cudnnBackendSetAttribute(raw, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &value));
  }
  void finalize() { WT_CHECK(cudnnBackendFinalize(raw)); }
};

CudnnGraph::CudnnGraph() = default;
CudnnGraph::~CudnnGraph() = default;

CudnnGraph::Tensor CudnnGraph::add_tensor(cudnnDataType_t type, const Dims& dims,
                                          const Dims& strides, bool is_virtual, bool by_value) {
  auto made = std::make_unique<Descriptor>(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  const Tensor id = static_cast<Tensor>(tensors_.size()) + 1;
  constexpr std::int64_t alignment = 16;
  made->set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, type);
  made->set(CUDNN_ATTR_TENSOR_DIMENSIONS, dims);
  made->set(CUDNN_ATTR_TENSOR_STRIDES, strides);
  made->set(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, id);
  made->set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, alignment);
  if (is_virtual) made->set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, true);
  if (by_value) made->set(CUDNN_ATTR_TENSOR_IS_BY_VALUE, CUDNN_TYPE_BOOLEAN, true);
  made->finalize();
  tensors_.push_back(std::move(made));
  return id;
}

cudnnBackendDescriptor_t CudnnGraph::get(Tensor tensor) const {
  return tensors_.at(static_cast<std::size_t>(tensor - 1))->raw;
}

CudnnGraph::Tensor CudnnGraph::tensor(cudnnDataType_t type, const Dims& dims, const Dims& strides) {
  return add_tensor(type, dims, strides, false, false);
}

CudnnGraph::Tensor CudnnGraph::intermediate(cudnnDataType_t type, const Dims& dims,
                                            const Dims& strides) {
  return add_tensor(type, dims, strides, true, false);
}

CudnnGraph::Tensor CudnnGraph::scalar(float value) {
  const Tensor made = add_tensor(CUDNN_DATA_FLOAT, {1, 1, 1, 1}, {1, 1, 1, 1}, false, true);
  floats_.emplace_back(made, std::make_unique<float>(value));
  return made;
}

CudnnGraph::Tensor CudnnGraph::scalar(std::int32_t value) {
  const Tensor made = add_tensor(CUDNN_DATA_INT32, {1, 1, 1, 1}, {1, 1, 1, 1}, false, true);
  integers_.emplace_back(made, std::make_unique<std::int32_t>(value));
  return made;
}

void CudnnGraph::matmul(Tensor a, Tensor b, Tensor c, Overrides overrides) {
  auto part = std::make_unique<Descriptor>(CUDNN_BACKEND_MATMUL_DESCRIPTOR);
  part->set(CUDNN_ATTR_MATMUL_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
  part->finalize();
  auto made = std::make_unique<Descriptor>(CUDNN_BACKEND_OPERATION_MATMUL_DESCRIPTOR);
  made->set(CUDNN_ATTR_OPERATION_MATMUL_ADESC, get(a));
  made->set(CUDNN_ATTR_OPERATION_MATMUL_BDESC, get(b));
  made->set(CUDNN_ATTR_OPERATION_MATMUL_CDESC, get(c));
  made->set(CUDNN_ATTR_OPERATION_MATMUL_DESC, part->raw);
  if (overrides.m) made->set(CUDNN_ATTR_OPERATION_MATMUL_GEMM_M_OVERRIDE_DESC, get(overrides.m));
  if (overrides.n) made->set(CUDNN_ATTR_OPERATION_MATMUL_GEMM_N_OVERRIDE_DESC, get(overrides.n));
  if (overrides.k) made->set(CUDNN_ATTR_OPERATION_MATMUL_GEMM_K_OVERRIDE_DESC, get(overrides.k));
  made->finalize();
  parts_.push_back(std::move(part));
  operations_.push_back(std::move(made));
}

void CudnnGraph::add_pointwise(cudnnPointwiseMode_t mode, cudnnDataType_t compute,
                               const std::int64_t* axis, Tensor out, Tensor x, Tensor b, Tensor t) {
  auto part = std::make_unique<Descriptor>(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
  part->set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, mode);
  part->set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, compute);
  if (axis) part->set(CUDNN_ATTR_POINTWISE_AXIS, CUDNN_TYPE_INT64, *axis);
  part->finalize();
  auto made = std::make_unique<Descriptor>(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
  made->set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, part->raw);
  made->set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, get(x));
  made->set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, get(out));
  if (b) made->set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, get(b));
  if (t) made->set(CUDNN_ATTR_OPERATION_POINTWISE_TDESC, get(t));
  made->set(CUDNN_ATTR_OPERATION_POINTWISE_ALPHA1, CUDNN_TYPE_FLOAT, 1.0f);
  made->set(CUDNN_ATTR_OPERATION_POINTWISE_ALPHA2, CUDNN_TYPE_FLOAT, 1.0f);
  made->finalize();
  parts_.push_back(std::move(part));
  operations_.push_back(std::move(made));
}

void CudnnGraph::pointwise(cudnnPointwiseMode_t mode, cudnnDataType_t compute, Tensor out, Tensor x,
                           Tensor b, Tensor t) {
  add_pointwise(mode, compute, nullptr, out, x, b, t);
}

void CudnnGraph::index(int axis, cudnnDataType_t compute, Tensor out, Tensor x) {
  const std::int64_t along = axis;
  add_pointwise(CUDNN_POINTWISE_GEN_INDEX, compute, &along, out, x, 0, 0);
}

void CudnnGraph::reduction(cudnnReduceTensorOp_t op, Tensor out, Tensor x) {
  auto part = std::make_unique<Descriptor>(CUDNN_BACKEND_REDUCTION_DESCRIPTOR);
  part->set(CUDNN_ATTR_REDUCTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
  part->set(CUDNN_ATTR_REDUCTION_OPERATOR, CUDNN_TYPE_REDUCTION_OPERATOR_TYPE, op);
  part->finalize();
  auto made = std::make_unique<Descriptor>(CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR);
  made->set(CUDNN_ATTR_OPERATION_REDUCTION_DESC, part->raw);
  made->set(CUDNN_ATTR_OPERATION_REDUCTION_XDESC, get(x));
  made->set(CUDNN_ATTR_OPERATION_REDUCTION_YDESC, get(out));
  made->finalize();
  parts_.push_back(std::move(part));
  operations_.push_back(std::move(made));
}

void CudnnGraph::reshape(Tensor out, Tensor x) {
  auto made = std::make_unique<Descriptor>(CUDNN_BACKEND_OPERATION_RESHAPE_DESCRIPTOR);
  made->set(CUDNN_ATTR_OPERATION_RESHAPE_XDESC, get(x));
  made->set(CUDNN_ATTR_OPERATION_RESHAPE_YDESC, get(out));
  made->finalize();
  operations_.push_back(std::move(made));
}

void CudnnGraph::load_pages(Tensor out, Tensor container, Tensor page_table, Tensor lengths) {
#if CUDNN_VERSION >= 90500
  if (cudnnGetVersion() < 90500) throw Unsupported("paged attention needs cuDNN 9.5");
  auto made = std::make_unique<Descriptor>(CUDNN_BACKEND_OPERATION_PAGED_CACHE_LOAD_DESCRIPTOR);
  made->set(CUDNN_ATTR_OPERATION_PAGED_CACHE_LOAD_CONTAINER_DESC, get(container));
  made->set(CUDNN_ATTR_OPERATION_PAGED_CACHE_LOAD_PAGE_TABLE_DESC, get(page_table));
  made->set(CUDNN_ATTR_OPERATION_PAGED_CACHE_LOAD_SEQUENCE_DESC, get(lengths));
  made->set(CUDNN_ATTR_OPERATION_PAGED_CACHE_LOAD_YDESC, get(out));
  made->finalize();
  operations_.push_back(std::move(made));
#else
  (void)out, (void)container, (void)page_table, (void)lengths;
  throw Unsupported("built with a cuDNN before 9.5, which has no paged attention");
#endif
}

void CudnnGraph::convolution(Convolution kind, Tensor x, Tensor w, Tensor y, std::int64_t padding,
                             std::int64_t stride) {
  auto part = std::make_unique<Descriptor>(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  const std::int64_t spatial = 2;
  part->set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
  part->set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, CUDNN_CROSS_CORRELATION);
  part->set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, spatial);
  part->set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, {padding, padding});
  part->set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, {padding, padding});
  part->set(CUDNN_ATTR_CONVOLUTION_DILATIONS, {1, 1});
  part->set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, {stride, stride});
  part->finalize();
  Held made;
  if (kind == Convolution::forward) {
    made = std::make_unique<Descriptor>(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, part->raw);
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, get(x));
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, get(w));
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, get(y));
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1.0f);
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 0.0f);
  } else if (kind == Convolution::backward_data) {
    made =
        std::make_unique<Descriptor>(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR);
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, part->raw);
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, get(w));
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, get(x));
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, get(y));
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, CUDNN_TYPE_FLOAT, 1.0f);
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, CUDNN_TYPE_FLOAT, 0.0f);
  } else {
    made = std::make_unique<Descriptor>(
        CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR);
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC, part->raw);
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW, get(w));
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X, get(x));
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY, get(y));
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA, CUDNN_TYPE_FLOAT, 1.0f);
    made->set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA, CUDNN_TYPE_FLOAT, 0.0f);
  }
  made->finalize();
  parts_.push_back(std::move(part));
  operations_.push_back(std::move(made));
}

bool CudnnGraph::try_plans(cudnnHandle_t handle, cudnnBackendHeurMode_t mode,
                           std::size_t workspace_limit) {
  Descriptor heuristics(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph_->raw);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, mode);
  const cudnnStatus_t known = cudnnBackendFinalize(heuristics.raw);
  if (known != CUDNN_STATUS_SUCCESS) {
    refused_ = cudnnGetErrorString(known);
    return false;
  }
  std::int64_t count = 0;
  WT_CHECK(cudnnBackendGetAttribute(heuristics.raw, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                    CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &count, nullptr));
  if (count == 0) return false;
  std::vector<Held> configs;
  std::vector<cudnnBackendDescriptor_t> raw;
  for (std::int64_t i = 0; i < count; ++i) {
    configs.push_back(std::make_unique<Descriptor>(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR));
    raw.push_back(configs.back()->raw);
  }
  WT_CHECK(cudnnBackendGetAttribute(heuristics.raw, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                    CUDNN_TYPE_BACKEND_DESCRIPTOR, count, &count, raw.data()));
  for (std::int64_t i = 0; i < count; ++i) {
    const Held& config = configs[static_cast<std::size_t>(i)];
    auto plan = std::make_unique<Descriptor>(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    plan->set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, handle);
    plan->set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config->raw);
    const cudnnStatus_t built = cudnnBackendFinalize(plan->raw);
    if (built != CUDNN_STATUS_SUCCESS) { // this engine cannot; the next may
      refused_ = cudnnGetErrorString(built);
      continue;
    }
    std::int64_t workspace = 0, engine_index = -1, found = 0;
    WT_CHECK(cudnnBackendGetAttribute(plan->raw, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE,
                                      CUDNN_TYPE_INT64, 1, &found, &workspace));
    if (static_cast<std::size_t>(workspace) > workspace_limit) {
      refused_ = "a workspace of " + std::to_string(workspace >> 20) + " MiB";
      continue;
    }
    const Descriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    cudnnBackendDescriptor_t engine_raw = engine.raw;
    WT_CHECK(cudnnBackendGetAttribute(config->raw, CUDNN_ATTR_ENGINECFG_ENGINE,
                                      CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &found, &engine_raw));
    WT_CHECK(cudnnBackendGetAttribute(engine_raw, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64,
                                      1, &found, &engine_index));
    workspace_ = static_cast<std::size_t>(workspace);
    algorithm_ = "cudnn engine " + std::to_string(engine_index) + ", choice " +
                 std::to_string(i + 1) + " of " + std::to_string(count) +
                 (mode == CUDNN_HEUR_MODE_A ? "" : " (fallback)");
    plan_ = std::move(plan);
    return true;
  }
  return false;
}

void CudnnGraph::build(cudnnHandle_t handle, std::size_t workspace_limit) {
  graph_ = std::make_unique<Descriptor>(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  std::vector<cudnnBackendDescriptor_t> raw;
  for (const Held& operation : operations_) raw.push_back(operation->raw);
  WT_CHECK(cudnnBackendSetAttribute(graph_->raw, CUDNN_ATTR_OPERATIONGRAPH_OPS,
                                    CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                    static_cast<std::int64_t>(raw.size()), raw.data()));
  graph_->set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, handle);
  const cudnnStatus_t possible = cudnnBackendFinalize(graph_->raw);
  if (possible != CUDNN_STATUS_SUCCESS)
    throw Unsupported(std::string("cuDNN refuses the graph: ") + cudnnGetErrorString(possible));
  if (!try_plans(handle, CUDNN_HEUR_MODE_A, workspace_limit) &&
      !try_plans(handle, CUDNN_HEUR_MODE_FALLBACK, workspace_limit))
    throw Unsupported("cuDNN has no kernel for it" +
                      (refused_.empty() ? "" : " (the last was refused: " + refused_ + ")"));
}

int CudnnGraph::bind(const Pointers& pointers, void* workspace) {
  std::vector<Tensor> ids;
  std::vector<void*> data;
  for (const auto& [tensor, pointer] : pointers) {
    ids.push_back(tensor);
    data.push_back(pointer);
  }
  for (const auto& [tensor, value] : floats_) {
    ids.push_back(tensor);
    data.push_back(value.get());
  }
  for (const auto& [tensor, value] : integers_) {
    ids.push_back(tensor);
    data.push_back(value.get());
  }
  auto pack = std::make_unique<Descriptor>(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  const auto count = static_cast<std::int64_t>(ids.size());
  WT_CHECK(cudnnBackendSetAttribute(pack->raw, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64,
                                    count, ids.data()));
  WT_CHECK(cudnnBackendSetAttribute(pack->raw, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS,
                                    CUDNN_TYPE_VOID_PTR, count, data.data()));
  pack->set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, workspace);
  pack->finalize();
  packs_.push_back(std::move(pack));
  return static_cast<int>(packs_.size()) - 1;
}

void CudnnGraph::execute(cudnnHandle_t handle, int bound) const {
  WT_CHECK(
      cudnnBackendExecute(handle, plan_->raw, packs_.at(static_cast<std::size_t>(bound))->raw));
}

cudnnHandle_t cudnn_handle(Device& device) {
  struct Handle {
    cudnnHandle_t raw = nullptr;
    explicit Handle(Device& d) {
      WT_CHECK(cudnnCreate(&raw));
      WT_CHECK(cudnnSetStream(raw, d.stream()));
    }
  };
  static const Handle handle(device); // lives as long as the process: so does the one device
  return handle.raw;
}

} // namespace windtunnel::calibration
