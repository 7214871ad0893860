// CostLedger: what usage costs, line by line, so that the lines add up to the total exactly.
//
// A charge is a price per unit x a quantity, kept as nano-dollars with a fraction (64-bit
// mantissa). The total is the sum rounded once; the lines get whole nano-dollars that add up to it
// (largest remainders). Doubling every price therefore doubles the total up to that one rounding.
// A month has 730 hours and a GB 10^9 bytes, as on AWS's price pages.
#pragma once

#include <string>
#include <vector>

#include "libsim/base/units.hpp"

namespace windtunnel::cost {

/// Splits `total` in proportion to `weights` (not negative, one of them positive) into whole
/// nano-dollars that add up to it: largest remainders, ties to the earlier.
std::vector<Money> apportion(Money total, const std::vector<double>& weights);

struct LedgerLine {
  std::vector<std::string> path; ///< the bill's tree, root first
  double quantity = 0;           ///< in `unit`
  std::string unit{};
  Money unit_price{};
  Money amount{};
};

class CostLedger {
public:
  /// `unit_ns` unit-nanoseconds at a price per unit-hour ("instance-hours").
  void charge_hours(std::vector<std::string> path, std::string unit, Money per_hour,
                    Int128 unit_ns);
  /// Byte-nanoseconds at a price per GB-month.
  void charge_gigabyte_months(std::vector<std::string> path, Money per_gb_month, Int128 byte_ns);

  Money total() const;
  /// The lines in the order they were charged, amounts adding up to total().
  std::vector<LedgerLine> lines() const;

private:
  struct Entry {
    LedgerLine line;
    long double exact; ///< nano-dollars
  };
  std::vector<Entry> entries_;
};

/// What a node held for `held` is paid for when bought in capacity blocks of `days`: whole blocks,
/// each usable until 30 minutes before its end (EC2 Capacity Blocks guide), bought again as needed.
Time paid_capacity_block(Time held, int days);
/// EC2 bills by the second, a minute at least (EC2 on-demand pricing page).
Time paid_on_demand(Time held);

} // namespace windtunnel::cost
