// MatrixProduct: a product planned with cuBLASLt, for those who run one: gemm, the matrix ceiling
// and the overlap.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../subject.hpp"

namespace windtunnel::calibration {

/// Row-major C[m,n] = A[m,k] B[k,n]. The variant says how the library, which counts by columns,
/// sees B and A in memory, as in the names of its kernels: "tn", B as n rows of k (a layer's
/// weights in its forward pass); "nn", B as k rows of n (weights in the gradient of the inputs);
/// "nt", B as k rows of n and A as k rows of m (the gradient of the weights, k being tokens).
class MatrixProduct {
public:
  /// Plans, allocates and fills; throws Unsupported when the library has no kernel for it.
  MatrixProduct(const Case&, Device&);
  ~MatrixProduct();
  MatrixProduct(const MatrixProduct&) = delete;
  MatrixProduct& operator=(const MatrixProduct&) = delete;

  void launch(cudaStream_t, int set) const;
  double error() const; ///< of set 0
  double tolerance() const;
  int sets() const { return static_cast<int>(a_.size()); }
  std::size_t set_bytes() const { return set_bytes_; }
  const std::string& algorithm() const { return algorithm_; }

private:
  struct Plan;
  Device& device_;
  std::string variant_, dtype_, out_dtype_;
  std::int64_t m_, n_, k_;
  std::size_t set_bytes_ = 0;
  std::unique_ptr<Plan> plan_;
  std::vector<void*> a_, b_, c_;
  void* workspace_ = nullptr;
  std::string algorithm_;
};

} // namespace windtunnel::calibration
