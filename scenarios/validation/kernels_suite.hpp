// The suite "kernels": how far fitted kernel costs are from measurements they were not fitted to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/kernels/kernel_table.hpp"

namespace windtunnel::scenarios {

struct KernelScore {
  std::string op;  ///< "gemm", "attention_prefill", "attention_decode_window128", "memory", or the
                   ///< operator's name where a table has one; a model's step, "llama2-70b_decode"
                   ///< (steps_suite.hpp)
  std::string gpu; ///< the catalog's name
  std::string dtype;  ///< "bf16", "fp8", "fp8_block", "fp4"
  std::string source; ///< the file
  std::string method; ///< "model", or "roofline" with the data sheet's peaks
  /// "held-out" or "in-sample" of a fit on four fifths of the weight shapes; "held-out-between",
  /// "held-out-between-m" and "held-out-octave" of the table's own nodes (gemm_scores.hpp);
  /// "held-out-lengths" of attention; "gpu-held-out" of what the other GPUs' tables predict.
  std::string split;
  std::uint64_t split_seed = 0;
  std::size_t sites = 0; ///< weight shapes or widths scored on, of the rows' `n`
  kernels::FitErrors errors{};
  std::optional<double> covered{}; ///< share within P10-P90
};

/// The errors the tables carry, and those on their nodes.
std::vector<KernelScore> scores_of(const std::vector<kernels::KernelTable>& tables);
/// Each GPU that has a table, predicted without it.
std::vector<KernelScore> scores_of_transfers(const std::vector<kernels::KernelTable>& tables,
                                             const catalog::Catalog& catalog);

/// A line for each kind of measurement that no table was made of.
std::string left_out_of(const kernels::KernelTable& table);

/// `format` is table, json or csv.
std::string render(const std::vector<KernelScore>& scores, const std::string& format);

} // namespace windtunnel::scenarios
