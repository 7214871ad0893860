// A bar on standard error, where that is a terminal.
#pragma once

#include <string>

namespace windtunnel::calibration {

class Progress {
public:
  explicit Progress(std::size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void show(std::size_t done, const std::string& what, double seconds_left);

private:
  std::size_t total_;
  bool terminal_;
};

} // namespace windtunnel::calibration
