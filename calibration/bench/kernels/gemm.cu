#include "gemm.hpp"

#include <array>
#include <cmath>

#include "reference.hpp"

namespace windtunnel::calibration {
namespace {

constexpr std::size_t workspace_bytes = std::size_t{32} << 20; // what NVIDIA advises for Hopper

cudaDataType_t cuda_type(const std::string& dtype) {
  if (dtype == "bf16") return CUDA_R_16BF;
  if (dtype == "fp16") return CUDA_R_16F;
  if (dtype == "tf32") return CUDA_R_32F;
  if (dtype == "fp8_e4m3") return CUDA_R_8F_E4M3;
  throw std::invalid_argument("no matrix product in '" + dtype + "'");
}

/// Which of the library's kernels was chosen.
std::string name_of(const cublasLtMatmulAlgo_t& algorithm) {
  const auto number = [&algorithm](cublasLtMatmulAlgoConfigAttributes_t attribute) {
    std::int32_t value = -1;
    std::size_t written = 0;
    if (cublasLtMatmulAlgoConfigGetAttribute(&algorithm, attribute, &value, sizeof value,
                                             &written) != CUBLAS_STATUS_SUCCESS)
      return std::string("?");
    return std::to_string(value);
  };
  // The cluster's attribute is of 16 bits.
  std::uint16_t cluster = 0;
  std::size_t written = 0;
  const bool clustered = cublasLtMatmulAlgoConfigGetAttribute(
                             &algorithm, CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID, &cluster,
                             sizeof cluster, &written) == CUBLAS_STATUS_SUCCESS;
  return "cublaslt id=" + number(CUBLASLT_ALGO_CONFIG_ID) +
         " tile=" + number(CUBLASLT_ALGO_CONFIG_TILE_ID) +
         " stages=" + number(CUBLASLT_ALGO_CONFIG_STAGES_ID) +
         " split_k=" + number(CUBLASLT_ALGO_CONFIG_SPLITK_NUM) +
         " reduction=" + number(CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME) +
         " swizzle=" + number(CUBLASLT_ALGO_CONFIG_CTA_SWIZZLING) +
         (clustered ? " cluster=" + std::to_string(cluster) : "");
}

} // namespace

struct MatrixProduct::Plan {
  cublasLtMatmulDesc_t product = nullptr;
  cublasLtMatrixLayout_t first = nullptr, second = nullptr, out = nullptr;
  cublasLtMatmulPreference_t preference = nullptr;
  cublasLtMatmulAlgo_t algorithm{};
  ~Plan() {
    if (preference) cublasLtMatmulPreferenceDestroy(preference);
    if (out) cublasLtMatrixLayoutDestroy(out);
    if (second) cublasLtMatrixLayoutDestroy(second);
    if (first) cublasLtMatrixLayoutDestroy(first);
    if (product) cublasLtMatmulDescDestroy(product);
  }
};

MatrixProduct::MatrixProduct(const Case& c, Device& device)
    : device_(device), variant_(c.variant), dtype_(c.dtype), m_(c.at("m")), n_(c.at("n")),
      k_(c.at("k")), plan_(std::make_unique<Plan>()) {
  if (c.op != "gemm" && c.op != "matrix_ceiling") variant_ = "tn";
  const bool eight = dtype_ == "fp8_e4m3";
  if (eight && device.capability() < 89)
    throw Unsupported("no 8-bit tensor cores before compute capability 8.9");
  if (eight && variant_ != "tn") throw Unsupported("8-bit products exist as tn only");
  out_dtype_ = eight ? "bf16" : dtype_;

  // By columns the library computes C' = B' A': B is its first operand, A its second.
  const bool first_transposed = variant_ == "tn", second_transposed = variant_ == "nt";
  const cublasOperation_t first_op = first_transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
  const cublasOperation_t second_op = second_transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
  const auto m = static_cast<std::uint64_t>(m_), n = static_cast<std::uint64_t>(n_),
             k = static_cast<std::uint64_t>(k_);
  Plan& plan = *plan_;
  WT_CHECK(cublasLtMatmulDescCreate(
      &plan.product, dtype_ == "tf32" ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F,
      CUDA_R_32F));
  WT_CHECK(cublasLtMatmulDescSetAttribute(plan.product, CUBLASLT_MATMUL_DESC_TRANSA, &first_op,
                                          sizeof first_op));
  WT_CHECK(cublasLtMatmulDescSetAttribute(plan.product, CUBLASLT_MATMUL_DESC_TRANSB, &second_op,
                                          sizeof second_op));
  if (eight) { // sums in the tensor cores' own precision, as inference runs it; scales of 1
    const std::int8_t fast = 1;
    WT_CHECK(cublasLtMatmulDescSetAttribute(plan.product, CUBLASLT_MATMUL_DESC_FAST_ACCUM, &fast,
                                            sizeof fast));
    float* const one = device.allocate_of<float>(1);
    const float value = 1;
    WT_CHECK(cudaMemcpy(one, &value, sizeof value, cudaMemcpyHostToDevice));
    const void* const scale = one;
    WT_CHECK(cublasLtMatmulDescSetAttribute(plan.product, CUBLASLT_MATMUL_DESC_A_SCALE_POINTER,
                                            &scale, sizeof scale));
    WT_CHECK(cublasLtMatmulDescSetAttribute(plan.product, CUBLASLT_MATMUL_DESC_B_SCALE_POINTER,
                                            &scale, sizeof scale));
  }
  const cudaDataType_t in_type = cuda_type(dtype_), out_type = cuda_type(out_dtype_);
  WT_CHECK(cublasLtMatrixLayoutCreate(&plan.first, in_type, first_transposed ? k : n,
                                      first_transposed ? n : k, first_transposed ? k_ : n_));
  WT_CHECK(cublasLtMatrixLayoutCreate(&plan.second, in_type, second_transposed ? m : k,
                                      second_transposed ? k : m, second_transposed ? m_ : k_));
  WT_CHECK(cublasLtMatrixLayoutCreate(&plan.out, out_type, n, m, n_));
  WT_CHECK(cublasLtMatmulPreferenceCreate(&plan.preference));
  WT_CHECK(cublasLtMatmulPreferenceSetAttribute(plan.preference,
                                                CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                                &workspace_bytes, sizeof workspace_bytes));
  cublasLtMatmulHeuristicResult_t found{};
  int count = 0;
  const cublasStatus_t status =
      cublasLtMatmulAlgoGetHeuristic(device.cublas_lt(), plan.product, plan.first, plan.second,
                                     plan.out, plan.out, plan.preference, 1, &found, &count);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_INVALID_VALUE ||
      (status == CUBLAS_STATUS_SUCCESS && count == 0))
    throw Unsupported("cuBLASLt has no kernel for it");
  WT_CHECK(status);
  plan.algorithm = found.algo;
  algorithm_ = name_of(plan.algorithm);

