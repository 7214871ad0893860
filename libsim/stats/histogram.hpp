// Histogram: counts in bins fixed beforehand, with what fell below and above them.
//
// Bin i holds edge[i] <= x < edge[i+1]; smaller values count as underflow, values from the last
// edge on as overflow (both infinities included), and NaN throws ModelError. So
// underflow + counts + overflow = total, always. linear() bins are equally wide; logarithmic() bins
// have equal ratios, edge[i] = low (high / low)^(i/n). The first and last edge are exactly those
// given. Histograms of equal edges merge by adding counts, exactly and in any order. Adding costs a
// binary search.
//
//   Histogram sizes = Histogram::logarithmic(1e3, 1e12, 36);
//   sizes.add(4.2e6);
//   sizes.merge(other);
//   std::uint64_t n = sizes.counts()[5];
#pragma once

#include <cstdint>
#include <vector>

namespace windtunnel::stats {

class Histogram {
public:
  static Histogram linear(double low, double high, int bins);
  static Histogram logarithmic(double low, double high, int bins); ///< low > 0
  explicit Histogram(std::vector<double> edges); ///< finite, strictly rising, two or more

  void add(double value, std::uint64_t count = 1);
  void merge(const Histogram& other); ///< throws ModelError when the edges differ

  const std::vector<double>& edges() const { return edges_; }
  const std::vector<std::uint64_t>& counts() const { return counts_; }
  std::uint64_t underflow() const { return underflow_; }
  std::uint64_t overflow() const { return overflow_; }
  std::uint64_t total() const { return total_; }
  friend bool operator==(const Histogram&, const Histogram&) = default;

private:
  std::vector<double> edges_;
  std::vector<std::uint64_t> counts_;
  std::uint64_t underflow_ = 0, overflow_ = 0, total_ = 0;
};

} // namespace windtunnel::stats
