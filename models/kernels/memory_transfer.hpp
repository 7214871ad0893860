// A memory-bound operator on a GPU that was never measured: the laws of its relatives
// (relatives.hpp) and what they leave out, with its own memory bandwidth and L2.
#pragma once

#include <span>
#include <vector>

#include "models/kernels/memory_table.hpp"
#include "models/kernels/relatives.hpp"
#include "models/kernels/table_score.hpp"

namespace windtunnel::kernels {

/// Tables of one operator and number format.
struct MeasuredMemory {
  const catalog::GpuSpec* gpu = nullptr;
  const MemoryTable* table = nullptr;
};

class TransferredMemory {
public:
  TransferredMemory(const catalog::GpuSpec& gpu, std::span<const MeasuredMemory> measured,
                    const std::vector<Relative>& relatives, LogBand band);
  /// Allocates nothing. rows, width > 0.
  KernelTime time(double rows, double width) const;

private:
  struct Source {
    MemoryTable table;
    double weight;
  };
  std::vector<Source> sources_;
  LogBand band_;
};

/// Throws ModelError when the GPU has no relative, or its L2 is unknown.
TransferredMemory transfer_memory(const catalog::GpuSpec& gpu,
                                  std::span<const MeasuredMemory> measured);

/// The table `measured[held_out]` predicted from the others, on the nodes near a measurement; the
/// roofline is bytes over the memory's bandwidth.
TableScore score_transfer(std::size_t held_out, std::span<const MeasuredMemory> measured);

} // namespace windtunnel::kernels
