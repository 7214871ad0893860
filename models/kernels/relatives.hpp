// Which measured GPUs a GPU never measured is predicted from.
//
// Those of the same architecture or, where none of them was measured, all others, with weights
// 1 / (distance^2 + 1/64). Distance is made of the difference of the compute capabilities and of
// the octaves between the ratios of peak to memory bandwidth.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "models/catalog/gpu_spec.hpp"
#include "models/kernels/kernel_time.hpp"

namespace windtunnel::kernels {

enum class Kin { same_architecture, other_architectures };

/// One of `measured`, and its share.
struct Relative {
  std::size_t index = 0;
  double weight = 0;
};

/// The relatives of `gpu` of one kin, heaviest first, weights adding to one; never the GPU itself;
/// empty when there is none. `peak` names the format that the balance is of. Throws ModelError for
/// a GPU of an architecture that is related to none.
std::vector<Relative> relatives_of(const catalog::GpuSpec& gpu, catalog::Dtype peak,
                                   std::span<const catalog::GpuSpec* const> measured, Kin kin);
/// Of the same architecture if there are any, else of others. Throws ModelError when there is none
/// at all.
std::vector<Relative> relatives_of(const catalog::GpuSpec& gpu, catalog::Dtype peak,
                                   std::span<const catalog::GpuSpec* const> measured);

/// Adds the logs of measured / predicted of one GPU, predicted from `relatives`, all indices into
/// `measured`; by its specifications alone when there are none.
using ScoreTransfer = std::function<void(
    std::size_t held_out, const std::vector<Relative>& relatives, std::vector<double>& logs)>;

/// The band of what is carried over to `gpu`: each other measured GPU is predicted from those that
/// remain as `gpu` is: from the same architecture where two of `gpu`'s were measured, else from
/// other architectures; by its specifications alone where it is the only one.
LogBand band_of_transfer(const catalog::GpuSpec& gpu, catalog::Dtype peak,
                         std::span<const catalog::GpuSpec* const> measured,
                         const ScoreTransfer& score);

} // namespace windtunnel::kernels
