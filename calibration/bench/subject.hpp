// Subject: a case made ready on the device. Each file in kernels/ makes the subjects of its
// operations; timing.hpp measures any of them the same way.
#pragma once

#include <cuda_runtime.h>

#include <functional>
#include <string>

#include "case.hpp"
#include "device.hpp"

namespace windtunnel::calibration {

struct Subject {
  /// Enqueues the work once, on buffers of set `set`; captured into graphs unless `eager`.
  std::function<void(cudaStream_t, int set)> launch;
  int sets = 1;
  std::size_t set_bytes = 0; ///< that one launch touches
  bool eager = false;        ///< cannot be captured

  /// Runs after one launch on set 0: |out - reference| / |reference|. None: nothing to check.
  std::function<double()> error;
  double tolerance = 0;

  /// Instead of `launch` where events around launches are not what is asked for: takes one sample
  /// and returns its seconds.
  std::function<double()> sample;
  /// Around the measuring of `launch`: a kernel beside it.
  std::function<void()> begin, end;

  std::string algorithm; ///< of the library, or which kernel of ours
};

/// Makes a case ready; throws Unsupported with a reason when this device or library cannot.
using Prepare = Subject (*)(const Case&, Device&);

/// The preparer of an operation, or nullptr when there is none.
Prepare preparer_of(const std::string& op);

// One in each file of kernels/.
Subject prepare_gemm(const Case&, Device&);
Subject prepare_grouped_gemm(const Case&, Device&);
Subject prepare_attention_forward(const Case&, Device&);
Subject prepare_attention_backward(const Case&, Device&);
Subject prepare_decode_attention(const Case&, Device&);
Subject prepare_norm(const Case&, Device&);
Subject prepare_softmax(const Case&, Device&);
Subject prepare_cross_entropy(const Case&, Device&);
Subject prepare_rope(const Case&, Device&);
Subject prepare_elementwise(const Case&, Device&);
Subject prepare_embedding(const Case&, Device&);
Subject prepare_adam(const Case&, Device&);
Subject prepare_grad_norm(const Case&, Device&);
Subject prepare_convolution(const Case&, Device&);
Subject prepare_group_norm(const Case&, Device&);
Subject prepare_memcpy(const Case&, Device&);
Subject prepare_copy_ceiling(const Case&, Device&);
Subject prepare_launch(const Case&, Device&);
Subject prepare_overlap(const Case&, Device&);
Subject prepare_collective(const Case&, Device&);

} // namespace windtunnel::calibration
