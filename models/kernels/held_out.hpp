// How far a fit is off, on rows it was made from and on rows held out of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace windtunnel::kernels {

/// Absolute errors |predicted - measured| / measured over some rows.
struct FitErrors {
  std::size_t rows = 0;
  double mean = 0, median = 0, p90 = 0;
  double bias = 0; ///< median of predicted / measured - 1
};

/// Errors of ratios predicted / measured.
FitErrors errors_of(std::vector<double> ratios);

/// A fit on four fifths of the sites (shapes of weights, of heads, ...), scored on the rest.
struct HeldOut {
  std::uint64_t split_seed = 0;
  std::size_t sites = 0, held_out_sites = 0;
  FitErrors model, roofline, in_sample;
  double p10 = 0, p90 = 0; ///< of log(measured / predicted)
  /// Share of the rows of one half of the held-out sites between those quantiles of the other half.
  std::optional<double> covered{};
};

/// `covered` of logs of measured / predicted, a site each.
double cross_coverage(const std::vector<std::vector<double>>& logs_by_site);

/// Whether a site is held out: one in five, by a hash of its name and the seed.
bool is_held_out(std::string_view site, std::uint64_t split_seed);

/// Linear between the ranks of values in ascending order; not empty.
double quantile(const std::vector<double>& ascending, double p);

} // namespace windtunnel::kernels
