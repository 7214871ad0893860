#include "libsim/json/writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "libsim/base/check.hpp"
#include "libsim/base/unit_strings.hpp"
#include "libsim/json/document_impl.hpp"

namespace windtunnel::json {

std::string quote(std::string_view text) {
  return Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string number(double value) {
  if (!std::isfinite(value)) return "null";
  std::array<char, 32> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), result.ptr};
}

void Writer::separate() {
  if (!first_) text_ += ',';
  first_ = false;
  if (indent_ > 0 && !open_.empty()) {
    text_ += '\n';
    text_.append(open_.size() * static_cast<std::size_t>(indent_), ' ');
  }
}

void Writer::key(std::string_view name) {
  separate();
  text_ += quote(name);
  text_ += indent_ > 0 ? ": " : ":";
}

Writer& Writer::put(std::string_view text) {
  text_ += text;
  return *this;
}

Writer& Writer::begin_object() {
  separate();
  text_ += '{';
  open_.push_back('}');
  first_ = true;
  return *this;
}

Writer& Writer::begin_object(std::string_view name) {
  key(name);
  text_ += '{';
  open_.push_back('}');
  first_ = true;
  return *this;
}

Writer& Writer::begin_array() {
  separate();
  text_ += '[';
  open_.push_back(']');
  first_ = true;
  return *this;
}

Writer& Writer::begin_array(std::string_view name) {
  key(name);
  text_ += '[';
  open_.push_back(']');
  first_ = true;
  return *this;
}

Writer& Writer::end() {
  WT_CHECK(!open_.empty(), "end() without begin");
  const char close = open_.back();
  open_.pop_back();
  if (!first_ && indent_ > 0) {
    text_ += '\n';
    text_.append(open_.size() * static_cast<std::size_t>(indent_), ' ');
  }
  text_ += close;
  first_ = false;
  return *this;
}

Writer& Writer::null_field(std::string_view name) {
  key(name);
  return put("null");
}

Writer& Writer::null_element() {
  separate();
  return put("null");
}

Writer& Writer::raw_field(std::string_view name, std::string_view json) {
  key(name);
  return put(json);
}

Writer& Writer::scalar(Money v) { return put(exact_dollars(v)); }
Writer& Writer::scalar(Time v) { return put(number(v.seconds())); }

std::string Writer::str() const {
  WT_CHECK(open_.empty(), "an object or array is still open");
  return text_ + "\n";
}

} // namespace windtunnel::json
