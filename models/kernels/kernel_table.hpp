// KernelTable: what kernels cost on one GPU, fitted from one set of measurements; a file of
// calibration/tables, or one that `windtunnel calibrate fit` wrote.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/catalog/catalog.hpp"
#include "models/kernels/attention_json.hpp"
#include "models/kernels/gemm_json.hpp"
#include "models/kernels/memory_json.hpp"

namespace windtunnel::kernels {

struct KernelTable {
  std::string gpu; ///< the catalog's name
  catalog::Provenance provenance;
  std::string command; ///< that wrote it
  std::vector<FittedGemm> gemm;
  std::vector<FittedMemory> memory;
  std::vector<FittedAttention> attention;
  std::vector<std::string> left_out; ///< measurements that no table was made of, and why

  /// Measured by calibration/bench, whose raw files are kept in calibration/raw.
  bool own_suite() const { return provenance.source.starts_with("calibration/raw/"); }
};

/// Of an operator (memory_samples.hpp) in "bf16" or "fp32"; nullptr when the table has none.
const MemoryTable* memory_table(const KernelTable& table, std::string_view op,
                                std::string_view dtype);

std::string to_json(const KernelTable& table);
KernelTable read_kernel_table(json::Reader& reader, const catalog::Catalog& catalog);

/// The tables carried in calibration/tables, of the builtin catalog's GPUs.
const std::vector<KernelTable>& built_in_tables();

} // namespace windtunnel::kernels
