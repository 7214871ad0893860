#include "models/kernels/held_out.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "libsim/base/random.hpp"

namespace windtunnel::kernels {

double quantile(const std::vector<double>& ascending, double p) {
  const double rank = p * static_cast<double>(ascending.size() - 1);
  const auto low = static_cast<std::size_t>(rank);
  const std::size_t high = std::min(low + 1, ascending.size() - 1);
  return ascending[low] + (rank - static_cast<double>(low)) * (ascending[high] - ascending[low]);
}

FitErrors errors_of(std::vector<double> ratios) {
  FitErrors errors;
  errors.rows = ratios.size();
  if (ratios.empty()) return errors;
  std::sort(ratios.begin(), ratios.end());
  errors.bias = quantile(ratios, 0.5) - 1;
  for (double& ratio : ratios) {
    ratio = std::abs(ratio - 1);
    errors.mean += ratio / static_cast<double>(errors.rows);
  }
  std::sort(ratios.begin(), ratios.end());
  errors.median = quantile(ratios, 0.5);
  errors.p90 = quantile(ratios, 0.9);
  return errors;
}

double cross_coverage(const std::vector<std::vector<double>>& logs_by_site) {
  std::array<std::vector<double>, 2> halves;
  for (std::size_t i = 0; i < logs_by_site.size(); ++i)
    halves[i % 2].insert(halves[i % 2].end(), logs_by_site[i].begin(), logs_by_site[i].end());
  std::ptrdiff_t within = 0;
  for (std::vector<double>& half : halves) std::sort(half.begin(), half.end());
  for (const bool first : {false, true}) {
    const std::vector<double>&learnt = halves[first], &scored = halves[!first];
    if (learnt.empty()) continue;
    within += std::upper_bound(scored.begin(), scored.end(), quantile(learnt, 0.9)) -
              std::lower_bound(scored.begin(), scored.end(), quantile(learnt, 0.1));
  }
  return static_cast<double>(within) /
         static_cast<double>(std::max<std::size_t>(1, halves[0].size() + halves[1].size()));
}

bool is_held_out(std::string_view site, std::uint64_t split_seed) {
  return stream_hash(std::string(site) + " split " + std::to_string(split_seed)) % 5 == 0;
}

} // namespace windtunnel::kernels
