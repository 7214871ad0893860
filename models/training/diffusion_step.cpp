#include <algorithm>
#include <cmath>

#include "models/kernels/kernel_cost.hpp"
#include "models/network/collective.hpp"
#include "models/training/step_model.hpp"
#include "models/training/step_parameters.hpp"

namespace windtunnel::training {

// Data-parallel training of an image backbone. Work per image grows with its pixels (the latent's
// area; attention's square is left out, it is small against convolutions at 64 x 64). The frozen
// text encoder and VAE encoder run forward unless their outputs were computed beforehand.
StepEstimate estimate_step(const DiffusionSetup& s) {
  const kernels::KernelCost kernels(s.system.gpu, s.dtype);
  const kernels::Efficiency& e = kernels.efficiency();
  const StepParameters& stack = step_parameters("fsdp");
  const double area = std::pow(double(s.pixels) / s.model.native_pixels, 2);
  const double images = s.micro_batch;
  const double forward = s.model.forward_flops.count() * area;
  // Small batches leave SMs idle: half the rate is reached at `half_batch` images of 64 x 64.
  constexpr double half_batch = 2.0;
  const double share = e.convolution_share * images * area / (images * area + half_batch);
  StepEstimate out;
  StepParts& parts = out.parts;
  const double ideal = 3 * forward * images / kernels.peak();
  parts.gemm_at_peak = seconds(ideal);
  parts.gemm_below_peak = seconds(ideal / share - ideal);
  double frozen = 0;
  if (!s.precomputed_latents) {
    // Text encoder: 2 FLOPs a parameter and token. VAE encoder: its decoder's work by parameters.
    const double text = 2 * s.model.text_encoder_parameters * s.model.text_tokens;
    const double decode = s.model.vae_decode_flops ? s.model.vae_decode_flops->count() * area : 0;
    const double encode =
        s.model.vae_decoder_parameters > 0
            ? decode * s.model.vae_encoder_parameters / s.model.vae_decoder_parameters
            : 0;
    frozen = (text + encode) * images / (kernels.peak() * share);
  }
  parts.elementwise = seconds(frozen);
  const int data = s.system.gpus;
  const double bytes = 2 * s.model.parameters;
  const double per_domain = std::min(data, s.system.fabric.domain_size);
  const auto over = [&](network::Op op, double size) {
    return network::collective_time(op, bytes_from(size), data, static_cast<int>(per_domain),
                                    s.system.fabric)
        .seconds();
  };
  const double backward = 2.0 / 3 * ideal / share;
  double exposed =
      std::max(0.0, over(network::Op::all_reduce, 2 * bytes) - stack.reduce_overlap * backward);
  if (s.sharding == Sharding::fsdp)
    exposed =
        std::max(0.0, 2 * over(network::Op::all_gather, bytes) +
                          over(network::Op::reduce_scatter, bytes) - stack.overlap * ideal / share);
  parts.data_parallel = seconds(exposed);
  const double shards = s.sharding == Sharding::none ? 1 : data;
  parts.optimizer =
      seconds(kernels.memory(stack.optimizer_bytes * s.model.parameters / shards, 20));
  const double jitter = (parts.total().seconds()) * stack.jitter * std::log2(std::max(1, data));
  parts.host = seconds(jitter);
  out.step = parts.total();
  out.model_flops = 3 * forward * images * data;
  out.mfu = out.model_flops / (data * kernels.peak() * out.step.seconds());
  out.tokens_per_s_per_gpu = images / out.step.seconds();
  out.sigma_ln = stack.sigma_ln;
  out.assumptions.push_back("kernel efficiency of " + e.architecture + ": " + e.source);
  return out;
}

} // namespace windtunnel::training
