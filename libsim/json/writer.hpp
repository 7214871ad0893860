// Writer: JSON text in the order it is written, byte-equal for equal calls. Doubles print as the
// shortest text that reads back equal; NaN and infinities print as null. Money prints in dollars
// with nine decimals, Time in seconds (field names carry the unit: cost_usd, wall_s).
//
//   json::Writer w;
//   w.begin_object().field("formatVersion", "1.0").field("cost_usd", money);
//   w.begin_array("rows"); ... w.end(); w.end();
//   std::string text = w.str();   // indented by two, newline at the end
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libsim/base/units.hpp"

namespace windtunnel::json {

/// JSON string literal of `text`, quotes included; invalid UTF-8 becomes U+FFFD.
std::string quote(std::string_view text);
/// Shortest decimal text that reads back as `value`; "null" when it is not finite.
std::string number(double value);

class Writer {
public:
  /// indent 0 writes one line.
  explicit Writer(int indent = 2) : indent_(indent) {}

  Writer& begin_object();                      ///< as root or array element
  Writer& begin_object(std::string_view name); ///< as field
  Writer& begin_array();
  Writer& begin_array(std::string_view name);
  Writer& end(); ///< closes the innermost object or array

  template <class T> Writer& field(std::string_view name, const T& v) {
    key(name);
    return scalar(v);
  }
  template <class T> Writer& element(const T& v) {
    separate();
    return scalar(v);
  }
  Writer& null_field(std::string_view name);
  Writer& null_element();
  /// `json` is written as it stands.
  Writer& raw_field(std::string_view name, std::string_view json);

  /// The text; all objects and arrays must be closed.
  std::string str() const;

private:
  void separate();
  void key(std::string_view name);
  Writer& put(std::string_view text);
  Writer& scalar(std::string_view v) { return put(quote(v)); }
  Writer& scalar(const char* v) { return put(quote(v)); }
  Writer& scalar(const std::string& v) { return put(quote(v)); }
  Writer& scalar(bool v) { return put(v ? "true" : "false"); }
  Writer& scalar(double v) { return put(number(v)); }
  Writer& scalar(std::integral auto v) { return put(std::to_string(v)); }
  Writer& scalar(Money v);
  Writer& scalar(Time v);
  Writer& scalar(Bytes v) { return put(std::to_string(v.count())); }

  int indent_;
  std::string text_;
  std::vector<char> open_; // '}' or ']' to close, innermost last
  bool first_ = true;
};

} // namespace windtunnel::json
