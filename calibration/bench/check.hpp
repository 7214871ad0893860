// Return codes that are looked at. A failed call throws with its text, place and what was asked.
#pragma once

#include <cublasLt.h>
#include <cublas_v2.h>
#include <cuda_runtime.h>

#include <stdexcept>
#include <string>

namespace windtunnel::calibration {

/// This device or library cannot do the case; its row says why and the run goes on.
class Unsupported : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A call failed; the run goes on only when the GPU's context survived.
class CallFailed : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

[[noreturn]] inline void fail(const std::string& what, const char* call, const char* file,
                              int line) {
  std::string name = file; // without the folders of the machine it was built on
  name.erase(0, name.find_last_of('/') + 1);
  throw CallFailed(what + " from " + call + " (" + name + ":" + std::to_string(line) + ")");
}
inline void check(cudaError_t status, const char* call, const char* file, int line) {
  if (status != cudaSuccess)
    fail(std::string("CUDA error '") + cudaGetErrorString(status) + "'", call, file, line);
}
inline void check(cublasStatus_t status, const char* call, const char* file, int line) {
  if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_ARCH_MISMATCH)
    throw Unsupported("cuBLAS does not support it on this GPU");
  if (status != CUBLAS_STATUS_SUCCESS)
    fail(std::string("cuBLAS error ") + cublasGetStatusString(status), call, file, line);
}

} // namespace windtunnel::calibration

#define WT_CHECK(call) ::windtunnel::calibration::check((call), #call, __FILE__, __LINE__)
/// After a launch: what the launch itself was refused for.
#define WT_CHECK_LAUNCH() WT_CHECK(cudaGetLastError())
