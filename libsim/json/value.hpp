// Value: walk a parsed document whose form is not ours (Kubernetes objects). Where a Reader reads
// what we define, field by field, and refuses the rest, a Value is asked for what is needed.
//
//   json::Value pod(document);
//   for (const json::Value container : pod["spec"]["containers"].elements())
//     names.push_back(container["name"].text());
//
// A field that is missing or null is an absent Value: false, without elements, and its fields are
// absent too. A value of another type than asked for throws InputError with its JSON pointer.
// A Value refers to the document and to the names it was asked for: both must outlive it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libsim/json/reader.hpp"

namespace windtunnel::json {

class Value {
public:
  explicit Value(const Document& document);

  explicit operator bool() const; ///< there is a value, and it is not null
  bool is_string() const;
  bool is_number() const;

  Value operator[](std::string_view name) const;             ///< a field of this object
  std::vector<Value> elements() const;                       ///< of this array
  std::vector<std::pair<std::string, Value>> fields() const; ///< of this object, in their order

  std::string text() const; ///< of a string; absent is an error, as in all that follow
  std::string text(std::string_view fallback) const;
  std::string scalar() const; ///< of a string, or a number as it is written shortest
  std::int64_t integer() const;
  std::int64_t integer(std::int64_t fallback) const;
  bool boolean(bool fallback) const;

  std::string pointer() const;
  /// Throws InputError: `message` about this value.
  [[noreturn]] void fail(const std::string& message) const;

private:
  Value(const void* root, const void* parent, std::string_view name, const void* node)
      : root_(root), parent_(parent), name_(name), node_(node) {}
  [[noreturn]] void wrong_type(const char* wanted) const;

  const void* root_;   // nlohmann values; opaque here (design decision 13)
  const void* parent_; // of an absent value: the object that lacks it
  std::string_view name_;
  const void* node_; // null when absent
};

} // namespace windtunnel::json
