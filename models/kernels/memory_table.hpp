// MemoryTable: what one memory-bound operator costs on one GPU: a law of few parameters, and how
// far measurements are from it.
//
// The law. One block works on a row, at the rate of one block; all blocks together at that of the
// cache while the operator's data fit there, else at that of memory:
//   t = start + ((row bytes / row rate)^3 + mem^3)^(1/3)
//   mem = bytes x ((1 - f) / cache bandwidth + f / memory bandwidth)
//   f = 1 / (1 + (knee x L2 / bytes)^3)
// It grows with rows and width. Kept beside it is log(measured / law) on a grid of half octaves of
// rows and width, linear between nodes, that of the edge outside.
#pragma once

#include <cstdint>
#include <vector>

#include "models/catalog/gpu_spec.hpp"
#include "models/kernels/kernel_time.hpp"
#include "models/kernels/log_axis.hpp"

namespace windtunnel::kernels {

struct MemoryLaw {
  double start = 2e-6;      ///< seconds
  double row_rate = 10e9;   ///< bytes per second of one row
  double cache_share = 1.2; ///< of the data sheet's memory bandwidth, from the cache
  double memory_share = 0.7;
  double knee = 0.7; ///< of the L2
  /// Seconds for `rows` of `row_bytes` read and written.
  double seconds(double rows, double row_bytes, const catalog::GpuSpec& gpu) const;
};

struct MemoryGrid {
  std::vector<std::int64_t> rows, width; ///< ascending
  std::vector<float> log_ratio;          ///< log(measured / law), [width][rows]
  /// Whether a measurement is nearer than half a step in rows and width.
  std::vector<bool> measured;
};

class MemoryTable {
public:
  /// `bytes` are those read and written of one element. Throws ModelError when an axis is empty or
  /// not ascending, or the sizes do not agree, or the GPU's L2 is unknown.
  MemoryTable(const catalog::GpuSpec& gpu, double bytes, const MemoryLaw& law, MemoryGrid grid,
              double p10, double p90);

  /// Allocates nothing. rows, width > 0.
  KernelTime time(double rows, double width) const;
  const MemoryLaw& law() const { return law_; }
  double bytes() const { return bytes_; } ///< of one element, read and written
  const MemoryGrid& grid() const { return grid_; }

private:
  double bytes_, bandwidth_, l2_;
  MemoryLaw law_;
  MemoryGrid grid_;
  LogAxis rows_, width_;
  double p10_, p90_;
};

} // namespace windtunnel::kernels
