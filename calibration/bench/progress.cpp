#include "progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace windtunnel::calibration {

Progress::Progress(std::size_t total) : total_(total), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (terminal_) std::fputs("\r\x1b[K", stderr);
}

void Progress::show(std::size_t done, const std::string& what, double seconds_left) {
  if (!terminal_) return;
  constexpr std::size_t width = 30;
  const std::size_t filled = total_ == 0 ? width : width * done / total_;
  const int minutes = static_cast<int>(seconds_left / 60),
            seconds = static_cast<int>(seconds_left) % 60;
  std::fprintf(stderr, "\r\x1b[K[%s%s] %zu/%zu  %d:%02d left  %.60s",
               std::string(filled, '#').c_str(), std::string(width - filled, '.').c_str(), done,
               total_, minutes, seconds, what.c_str());
}

} // namespace windtunnel::calibration
