#include "models/kernels/raw_measurements.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>

#include "libsim/base/csv_table.hpp"
#include "libsim/base/error.hpp"
#include "models/kernels/measured_cells.hpp"

namespace windtunnel::kernels {
namespace {

constexpr const char* schema = "windtunnel-kernels/1";

/// The problems of a file; those of its header lines have no cell.
class Problems {
public:
  explicit Problems(std::string path) : path_(std::move(path)) {}
  void file(std::string what) { issues_.push_back({path_, std::move(what)}); }
  void line(std::size_t line, std::string what) {
    issues_.push_back({fmt::format("{}:{}", path_, line), std::move(what)});
  }
  void cell(std::size_t at, std::string_view column, std::string_view what) {
    line(at, fmt::format("column {}: {}", column, what));
  }
  void throw_if_any() { throw_problems(std::move(issues_), path_); }

private:
  std::string path_;
  std::vector<Issue> issues_;
};

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()))
    throw InputError("kernel measurements", {{path, "cannot read the file"}});
  return std::move(text).str();
}

/// The '# key: value' lines; the same key with another value is a second file in this one.
std::map<std::string, std::string> header_of(const std::string& text, Problems& problems) {
  std::map<std::string, std::string> header;
  std::size_t number = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (!line.starts_with('#')) continue;
    if (line.ends_with('\r')) line.pop_back();
    const std::size_t colon = line.find(": ");
    if (!line.starts_with("# ") || colon == std::string::npos) {
      problems.line(number, "not '# key: value'");
      continue;
    }
    const std::string key = line.substr(2, colon - 2), value = line.substr(colon + 2);
    const auto [known, added] = header.emplace(key, value);
    if (!added && key == "gpu" && known->second != value)
      problems.line(number,
                    fmt::format("'{}' is another GPU than '{}' above", value, known->second));
  }
  if (!header.contains("schema"))
    problems.file(fmt::format("has no line '# schema: {}'", schema));
  else if (header["schema"] != schema)
    problems.file(fmt::format("is of schema '{}', not '{}'", header["schema"], schema));
  if (header["gpu"].empty()) problems.file("has no line '# gpu: ...'");
  return header;
}

class Rows {
public:
  Rows(const CsvTable& table, Problems& problems) : table_(table), problems_(problems) {}

  void read(RawMeasurements& raw) {
    for (row_ = 0; row_ < table_.size(); ++row_) {
      const std::string& status = text("status");
      if (text("op") == "op" && status == "status")
        problems_.line(line(), "the names of the columns a second time: two files in one?");
      else if (status == "ok")
        read_measured(raw);
      else if (status == "skipped")
        read_skipped(raw);
      else
        problem("status", fmt::format("'{}' is neither ok nor skipped", status));
    }
  }

private:
  const std::string& text(std::string_view column) const { return table_.text(row_, column); }
  std::size_t line() const { return table_.line(row_); }
  void problem(std::string_view column, std::string_view what) {
    problems_.cell(line(), column, what);
  }

  /// A number above 0, or with `zero` of at least 0.
  std::optional<double> number(const char* column, bool zero) {
    std::optional<double> value;
    try {
      value = table_.number(row_, column);
    } catch (const InputError&) {
      // said below, with its column
    }
    if (value && (*value > 0 || (zero && *value == 0))) return value;
    problem(column,
            fmt::format("'{}' is no number {}", text(column), zero ? "of at least 0" : "above 0"));
    return std::nullopt;
  }

  /// One of two words; whether it is the second.
  std::optional<bool> either(const char* column, std::string_view no, std::string_view yes) {
    const std::string& word = text(column);
    if (word == no || word == yes) return word == yes;
    problem(column, fmt::format("'{}' is neither {} nor {}", word, no, yes));
    return std::nullopt;
  }

