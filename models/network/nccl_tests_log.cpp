#include "models/network/nccl_tests_log.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "libsim/base/error.hpp"

namespace windtunnel::network {
namespace {

struct Word {
  std::string_view text;
  std::size_t column = 0; ///< from 1
};

std::vector<Word> split(std::string_view line) {
  std::vector<Word> words;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = line.find_first_not_of(" \t\r", at);
    if (begin == std::string_view::npos) break;
    at = std::min(line.find_first_of(" \t\r", begin), line.size());
    words.push_back({line.substr(begin, at - begin), begin + 1});
  }
  return words;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

class LogReader {
public:
  LogReader(const std::string& name, std::optional<Op> op, int ranks)
      : name_(name), given_op_(op), given_ranks_(ranks) {}

  NcclTestsLog read(std::string_view text) {
    std::size_t number_of_line = 0;
    while (!text.empty()) {
      ++number_of_line;
      const std::size_t end = text.find('\n');
      if (end == std::string_view::npos) cut_ = number_of_line;
      take(text.substr(0, end), number_of_line);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    finish();
    if (!issues_.empty()) throw InputError("nccl-tests log", std::move(issues_));
    return std::move(log_);
  }

private:
  void problem(std::size_t line, std::size_t column, const std::string& what) {
    issues_.push_back(
        {name_ + ":" + std::to_string(line) + (column ? ":" + std::to_string(column) : ""), what});
  }

  void take(std::string_view line, std::size_t at) {
    std::vector<Word> words = split(line);
    const auto hash = std::ranges::find_if(words, [](const Word& w) { return w.text == "#"; });
    for (const Word& w : words) take_program(w.text);
    if (hash != words.end()) {
      words.erase(words.begin(), hash + 1);
      if (words.empty()) return;
      if (words[0].text == "Rank") take_device(words, at);
      if (words[0].text == "size") take_header(words);
    } else if (!columns_.empty()) {
      take_row(words, at);
    }
  }

  void take_program(std::string_view word) {
    if (const std::size_t slash = word.rfind('/'); slash != std::string_view::npos)
      word.remove_prefix(slash + 1);
    if (word.ends_with("_perf"))
      if (const std::optional<Op> op = parse_op(word)) log_.op = op;
  }

  // "#  Rank  0 Group  0 Pid 4711 on host-0 device  0 [0x53] NVIDIA H100"
  void take_device(const std::vector<Word>& words, std::size_t at) {
    const auto rank = words.size() > 1 ? number(words[1].text) : std::nullopt;
    if (!rank || *rank < 0 || *rank != std::floor(*rank) || *rank > 1e7) {
      problem(at, words[0].column, "a device without a rank");
      return;
    }
    if (!ranks_.insert(static_cast<int>(*rank)).second)
      problem(at, words[1].column, "rank " + std::string(words[1].text) + " appears twice");
    for (std::size_t i = 2; i + 1 < words.size(); ++i)
      if (words[i].text == "on") hosts_.insert(std::string(words[i + 1].text));
  }

  void take_header(const std::vector<Word>& words) {
    std::vector<std::string> columns;
    for (const Word& w : words) columns.emplace_back(w.text);
    const auto has = [&](const char* name) {
      return std::ranges::find(columns, name) != columns.end();
    };
    if (has("time") && has("algbw") && has("busbw")) columns_ = std::move(columns);
  }

  std::size_t column(const char* name) const {
    return static_cast<std::size_t>(std::ranges::find(columns_, name) - columns_.begin());
  }

  void take_row(std::vector<Word> words, std::size_t at) {
    // A launcher's prefix ends with a colon, alone or glued to the size.
    while (!words.empty() && !number(words[0].text)) {
      const std::size_t colon = words[0].text.find_last_of(":>");
      if (colon == std::string_view::npos) return; // a message among the rows
      words[0].column += colon + 1;
      words[0].text.remove_prefix(colon + 1);
      if (words[0].text.empty()) words.erase(words.begin());
    }
    if (words.empty()) return;
    if (words.size() < columns_.size()) {
      problem(at, words.back().column,
              "the row ends after " + std::to_string(words.size()) + " of " +
                  std::to_string(columns_.size()) + " columns");
      return;
    }
    NcclTestsRow row{.line = at};
    bool good = true;
    const auto cell = [&](const char* name, double& into) {
      const Word& word = words[column(name)];
      const auto value = number(word.text);
      if (value) into = *value;
      if (!value)
        problem(at, word.column,
                std::string(name) + " is no number: '" + std::string(word.text.substr(0, 40)) +
                    "'");
      good = good && value.has_value();
    };
    cell("size", row.bytes);
    cell("time", row.us);
    cell("algbw", row.algbw);
    cell("busbw", row.busbw);
    if (!good || row.bytes == 0) return;
    if (row.us <= 0) {
      problem(at, words[column("time")].column, "time must be positive");
      return;
    }
    if (row.bytes < 0 || row.bytes != std::floor(row.bytes)) {
      problem(at, words[0].column, "size must be a whole number of bytes");
      return;
    }
    if (!agrees(row.algbw, row.bytes / row.us * 1e-3)) {
      problem(at, words[column("algbw")].column, "algbw is inconsistent with size and time");
      return;
    }
    log_.rows.push_back(row);
    busbw_columns_.push_back(words[column("busbw")].column);
  }

  /// Printed figures are rounded to two decimals, times to four digits.
  static bool agrees(double printed, double computed) {
    constexpr double share = 0.01, last_place = 0.0051;
    return std::abs(printed - computed) <= share * computed + last_place;
  }

  void finish() {
    log_.ranks = static_cast<int>(ranks_.size());
    log_.nodes = static_cast<int>(hosts_.size());
    if (!ranks_.empty() && *ranks_.rbegin() + 1 != log_.ranks)
      problem(1, 0, "the devices are not numbered from 0 to " + std::to_string(log_.ranks - 1));
    if (columns_.empty())
      problem(1, 0, "no table of nccl-tests: no header with size, time, algbw and busbw");
    else if (log_.rows.empty() && issues_.empty())
      problem(1, 0, "the table has no rows");
    if (given_op_ && log_.op && *log_.op != *given_op_)
      problem(1, 0,
              std::string("the log is of ") + to_string(*log_.op) + ", not of " +
                  to_string(*given_op_));
    if (given_ranks_ && log_.ranks && log_.ranks != given_ranks_)
      problem(1, 0,
              "the log lists " + std::to_string(log_.ranks) + " devices, not " +
                  std::to_string(given_ranks_));
    if (cut_ && !columns_.empty()) problem(cut_, 0, "the log ends in mid-line");
    const std::optional<Op> op = log_.op ? log_.op : given_op_;
    const int ranks = log_.ranks ? log_.ranks : given_ranks_;
    if (!op || ranks < 2 || !issues_.empty()) return;
    for (std::size_t i = 0; i < log_.rows.size(); ++i)
      if (!agrees(log_.rows[i].busbw, log_.rows[i].algbw * bus_factor(*op, ranks)) &&
          !agrees(log_.rows[i].busbw,
                  log_.rows[i].bytes / log_.rows[i].us * 1e-3 * bus_factor(*op, ranks)))
        problem(log_.rows[i].line, busbw_columns_[i],
                "busbw is inconsistent with time for " + std::string(to_string(*op)) + " on " +
                    std::to_string(ranks) + " ranks");
  }

  const std::string& name_;
  std::optional<Op> given_op_;
  int given_ranks_;
  NcclTestsLog log_;
  std::vector<std::string> columns_;
  std::vector<std::size_t> busbw_columns_;
  std::set<int> ranks_;
  std::set<std::string> hosts_;
  std::size_t cut_ = 0;
  std::vector<Issue> issues_;
};

} // namespace

NcclTestsLog read_nccl_tests_log(std::string_view text, const std::string& name,
                                 std::optional<Op> op, int ranks) {
  return LogReader(name, op, ranks).read(text);
}

} // namespace windtunnel::network
