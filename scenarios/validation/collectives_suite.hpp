// The suite "collectives": predicted times of NCCL calls against published measurements.
//
// Columns: source, collective, system, gpus, nodes, bytes, time_us; notes may say "algo=Ring" or
// "NVLS off", what NCCL was held to. `system` is read by collective_system.hpp. A row is predicted
// by curves fitted without its source (label basis "left out", or "relatives" where no other source
// measured its class of links or networks); a source that is not among ours, by the curves carried
// ("unseen"). Bands of bytes: lt256KiB, 256KiB-64MiB, ge64MiB. The figure `disagreement` is the
// median of how far independent sources of the project's table are from each other on the same
// machine, collective and band.
#pragma once

#include "libsim/base/error.hpp"
#include "models/network/collective_table.hpp"
#include "scenarios/validation/validation.hpp"

namespace windtunnel {
class CsvTable;
}

namespace windtunnel::scenarios {

/// Rows of `table` that can be fitted on; others are left out.
/// `refused` is told of the others, with line and reason.
std::vector<network::CollectiveSample> collective_samples(const CsvTable& table,
                                                          const catalog::Catalog& catalog,
                                                          std::vector<Issue>* refused = nullptr);
/// `ours` are the rows that the project carries. With LeaveOut::size a row is predicted by curves
/// fitted without all rows of its bytes, in place of its source's (basis "size left out").
ValidationResult validate_collectives(const CsvTable& table, const CsvTable& ours,
                                      const catalog::Catalog& catalog,
                                      LeaveOut leave_out = LeaveOut::source);

} // namespace windtunnel::scenarios
