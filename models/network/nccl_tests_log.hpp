// The output of nccl-tests (all_reduce_perf and its siblings), read strictly.
//
// Lines of several ranks or of a launcher's prefix ("[1,0]<stdout>:", "pod-0: ") are allowed; the
// table is found by its header (size ... time algbw busbw), its columns by their names, so versions
// with and without redop and root both read. Out-of-place figures are taken, and each row must
// agree with itself: algbw with size over time, busbw with algbw and the number of ranks. Errors
// (InputError, kind "nccl-tests log", with line and column) are a log without a table, a row or
// file that ends too early, a cell that is no number, a time that is not positive, figures that
// contradict each other, devices that are not numbered 0..n-1.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/network/collective_op.hpp"

namespace windtunnel::network {

struct NcclTestsRow {
  std::size_t line = 0;
  double bytes = 0, us = 0, algbw = 0, busbw = 0; ///< GB/s, as printed
};

struct NcclTestsLog {
  std::optional<Op> op; ///< where the log names its program
  int ranks = 0;        ///< 0 where the log lists no devices
  int nodes = 0;        ///< hosts among the devices
  std::vector<NcclTestsRow> rows;
};

/// `op` and `ranks` are what the caller knows; a log that says otherwise is an error.
NcclTestsLog read_nccl_tests_log(std::string_view text, const std::string& name,
                                 std::optional<Op> op = {}, int ranks = 0);

} // namespace windtunnel::network
