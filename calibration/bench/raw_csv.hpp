// The raw CSV: '# key: value' lines, the names of the columns, a row a case. Written a row at a
// time and flushed, so that an interrupted run can go on where it stopped.
#pragma once

#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "case.hpp"

namespace windtunnel::calibration {

inline constexpr const char* schema = "windtunnel-kernels/1";

/// What a case came to. Without a reason it was measured; with one it was not, and the reason says
/// why: not supported, no memory, a wrong result.
struct Row {
  std::string reason;
  std::size_t repeats = 0; ///< samples; each is the mean of `launches` launches
  std::string stopped;     ///< "interval": the median's was narrow enough; "cap": time was up
  double seconds = 0, seconds_min = 0, seconds_p95 = 0, ci = 0;
  std::size_t launches = 0;                                ///< in one sample
  std::size_t copies = 0;                                  ///< sets of buffers in rotation
  double sm_clock_mhz = 0, power_w = 0, temperature_c = 0; ///< 0: not known
  std::string algorithm;
  double checked_error = -1; ///< |out - reference| / |reference|; negative: nothing to check
};

using Header = std::vector<std::pair<std::string, std::string>>; ///< keys and values, in order

std::string header_text(const Header&);
std::string row_text(const Case&, const Row&); ///< with the line's end

/// What a file holds already.
struct Resumed {
  Header header;
  std::set<std::string> done;  ///< keys of the cases (Case::key) measured or skipped
  std::size_t whole_bytes = 0; ///< up to the end of the last whole row
};

/// Throws std::runtime_error, naming the line, when the text is no raw CSV of this schema; a last
/// row that was cut short is no error: it is left out of whole_bytes.
Resumed read_raw(const std::string& text);

/// Appends rows to a file, each flushed. Throws std::runtime_error when the file cannot be written.
class RawWriter {
public:
  /// A new file; refuses one that exists.
  static RawWriter create(const std::string& path, const Header&);
  /// Goes on after the last whole row.
  static RawWriter resume(const std::string& path, const Resumed&);
  void write(const Case&, const Row&);

private:
  explicit RawWriter(std::string path) : path_(std::move(path)) {}
  std::string path_;
  std::ofstream out_;
};

} // namespace windtunnel::calibration
