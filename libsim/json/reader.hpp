// Reader: parse a JSON object and describe it, with one piece of code.
//
// A reading function asks for each field by name, with its type, default and one-line doc:
//
//   PoolSpec read_pool(json::Reader& r) {
//     PoolSpec p;
//     p.name = r.text("name", "Name other fields refer to.");
//     p.count = r.integer("count", {.min = 1, .max = 100000}, "Nodes wanted.");
//     p.boot = r.time("boot", seconds(60), "Time from launch to kubelet start.");
//     return p;
//   }
//   json::Document doc = json::parse(text, "scenario.json");   // throws InputError on syntax
//   Scenario s = json::read(doc, "scenario", read_scenario);   // throws InputError, all problems
//   json::Schema schema = json::describe(read_scenario);       // docs for explain and schema
//
// Contract. Reading never stops at the first problem: a bad or missing field is recorded as an
// Issue (pointer, value seen, what is allowed, did-you-mean) and its default or an empty value
// returned; json::read throws once at the end with all of them. Fields not asked for are unknown
// fields, hence errors. A field without a default is required. Dimensioned fields are unit strings
// (unit_strings.hpp); a bare number there is an error. Integers must be whole: 3.7 and 1e99 are
// errors. In describing mode every call records the field and returns its default, and each array,
// map and variant calls its element function once per alternative: reading functions must not
// branch on values in a way that hides fields (use variant()).
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libsim/base/error.hpp"
#include "libsim/base/units.hpp"

namespace windtunnel::json {

/// A parsed JSON text. Duplicate keys, syntax errors (line:column), more than 64 levels of nesting
/// and texts above 64 MiB are rejected by parse(). Immutable, cheap to copy.
class Document {
public:
  struct Impl;
  explicit Document(std::shared_ptr<const Impl> impl);
  const Impl& impl() const { return *impl_; }
  /// The document as JSON text, two-space indented, keys in their order.
  std::string dump() const;

private:
  std::shared_ptr<const Impl> impl_;
};

/// Parse `text`; `name` (a file name) appears in the messages. Throws InputError.
Document parse(std::string_view text, const std::string& name);
/// Read and parse a file; "-" is standard input. Throws InputError naming the file.
Document parse_file(const std::string& path);
/// RFC 7396 merge patch: `patch` laid over `base`.
Document merge(const Document& base, const Document& patch);
/// `document` with the value at JSON pointer `pointer` replaced (or a field of an existing object
/// added, or "-" appended to an array). `value` is JSON if it parses as JSON, else a string.
/// Throws InputError when the pointer leads nowhere.
Document set(const Document& document, const std::string& pointer, const std::string& value);

/// The string at a JSON pointer; nullopt when there is none.
std::optional<std::string> string_at(const Document& document, const std::string& pointer);
/// `document`, an object, without its field `name`.
Document without(const Document& document, const std::string& name);

struct IntegerRange {
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
};
struct NumberRange {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};
using Choices = std::initializer_list<std::string_view>;

/// Documentation of one field, made by describe(). Type is "string", "integer", "number",
/// "boolean", "object", "array", "map", "duration", "bytes", "bandwidth", "flop rate", "money",
/// "price", "ratio", "count", "instant" or "choice".
struct Field {
  std::string name; ///< "[]" for array elements, "*" for map values
  std::string type{};
  std::string doc{};
  bool required = false;
  std::string fallback{};             ///< the default as JSON text; empty when required or optional
  std::string allowed{};              ///< "[1, 100000]", "30m, 720h, ..."; empty when free
  std::vector<std::string> choices{}; ///< for choices and variant tags
  std::string when{};          ///< tag value that makes this field apply ("kind=eks"); or empty
  std::vector<Field> fields{}; ///< of objects; for arrays and maps the one element
};
using Schema = Field;

class Reader {
public:
  struct State;
  Reader(State& state, const void* node, std::string pointer, Field* describing);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool describing() const { return describing_ != nullptr; }
  bool has(std::string_view name) const; ///< present and not null; false when describing
  const std::string& pointer() const { return pointer_; }

  std::string text(std::string_view name, std::string_view doc); ///< required, not empty
  std::string text(std::string_view name, std::string_view fallback, std::string_view doc);
  bool boolean(std::string_view name, bool fallback, std::string_view doc);
  std::int64_t integer(std::string_view name, IntegerRange range, std::string_view doc);
  std::int64_t integer(std::string_view name, std::int64_t fallback, IntegerRange range,
                       std::string_view doc);
  double number(std::string_view name, NumberRange range, std::string_view doc);
  double number(std::string_view name, double fallback, NumberRange range, std::string_view doc);
  /// One of `choices`; with a near miss the message says "did you mean".
  std::string choice(std::string_view name, Choices choices, std::string_view doc);
  std::string choice(std::string_view name, Choices choices, std::string_view fallback,
                     std::string_view doc);

