// What the user asks for on the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace windtunnel::calibration {

struct Arguments {
  bool help = false, list = false, quick = false;
  std::string output; ///< a new file
  std::string resume; ///< a file to go on with; made when there is none
  std::optional<double> minutes;
  std::vector<std::string> only;      ///< operations
  std::optional<double> fresh_sample; ///< share of the grid
  std::uint64_t seed = 1;
  int device = 0;
  double cap_seconds = 0.3; ///< longest to measure one case
};

extern const char* const usage;

/// Throws std::invalid_argument with a sentence about the first thing that is wrong.
Arguments parse_arguments(const std::vector<std::string>& words);

} // namespace windtunnel::calibration