  const auto in = static_cast<std::size_t>(element_bytes(dtype_));
  const auto out = static_cast<std::size_t>(element_bytes(out_dtype_));
  set_bytes_ = in * (m * k + k * n) + out * m * n;
  workspace_ = device.allocate(workspace_bytes);
  const int sets = device.sets_for(c, set_bytes_);
  // Products of about unit size: inputs that neither overflow nor vanish in any format.
  for (int set = 0; set < sets; ++set) {
    a_.push_back(device.allocate(in * m * k));
    b_.push_back(device.allocate(in * k * n));
    c_.push_back(device.allocate(out * m * n));
    const auto seed = static_cast<std::uint64_t>(2 * set);
    device.fill_normal(a_.back(), m * k, dtype_, seed);
    device.fill_normal(b_.back(), k * n, dtype_, seed + 1);
    device.poison(c_.back(), out * m * n);
  }
}

MatrixProduct::~MatrixProduct() = default;

void MatrixProduct::launch(cudaStream_t stream, int set) const {
  const auto i = static_cast<std::size_t>(set);
  const float one = 1, zero = 0;
  WT_CHECK(cublasLtMatmul(device_.cublas_lt(), plan_->product, &one, b_[i], plan_->first, a_[i],
                          plan_->second, &zero, c_[i], plan_->out, c_[i], plan_->out,
                          &plan_->algorithm, workspace_, workspace_bytes, stream));
}

double MatrixProduct::error() const {
  const Matrix a = variant_ == "nt" ? Matrix{a_[0], dtype_, m_, k_, 1, m_}
                                    : Matrix{a_[0], dtype_, m_, k_, k_, 1};
  const Matrix b = variant_ == "tn" ? Matrix{b_[0], dtype_, k_, n_, 1, k_}
                                    : Matrix{b_[0], dtype_, k_, n_, n_, 1};
  return product_error(device_, a, b, {c_[0], out_dtype_, m_, n_, n_, 1});
}

double MatrixProduct::tolerance() const {
  // Rounding of a result of 8 (bf16) or 11 bits (fp16), or of inputs cut to 11 bits (tf32), is well
  // below. Sums of 8-bit products are kept in about 14 bits, which over tens of thousands of terms
  // loses some per cent. A wrong layout would be off by more than all of it.
  if (dtype_ == "bf16") return 1e-2;
  if (dtype_ == "fp8_e4m3") return 0.1;
  return 2e-3;
}

Subject prepare_gemm(const Case& c, Device& device) {
  const auto product = std::make_shared<MatrixProduct>(c, device);
  Subject subject;
  subject.launch = [product](cudaStream_t stream, int set) { product->launch(stream, set); };
  subject.sets = product->sets();
  subject.set_bytes = product->set_bytes();
  subject.error = [product] { return product->error(); };
  subject.tolerance = product->tolerance();
  subject.algorithm = product->algorithm();
  return subject;
}

} // namespace windtunnel::calibration