  Time time(std::string_view name, std::string_view doc);
  Time time(std::string_view name, Time fallback, std::string_view doc);
  Bytes bytes(std::string_view name, std::string_view doc);
  Bytes bytes(std::string_view name, Bytes fallback, std::string_view doc);
  Bandwidth bandwidth(std::string_view name, std::string_view doc);
  Bandwidth bandwidth(std::string_view name, Bandwidth fallback, std::string_view doc);
  FlopRate flop_rate(std::string_view name, std::string_view doc);
  Money money(std::string_view name, std::string_view doc);
  Price price(std::string_view name, std::string_view doc);
  Ratio ratio(std::string_view name, NumberRange range, std::string_view doc);
  Ratio ratio(std::string_view name, Ratio fallback, NumberRange range, std::string_view doc);
  double count(std::string_view name, std::string_view doc); ///< "1.5T", or a plain whole number
  std::int64_t instant(std::string_view name, std::string_view doc);

  // The same for fields that may be absent: nullopt then, and no default is documented.
  std::optional<std::string> optional_text(std::string_view name, std::string_view doc);
  std::optional<std::int64_t> optional_integer(std::string_view name, IntegerRange range,
                                               std::string_view doc);
  std::optional<double> optional_number(std::string_view name, NumberRange range,
                                        std::string_view doc);
  std::optional<Time> optional_time(std::string_view name, std::string_view doc);
  std::optional<Bytes> optional_bytes(std::string_view name, std::string_view doc);
  std::optional<Bandwidth> optional_bandwidth(std::string_view name, std::string_view doc);
  std::optional<FlopRate> optional_flop_rate(std::string_view name, std::string_view doc);
  std::optional<Money> optional_money(std::string_view name, std::string_view doc);
  std::optional<Price> optional_price(std::string_view name, std::string_view doc);
  std::optional<Ratio> optional_ratio(std::string_view name, NumberRange range,
                                      std::string_view doc);
  std::optional<double> optional_count(std::string_view name, std::string_view doc);
  std::optional<std::int64_t> optional_instant(std::string_view name, std::string_view doc);

  using ReadFields = std::function<void(Reader&)>;
  /// A nested object. Required; read_fields is called with its Reader (with an empty one when the
  /// object is missing or of another type, so that the value has its defaults).
  void object(std::string_view name, std::string_view doc, const ReadFields& read_fields);
  /// A nested object that may be absent; returns whether it was there. When absent, read_fields is
  /// not called (but it is, once, when describing).
  bool optional_object(std::string_view name, std::string_view doc, const ReadFields& read_fields);
  /// An array of objects, min_size..; read_fields is called once per element.
  void objects(std::string_view name, std::size_t min_size, std::string_view doc,
               const ReadFields& read_fields);
  /// An object used as a map from free names to objects; keys in document order.
  void map(std::string_view name, std::string_view doc,
           const std::function<void(const std::string& key, Reader&)>& read_fields);
  /// Arrays of scalars; empty when absent.
  std::vector<std::string> texts(std::string_view name, std::string_view doc);
  std::vector<double> numbers(std::string_view name, NumberRange range, std::string_view doc);
  /// Pairs of numbers [[x, y], ...], for curves; empty when absent.
  std::vector<std::pair<double, double>> curve(std::string_view name, std::string_view doc);

  /// A tagged union: field `tag` holds one of the names; the function of that name reads the other
  /// fields of this same object. When describing, all are called, their fields marked `when`.
  using Alternative = std::pair<std::string_view, ReadFields>;
  std::string variant(std::string_view tag, std::string_view doc,
                      const std::vector<Alternative>& alternatives);

  /// The same with a tag that may be absent.
  std::string variant(std::string_view tag, std::string_view fallback, std::string_view doc,
                      const std::vector<Alternative>& alternatives);

  /// Record a problem with field `name` of this object ("" for the object itself), for rules across
  /// fields.
  void problem(std::string_view name, std::string message);

private:
  friend struct ReaderAccess;
  State& state_;
  const void* node_; // nlohmann object or null; opaque here (design decision 13)
  std::string pointer_;
  Field* describing_;
  std::string when_;
  std::vector<std::string> asked_;
  bool lenient_ = false; // its tag was wrong: do not call its other fields unknown
};

namespace detail {
std::vector<Issue> run_read(const Document&, const Reader::ReadFields&);
}

/// What could be read, with what could not: for checks across fields to report with the issues.
template <class T> struct Partly {
  std::optional<T> value; ///< nullopt when the document is no object; bad fields hold defaults
  std::vector<Issue> issues;
};
template <class F> auto read_partly(const Document& document, F&& read_fields) {
  Partly<decltype(read_fields(std::declval<Reader&>()))> result;
  result.issues =
      detail::run_read(document, [&](Reader& r) { result.value.emplace(read_fields(r)); });
  return result;
}

/// Run `read_fields(Reader&) -> T` over `document`. Throws InputError("<kind>", all issues).
template <class F> auto read(const Document& document, std::string_view kind, F&& read_fields) {
  auto result = read_partly(document, std::forward<F>(read_fields));
  if (!result.issues.empty()) throw InputError(std::string(kind), std::move(result.issues));
  return std::move(*result.value);
}
/// The documentation of what `read_fields` reads.
Schema describe(const Reader::ReadFields& read_fields);

/// `windtunnel explain`: the field at dotted `path` ("scenario.nodePools.count"; empty: the root)
/// and its children, as text. Throws InputError with a "did you mean" when there is none.
std::string explain(const Schema& schema, const std::string& path);
/// JSON Schema (draft-07) text for editors.
std::string to_json_schema(const Schema& schema, const std::string& title);

} // namespace windtunnel::json
