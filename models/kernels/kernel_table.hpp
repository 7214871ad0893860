// KernelTable: what kernels cost on one GPU, fitted from one set of measurements; a file of
// calibration/tables, or one that `windtunnel calibrate fit` wrote.
#pragma once

#include <string>
#include <vector>

#include "models/catalog/catalog.hpp"
#include "models/kernels/attention_json.hpp"
#include "models/kernels/gemm_json.hpp"

namespace windtunnel::kernels {

struct KernelTable {
  std::string gpu; ///< the catalog's name
  catalog::Provenance provenance;
  std::string command; ///< that wrote it
  std::vector<FittedGemm> gemm;
  std::vector<FittedAttention> attention;
  std::vector<std::string> left_out; ///< measurements that no table was made of, and why
};

std::string to_json(const KernelTable& table);
KernelTable read_kernel_table(json::Reader& reader, const catalog::Catalog& catalog);

/// The tables carried in calibration/tables, of the builtin catalog's GPUs.
const std::vector<KernelTable>& built_in_tables();

} // namespace windtunnel::kernels
