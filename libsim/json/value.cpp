#include "libsim/json/value.hpp"

#include <fmt/format.h>

#include "libsim/json/document_impl.hpp"
#include "libsim/json/writer.hpp"

namespace windtunnel::json {
namespace {

const Json& json(const void* node) { return *static_cast<const Json*>(node); }

/// The pointer to `wanted` below `node`, which is looked for only when there is something to say.
bool find(const Json& node, const Json* wanted, std::string& pointer) {
  if (&node == wanted) return true;
  const std::size_t length = pointer.size();
  const auto below = [&](const std::string& step, const Json& child) {
    pointer += "/" + step;
    if (find(child, wanted, pointer)) return true;
    pointer.resize(length);
    return false;
  };
  if (node.is_object()) {
    for (const auto& [key, child] : node.items())
      if (below(escape(key), child)) return true;
  } else if (node.is_array()) {
    for (std::size_t i = 0; i < node.size(); ++i)
      if (below(std::to_string(i), node[i])) return true;
  }
  return false;
}

} // namespace

Value::Value(const Document& document)
    : Value(&document.impl().root, nullptr, "", &document.impl().root) {}

Value::operator bool() const { return node_ && !json(node_).is_null(); }
bool Value::is_string() const { return node_ && json(node_).is_string(); }
bool Value::is_number() const { return node_ && json(node_).is_number(); }

Value Value::operator[](std::string_view name) const {
  if (!*this) return Value(root_, parent_, name_, nullptr);
  if (!json(node_).is_object()) wrong_type("an object");
  const auto found = json(node_).find(name);
  return Value(root_, node_, name, found == json(node_).end() ? nullptr : &*found);
}

std::vector<Value> Value::elements() const {
  std::vector<Value> all;
  if (!*this) return all;
  if (!json(node_).is_array()) wrong_type("an array");
  for (const Json& element : json(node_)) all.push_back(Value(root_, node_, "", &element));
  return all;
}

std::vector<std::pair<std::string, Value>> Value::fields() const {
  std::vector<std::pair<std::string, Value>> all;
  if (!*this) return all;
  if (!json(node_).is_object()) wrong_type("an object");
  for (const auto& [key, field] : json(node_).items())
    all.emplace_back(key, Value(root_, node_, "", &field));
  return all;
}

std::string Value::text() const {
  if (!is_string()) wrong_type("a string");
  return json(node_).get<std::string>();
}

std::string Value::text(std::string_view fallback) const {
  return *this ? text() : std::string(fallback);
}

std::string Value::scalar() const {
  if (is_string()) return text();
  if (!is_number()) wrong_type("a string or a number");
  const Json& value = json(node_);
  if (value.is_number_float()) return number(value.get<double>());
  return value.dump();
}

std::int64_t Value::integer() const {
  const bool whole = is_number() && json(node_).is_number_integer();
  if (!whole || (json(node_).is_number_unsigned() &&
                 json(node_).get<std::uint64_t>() > std::uint64_t{INT64_MAX}))
    wrong_type("an integer");
  return json(node_).get<std::int64_t>();
}

std::int64_t Value::integer(std::int64_t fallback) const { return *this ? integer() : fallback; }

bool Value::boolean(bool fallback) const {
  if (!*this) return fallback;
  if (!json(node_).is_boolean()) wrong_type("a boolean");
  return json(node_).get<bool>();
}

std::string Value::pointer() const {
  std::string pointer;
  const void* const known = node_ ? node_ : parent_;
  if (known) find(json(root_), &json(known), pointer);
  if (!node_) pointer += "/" + escape(name_);
  return pointer;
}

void Value::fail(const std::string& message) const {
  throw InputError("object", {{pointer(), message}});
}

void Value::wrong_type(const char* wanted) const {
  if (!node_) fail(fmt::format("is missing; must be {}", wanted));
  std::string shown = json(node_).dump(-1, ' ', false, Json::error_handler_t::replace);
  if (shown.size() > 60) shown = shown.substr(0, 57) + "...";
  fail(fmt::format("must be {}, got {}", wanted, shown));
}

} // namespace windtunnel::json
