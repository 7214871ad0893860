#include "models/cost/ledger.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "libsim/base/check.hpp"
#include "libsim/base/error.hpp"

namespace windtunnel::cost {
namespace {

constexpr long double ns_per_hour = 3.6e12L;
constexpr long double byte_ns_per_gb_month = 1e9L * 730.0L * ns_per_hour;

/// Whole parts that add up to `total`, near `exact`; the remainder goes to the largest fractions.
std::vector<std::int64_t> largest_remainders(std::int64_t total,
                                             const std::vector<long double>& exact) {
  std::vector<std::int64_t> parts;
  for (const long double value : exact)
    parts.push_back(static_cast<std::int64_t>(std::floor(value)));
  std::int64_t left = total - std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
  std::vector<std::size_t> order(exact.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto fraction = [&](std::size_t i) { return exact[i] - std::floor(exact[i]); };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return fraction(a) > fraction(b); });
  for (std::size_t i = 0; left != 0 && !order.empty(); i = (i + 1) % order.size()) {
    parts[order[i]] += left > 0 ? 1 : -1;
    left += left > 0 ? -1 : 1;
  }
  return parts;
}

} // namespace

std::vector<Money> apportion(Money total, const std::vector<double>& weights) {
  long double sum = 0;
  for (const double weight : weights) {
    WT_CHECK(weight >= 0, "a negative weight");
    sum += weight;
  }
  WT_CHECK(sum > 0, "nothing to apportion to");
  std::vector<long double> exact;
  for (const double weight : weights)
    exact.push_back(static_cast<long double>(total.nano_dollars()) * weight / sum);
  std::vector<Money> parts;
  for (const std::int64_t part : largest_remainders(total.nano_dollars(), exact))
    parts.push_back(nano_dollars(part));
  return parts;
}

void CostLedger::charge_hours(std::vector<std::string> path, std::string unit, Money per_hour,
                              Int128 unit_ns) {
  const long double hours = static_cast<long double>(unit_ns) / ns_per_hour;
  LedgerLine line{.path = std::move(path), .quantity = static_cast<double>(hours)};
  line.unit = std::move(unit);
  line.unit_price = per_hour;
  entries_.push_back({std::move(line), static_cast<long double>(per_hour.nano_dollars()) * hours});
}

void CostLedger::charge_gigabyte_months(std::vector<std::string> path, Money per_gb_month,
                                        Int128 byte_ns) {
  const long double months = static_cast<long double>(byte_ns) / byte_ns_per_gb_month;
  LedgerLine line{.path = std::move(path), .quantity = static_cast<double>(months)};
  line.unit = "GB-months";
  line.unit_price = per_gb_month;
  entries_.push_back(
      {std::move(line), static_cast<long double>(per_gb_month.nano_dollars()) * months});
}

Money CostLedger::total() const {
  long double sum = 0;
  for (const Entry& entry : entries_) sum += entry.exact;
  if (sum > 9.2e18L)
    throw ModelError("the bill is above $9.2 billion, the most that 64-bit nano-dollars hold");
  return nano_dollars(static_cast<std::int64_t>(std::llround(sum)));
}

std::vector<LedgerLine> CostLedger::lines() const {
  std::vector<long double> exact;
  for (const Entry& entry : entries_) exact.push_back(entry.exact);
  const std::vector<std::int64_t> amounts = largest_remainders(total().nano_dollars(), exact);
  std::vector<LedgerLine> result;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    result.push_back(entries_[i].line);
    result.back().amount = nano_dollars(amounts[i]);
  }
  return result;
}

Time paid_capacity_block(Time held, int days_of_block) {
  const Time block = days(days_of_block), usable = block - minutes(30);
  const double blocks = std::ceil(held / usable);
  return block * static_cast<std::int64_t>(std::max(1.0, blocks));
}

Time paid_on_demand(Time held) {
  const std::int64_t second = 1'000'000'000;
  const Time whole = nanoseconds((held.ns() + second - 1) / second * second);
  return std::max(whole, seconds(60));
}

} // namespace windtunnel::cost
