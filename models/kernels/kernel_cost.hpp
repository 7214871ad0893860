// KernelCost: the time of one kernel of a training step on one GPU.
//
// GEMM: what the measured tables say (gpu_kernels.hpp), of the GPU or of its relatives, but no
// faster than a share of the dense peak that the GPU keeps up. Benchmarks of one kernel run it for
// some milliseconds at the boost clock; a step runs them for minutes, and the power limit takes the
// clock down. Formats and vendors without tables: that share of the peak, or the bytes over the
// memory's bandwidth where that takes longer, and the start of a kernel.
// Attention: flash kernels at a share of the peak, forward and backward apart, and apart those made
// for the architecture and those that only run on it (mma.sync instead of wgmma on Hopper).
// Memory-bound kernels: bytes over bandwidth. The shares are data (data/efficiency.json), a row an
// architecture, with provenance.
#pragma once

#include <memory>
#include <string>

#include "models/catalog/gpu_spec.hpp"

namespace windtunnel::kernels {

class GemmKernel;

/// Achieved shares of one GPU architecture.
struct Efficiency {
  std::string architecture;
  double gemm_share = 0;        ///< of the dense peak, kept up through a step
  double gemm_share_fp8 = 0;    ///< the same for 8-bit kinds
  double attention_forward = 0; ///< of the dense 16-bit peak
  double attention_backward = 0;
  double portable_attention_forward = 0; ///< kernels written for Ampere (FlashAttention-2, Triton)
  double portable_attention_backward = 0;
  double convolution_share = 0; ///< of the dense peak, U-Net and DiT training, large batches
  double memory_share = 0;      ///< of the data-sheet bandwidth
  Time start{};                 ///< fixed cost of one kernel
  std::string source, note;
  bool transferred = false; ///< no row of its own: the nearest architecture's
};

class KernelCost {
public:
  /// Throws ModelError when the GPU has no peak at `dtype`.
  KernelCost(const catalog::GpuSpec& gpu, catalog::Dtype dtype);

  /// Seconds of C[M,N] += A[M,K] B[K,N].
  double gemm(double m, double n, double k) const;
  /// Seconds of `flops` of flash-attention work in the forward or backward pass, by kernels written
  /// for this architecture (cuDNN, FlashAttention-3) or by those that run on all.
  double attention(double flops, bool backward, bool native) const;
  /// Seconds to move `bytes` through memory in `kernels` kernels.
  double memory(double bytes, double kernels) const;
  /// Seconds of `flops` at the dense peak.
  double at_peak(double flops) const { return flops / peak_; }
  double peak() const { return peak_; }
  const Efficiency& efficiency() const { return efficiency_; }

private:
  Efficiency efficiency_;
  double peak_, attention_peak_, memory_rate_, element_bytes_, gemm_rate_;
  std::shared_ptr<const GemmKernel> measured_; ///< null: no table for the format or the vendor
};

} // namespace windtunnel::kernels
