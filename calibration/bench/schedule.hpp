// Which cases a run takes, in which order, and when a slice of time ends.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "case.hpp"

namespace windtunnel::calibration {

/// Of the whole suite those that are asked for and not in `done`. Throws std::invalid_argument for
/// an operation that does not exist.
std::vector<Case> chosen_cases(const Arguments&, const std::set<std::string>& done);

/// Says whether another case fits: what was spent on cases so far corrects what is expected of the
/// next.
class Slice {
public:
  explicit Slice(std::optional<double> minutes) : minutes_(minutes) {}
  bool fits(const Case&, double seconds_elapsed) const;
  void spent(const Case&, double seconds);
  /// Seconds that cases are expected to take, as corrected.
  double corrected(double expected) const { return expected * ratio(); }

private:
  double ratio() const;
  std::optional<double> minutes_;
  double spent_ = 0, expected_ = 0;
};

/// The text of --list.
std::string listing(const std::vector<Case>&);

} // namespace windtunnel::calibration
