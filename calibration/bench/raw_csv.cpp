#include "raw_csv.hpp"

#include <array>
#include <charconv>
#include <filesystem>
#include <stdexcept>

namespace windtunnel::calibration {
namespace {

constexpr const char* columns =
    "op,variant,dtype,shape,cache,split,status,reason,repeats,stopped,seconds,seconds_min,"
    "seconds_p95,ci,flops,bytes,launches,copies,sm_clock_mhz,power_w,temperature_c,algorithm,"
    "checked_error";
constexpr std::size_t column_count = 23;

std::string number(double value) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 7);
  return std::string(text.data(), end.ptr);
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out + '"';
}

/// Cells of one line. Rows hold no line ends (quoted() leaves none). False: an open quote.
bool split(const std::string& line, std::vector<std::string>& cells) {
  cells.assign(1, "");
  bool open = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (open && c == '"' && i + 1 < line.size() && line[i + 1] == '"')
      cells.back() += line[++i];
    else if (c == '"')
      open = !open;
    else if (c == ',' && !open)
      cells.emplace_back();
    else
      cells.back() += c;
  }
  return !open;
}

[[noreturn]] void refuse(std::size_t line, const std::string& what) {
  throw std::runtime_error("line " + std::to_string(line) + ": " + what);
}

} // namespace

std::string header_text(const Header& header) {
  std::string text;
  for (const auto& [key, value] : header) {
    text += "# " + key + ": ";
    for (const char c : value) text += c == '\n' || c == '\r' ? ' ' : c;
    text += '\n';
  }
  return text + columns + '\n';
}

std::string row_text(const Case& c, const Row& row) {
  const Work work = work_of(c);
  std::string text = c.op + ',' + c.variant + ',' + c.dtype + ',' + c.shape_text() + ',' +
                     to_string(c.cache) + ',' + to_string(c.split) + ',';
  const std::string place = number(work.flops) + ',' + number(work.bytes);
  if (!row.reason.empty())
    return text + "skipped," + quoted(row.reason) + ",0,,,,,," + place + ",0,0,,,,,\n";
  const auto known = [](double value) { return value > 0 ? number(value) : std::string(); };
  text += "ok,," + std::to_string(row.repeats) + ',' + row.stopped + ',' + number(row.seconds) +
          ',' + number(row.seconds_min) + ',' + number(row.seconds_p95) + ',' + number(row.ci) +
          ',' + place + ',' + std::to_string(row.launches) + ',' + std::to_string(row.copies) +
          ',' + known(row.sm_clock_mhz) + ',' + known(row.power_w) + ',' +
          known(row.temperature_c) + ',' + quoted(row.algorithm) + ',';
  return text + (row.checked_error >= 0 ? number(row.checked_error) : "") + '\n';
}

Resumed read_raw(const std::string& text) {
  Resumed resumed;
  std::vector<std::string> cells;
  bool header_seen = false;
  std::size_t number_of_line = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    ++number_of_line;
    if (end == std::string::npos) break; // cut short
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("# ") && !header_seen) {
      const std::size_t colon = line.find(": ");
      if (colon == std::string::npos) refuse(number_of_line, "no 'key: value' after '#'");
      resumed.header.emplace_back(line.substr(2, colon - 2), line.substr(colon + 2));
    } else if (!header_seen) {
      if (line != columns) refuse(number_of_line, "the columns are not those of this suite");
      header_seen = true;
    } else {
      if (!split(line, cells) || cells.size() != column_count)
        refuse(number_of_line, "a row without its " + std::to_string(column_count) + " cells");
      const std::string key =
          cells[0] + ',' + cells[1] + ',' + cells[2] + ',' + cells[3] + ',' + cells[4];
      if (!resumed.done.insert(key).second)
        refuse(number_of_line, "the case '" + key + "' stands there twice");
    }
    resumed.whole_bytes = at;
  }
  if (!header_seen) throw std::runtime_error("the names of the columns are missing");
  if (resumed.header.empty() ||
      resumed.header.front() != std::pair<std::string, std::string>("schema", schema))
    throw std::runtime_error(std::string("it does not begin with '# schema: ") + schema + "'");
  return resumed;
}

RawWriter RawWriter::create(const std::string& path, const Header& header) {
  if (std::filesystem::exists(path))
    throw std::runtime_error(path + " exists; go on with it by --resume");
  RawWriter writer(path);
  writer.out_.open(path, std::ios::binary);
  writer.out_ << header_text(header) << std::flush;
  if (!writer.out_) throw std::runtime_error("cannot write " + path);
  return writer;
}

RawWriter RawWriter::resume(const std::string& path, const Resumed& resumed) {
  std::filesystem::resize_file(path, resumed.whole_bytes);
  RawWriter writer(path);
  writer.out_.open(path, std::ios::binary | std::ios::app);
  if (!writer.out_) throw std::runtime_error("cannot write " + path);
  return writer;
}

void RawWriter::write(const Case& c, const Row& row) {
  out_ << row_text(c, row) << std::flush;
  if (!out_) throw std::runtime_error("cannot write " + path_);
}

} // namespace windtunnel::calibration
