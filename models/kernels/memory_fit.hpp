// The fit of memory-bound operators, and how far it is off on widths it has not seen.
//
// The law's five parameters are fitted to each operator by damped least squares of log(measured /
// law), held near their defaults where measurements say nothing of them. What remains is averaged
// over half octaves of rows at each width and carried to the grid by Gaussian-process regression
// over log rows and log width (Rasmussen and Williams, Gaussian Processes for Machine Learning,
// algorithm 2.1). Its four constants were chosen once by the errors on held-out widths of the A100,
// and are the same for every GPU and operator.
#pragma once

#include <span>

#include "models/kernels/held_out.hpp"
#include "models/kernels/memory_samples.hpp"
#include "models/kernels/memory_table.hpp"

namespace windtunnel::kernels {

/// One operator in one number format.
struct FittedOperator {
  const MemoryOperator* op = nullptr;
  MemoryTable table;
};

struct MemoryFit {
  std::vector<FittedOperator> operators; ///< in the order of memory_operators()
  /// Of the fit on four fifths of the sites (operator, width), over all operators. Of an operator
  /// with no other width, nothing is held out.
  HeldOut errors;
};

/// Throws ModelError when fewer than eight sites stay in the fit or none is held out.
MemoryFit fit_memory(std::span<const MemorySample> samples, const catalog::GpuSpec& gpu,
                     double element_bytes, std::uint64_t split_seed);

} // namespace windtunnel::kernels
