// A Timeline as Chrome trace JSON. The layers keep libsim/json out of here, so the few lines that
// quote text stand below.
#include <array>
#include <charconv>
#include <cmath>

#include "libsim/trace/timeline.hpp"

namespace windtunnel::trace {
namespace {

/// Length of the UTF-8 sequence `text` begins with (Unicode 15, table 3-7); 0 when it is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto trails = [&](std::size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xBF; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return trails(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0,
               surrogate = lead == 0xED && byte(1) > 0x9F;
    return trails(1) && trails(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool overlong = lead == 0xF0 && byte(1) < 0x90, beyond = lead == 0xF4 && byte(1) > 0x8F;
    return trails(1) && trails(2) && trails(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

/// Appends `text` as a JSON string; bytes that are no UTF-8 become U+FFFD.
void quote(std::string& out, std::string_view text) {
  constexpr const char* hex = "0123456789abcdef";
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char c = text.front();
    if (length == 0)
      out += "\xEF\xBF\xBD";
    else if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (length == 1 && static_cast<unsigned char>(c) < 0x20)
      ((out += "\\u00") += hex[c >> 4]) += hex[c & 15];
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void value(std::string& out, std::int64_t number) { out += std::to_string(number); }
void value(std::string& out, const std::string& text) { quote(out, text); }
void value(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), end);
}

/// Microseconds with three decimals, exact.
void microseconds_of(std::string& out, Time t) {
  const std::int64_t ns = t.ns();
  const std::string digits = std::to_string(1000 + ns % 1000);
  ((out += std::to_string(ns / 1000)) += '.').append(digits, 1, 3);
}

/// Process and thread ids count from one; 0 means "no thread" to the viewers.
void ids(std::string& out, std::size_t group, std::size_t lane_number) {
  (out += ",\"pid\":") += std::to_string(group + 1);
  (out += ",\"tid\":") += std::to_string(lane_number);
}

void metadata(std::string& out, std::string_view kind, std::size_t group, std::size_t lane_number,
              std::string_view name) {
  ((out += "{\"ph\":\"M\",\"name\":\"") += kind) += "_name\"";
  ids(out, group, lane_number);
  out += ",\"args\":{\"name\":";
  quote(out, name);
  ((out += "}},\n{\"ph\":\"M\",\"name\":\"") += kind) += "_sort_index\"";
  ids(out, group, lane_number);
  const std::size_t row = lane_number > 0 ? lane_number : group + 1;
  ((out += ",\"args\":{\"sort_index\":") += std::to_string(row)) += "}},\n";
}

void head(std::string& out, char phase, std::string_view name, std::string_view category) {
  ((out += "{\"ph\":\"") += phase) += "\",\"name\":";
  quote(out, name);
  if (category.empty()) return;
  out += ",\"cat\":";
  quote(out, category);
}

void tail(std::string& out, const Args& args) {
  if (!args.empty()) {
    out += ",\"args\":";
    char before = '{';
    for (const Arg& arg : args) {
      out += before;
      quote(out, arg.name());
      out += ':';
      std::visit([&](const auto& v) { value(out, v); }, arg.value());
      before = ',';
    }
    out += '}';
  }
  out += "},\n";
}

} // namespace

std::string
Timeline::chrome_json(const std::vector<std::pair<std::string, std::string>>& about) const {
  std::string out = "{\"displayTimeUnit\":\"ms\",\n\"otherData\":{";
  for (const auto& [name, text] : about) {
    if (out.back() != '{') out += ',';
    quote(out, name);
    out += ':';
    quote(out, text);
  }
  out += "},\n\"traceEvents\":[\n";
  for (std::size_t i = 0; i < groups_.size(); ++i) metadata(out, "process", i, 0, groups_[i]);
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    metadata(out, "thread", lanes_[i].group, i + 1, lanes_[i].name);
  std::vector<const Span*> open; // begun and not ended, innermost last
  const auto end_innermost = [&] {
    out += "{\"ph\":\"E\"";
    ids(out, lanes_[open.back()->lane].group, open.back()->lane + 1);
    microseconds_of(out += ",\"ts\":", open.back()->end);
    tail(out, {});
    open.pop_back();
  };
  for (const std::size_t i : nested_order()) {
    const Span& span = spans_[i];
    while (!open.empty() && (open.back()->lane != span.lane || open.back()->end <= span.begin))
      end_innermost();
    head(out, 'B', span.name, span.category);
    ids(out, lanes_[span.lane].group, span.lane + 1);
    microseconds_of(out += ",\"ts\":", span.begin);
    tail(out, span.args);
    open.push_back(&span);
  }
  while (!open.empty()) end_innermost();
  for (const Instant& instant : instants_) {
    head(out, 'i', instant.name, instant.category);
    ids(out, lanes_[instant.lane].group, instant.lane + 1);
    microseconds_of(out += ",\"s\":\"t\",\"ts\":", instant.at);
    tail(out, instant.args);
  }
  for (const Sample& sample : samples_) {
    const CounterName& counter = counters_[sample.counter];
    head(out, 'C', counter.name, "");
    ids(out, counter.group, 0);
    microseconds_of(out += ",\"ts\":", sample.at);
    Args args;
    for (std::size_t i = 0; i < sample.values.size(); ++i)
      args.emplace_back(counter.series[i], sample.values[i]);
    tail(out, args);
  }
  if (out.ends_with(",\n")) out.erase(out.size() - 2, 1);
  return out += "]}\n";
}

} // namespace windtunnel::trace
