// KernelCost: the time of one kernel on one GPU, by a roofline with efficiency curves.
//
// GEMM (M x N x K): tiles of 256x128 down to 64x64 are dealt to the SMs in waves; a last wave that
// is not full costs a full one (tile and wave quantisation). Each tile shape reaches its share of
// the dense peak, times K / (K + k_half) for the main loop's ramp; the best shape wins. No kernel
// is faster than its bytes over the achieved memory bandwidth, plus a fixed cost of starting it.
// Attention: flash kernels at a share of the peak, forward and backward apart, and apart those made
// for the architecture and those that only run on it (mma.sync instead of wgmma on Hopper).
// Memory-bound kernels: bytes over bandwidth. The curves are data (data/efficiency.json), a row an
// architecture, with provenance; measured tables replace them where they exist.
#pragma once

#include <string>

#include "models/catalog/gpu_spec.hpp"

namespace windtunnel::kernels {

/// Achieved shares of one GPU architecture.
struct Efficiency {
  std::string architecture;
  double gemm_share = 0;        ///< of the dense peak, largest tiles, K large
  double gemm_share_fp8 = 0;    ///< the same for 8-bit kinds
  double k_half = 0;            ///< K at which the main loop reaches half its rate
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
  double peak_, attention_peak_, memory_rate_, element_bytes_, gemm_share_;
  int sms_;
};

} // namespace windtunnel::kernels
