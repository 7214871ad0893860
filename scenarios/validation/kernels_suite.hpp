// The suite "kernels": how far fitted kernel costs are from measurements they were not fitted to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/kernels/kernel_table.hpp"

namespace windtunnel::scenarios {

struct KernelScore {
  std::string op;     ///< "gemm", "attention_prefill", "attention_decode_window128", ...
  std::string gpu;    ///< the catalog's name
  std::string dtype;  ///< "bf16", "fp8", "fp8_block", "fp4"
  std::string source; ///< the file
  std::string method; ///< "model", or "roofline" with the data sheet's peaks
  std::string split;  ///< "held-out" shapes, "held-out-lengths", or "in-sample"
  std::uint64_t split_seed = 0;
  std::size_t sites = 0; ///< shapes scored on, of the rows' `n`
  kernels::FitErrors errors;
};

/// The errors the tables carry, of fits on four fifths of their shapes.
std::vector<KernelScore> scores_of(const std::vector<kernels::KernelTable>& tables);

/// A line for each kind of measurement that no table was made of.
std::string left_out_of(const kernels::KernelTable& table);

/// `format` is table, json or csv.
std::string render(const std::vector<KernelScore>& scores, const std::string& format);

} // namespace windtunnel::scenarios