  /// "m=128 n=4096"; nullopt when it is not.
  std::optional<std::vector<std::pair<std::string, std::int64_t>>> shape() {
    std::vector<std::pair<std::string, std::int64_t>> sizes;
    std::istringstream words(text("shape"));
    for (std::string word; words >> word;) {
      const std::size_t equals = word.find('=');
      std::int64_t value = 0;
      const char* const end = word.data() + word.size();
      if (equals != std::string::npos && equals > 0) {
        const auto [stop, error] = std::from_chars(word.data() + equals + 1, end, value);
        if (error == std::errc{} && stop == end && value >= 0) {
          sizes.emplace_back(word.substr(0, equals), value);
          continue;
        }
      }
      problem("shape", fmt::format("'{}' is no 'key=value' with a whole number", word));
      return std::nullopt;
    }
    if (!sizes.empty()) return sizes;
    problem("shape", "is empty");
    return std::nullopt;
  }

  /// False, and a problem, when the case stood in a line above.
  bool is_new() {
    std::string key;
    for (const char* column : {"op", "variant", "dtype", "shape", "cache"})
      key += text(column) + ",";
    const auto [first, added] = seen_.emplace(key, line());
    if (!added) problem("shape", fmt::format("the case stands in line {} already", first->second));
    return added;
  }

  void read_measured(RawMeasurements& raw) {
    RawMeasurement m;
    m.op = text("op");
    m.variant = text("variant");
    m.dtype = text("dtype");
    if (m.op.empty()) problem("op", "is empty");
    const auto sizes = shape();
    const auto hot = either("cache", "cold", "hot"), fresh = either("split", "grid", "fresh");
    const auto seconds = number("seconds", false), least = number("seconds_min", false),
               p95 = number("seconds_p95", false), ci = number("ci", true),
               flops = number("flops", true), bytes = number("bytes", true);
    const bool fresh_case = is_new();
    if (seconds && least && *least > *seconds) problem("seconds_min", "is above the median");
    if (seconds && p95 && *p95 < *seconds) problem("seconds_p95", "is below the median");
    if (!sizes || !hot || !fresh || !seconds || !least || !p95 || !ci || !flops || !bytes ||
        !fresh_case)
      return;
    m.shape = *sizes;
    m.hot = *hot;
    m.fresh = *fresh;
    m.seconds = *seconds;
    m.seconds_min = *least;
    m.seconds_p95 = *p95;
    m.ci = *ci;
    m.flops = *flops;
    m.bytes = *bytes;
    m.line = line();
    raw.measured.push_back(std::move(m));
  }

  void read_skipped(RawMeasurements& raw) {
    if (text("reason").empty()) problem("reason", "a skipped case needs one");
    if (!text("seconds").empty()) problem("seconds", "a skipped case has none");
    if (is_new())
      raw.skipped.push_back(
          {text("op"), text("variant"), text("dtype"), text("shape"), text("reason")});
  }

  const CsvTable& table_;
  Problems& problems_;
  std::size_t row_ = 0;
  std::map<std::string, std::size_t> seen_;
};

} // namespace

std::int64_t RawMeasurement::at(std::string_view key) const {
  for (const auto& [name, value] : shape)
    if (name == key) return value;
  throw ModelError(fmt::format("line {}: {} has no '{}' in its shape", line, op, key));
}

RawMeasurements read_raw_measurements(const std::string& path) {
  const std::string text = contents(path);
  Problems problems(path);
  RawMeasurements raw;
  raw.header = header_of(text, problems);
  raw.gpu = raw.header["gpu"];
  problems.throw_if_any(); // of another kind: its rows would only add noise
  const CsvTable table = CsvTable::parse(text, path);
  table.require({"op", "variant", "dtype", "shape", "cache", "split", "status", "reason", "seconds",
                 "seconds_min", "seconds_p95", "ci", "flops", "bytes"});
  if (!text.ends_with('\n') && table.size() > 0)
    problems.line(table.line(table.size() - 1), "the row is cut short: it has no end");
  Rows(table, problems).read(raw);
  problems.throw_if_any();
  return raw;
}

} // namespace windtunnel::kernels
