// The times of a collective by size, as nccl-tests prints them: size, time, algbw, busbw; and what
// it cannot say: the algorithm and protocol taken, and the band that four of five calls lie in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/network/collective_model.hpp"

namespace windtunnel::scenarios {

struct CollectiveRow {
  double bytes = 0;
  network::Prediction prediction;
  std::optional<double> measured_us{}; ///< of a log that was calibrated on
};

struct CollectiveListing {
  network::CollectiveSystem system;
  network::Op op{};
  int ranks = 0, nodes = 0;
  std::vector<CollectiveRow> rows;
  /// Median |measured / predicted - 1| of the log: with the curves carried, and with those fitted
  /// to it, each size predicted without itself.
  std::optional<double> error_before{}, error_left_out{};
};

/// `format` is table, json or csv.
std::string collective_listing(const CollectiveListing& listing, std::string_view format);

} // namespace windtunnel::scenarios
