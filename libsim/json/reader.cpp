#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "libsim/base/unit_strings.hpp"
#include "libsim/json/document_impl.hpp"
#include "libsim/json/writer.hpp"

namespace windtunnel::json {

struct Reader::State {
  std::vector<Issue> issues;
};

namespace {

/// A value as it stood in the file, short enough for a message.
std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

std::string type_name(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  if (value.is_string()) return "a string";
  if (value.is_boolean()) return "a boolean";
  if (value.is_null()) return "null";
  return "a number";
}

std::string range_text(IntegerRange r) {
  using Limits = std::numeric_limits<std::int64_t>;
  if (r.min == Limits::min() && r.max == Limits::max()) return "";
  if (r.max == Limits::max()) return fmt::format("at least {}", r.min);
  if (r.min == Limits::min()) return fmt::format("at most {}", r.max);
  return fmt::format("in [{}, {}]", r.min, r.max);
}

std::string range_text(NumberRange r) {
  if (std::isinf(r.min) && std::isinf(r.max)) return "";
  if (std::isinf(r.max)) return fmt::format("at least {}", r.min);
  if (std::isinf(r.min)) return fmt::format("at most {}", r.max);
  return fmt::format("in [{}, {}]", r.min, r.max);
}

} // namespace

/// The steps all reading calls share.
struct ReaderAccess {
  /// Notes that `name` was asked for; returns its value, or null when absent (or describing).
  static const Json* find(Reader& r, std::string_view name) {
    r.asked_.emplace_back(name);
    const Json* object = static_cast<const Json*>(r.node_);
    if (!object || !object->is_object()) return nullptr;
    const auto found = object->find(std::string(name));
    return found == object->end() ? nullptr : &*found;
  }

  static void issue(Reader& r, std::string_view name, std::string message) {
    std::string pointer = r.pointer_;
    if (!name.empty()) pointer += "/" + escape(name);
    r.state_.issues.push_back({std::move(pointer), std::move(message)});
  }

  static void missing(Reader& r, std::string_view name) {
    // An object that is itself missing has been reported already.
    if (r.node_) issue(r, "", fmt::format("missing required field '{}'", name));
  }

  static void wrong_type(Reader& r, std::string_view name, const char* wanted, const Json& value) {
    issue(r, name, fmt::format("must be {}, got {} {}", wanted, type_name(value), shown(value)));
  }

  static Field& document(Reader& r, std::string_view name, const char* type, std::string_view doc,
                         bool required, std::string fallback = {}, std::string allowed = {}) {
    Field field;
    field.name = name;
    field.type = type;
    field.doc = doc;
    field.required = required;
    field.fallback = std::move(fallback);
    field.allowed = std::move(allowed);
    field.when = r.when_;
    r.describing_->fields.push_back(std::move(field));
    return r.describing_->fields.back();
  }

  /// Everything of the object was read: what was not asked for is unknown.
  static void finish(Reader& r) {
    const Json* object = static_cast<const Json*>(r.node_);
    if (!object || r.lenient_) return;
    for (const auto& [key, value] : object->items())
      if (std::find(r.asked_.begin(), r.asked_.end(), key) == r.asked_.end()) {
        std::string hint = did_you_mean(key, r.asked_);
        issue(r, key, "unknown field" + (hint.empty() ? hint : " (" + hint + ")"));
      }
  }

  static void read_node(Reader::State& state, const Json* node, const std::string& pointer,
                        const Reader::ReadFields& read_fields) {
    Reader inner(state, node, pointer, nullptr);
    read_fields(inner);
    finish(inner);
  }

  static void describe_node(Reader& r, Field& field, const Reader::ReadFields& read_fields) {
    Reader inner(r.state_, nullptr, "", &field);
    read_fields(inner);
  }

  /// A scalar: `convert(json) -> Parsed<T>`. Absent: nullopt, an issue when required.
  template <class T, class Convert>
  static std::optional<T> scalar(Reader& r, std::string_view name, const char* type,
                                 std::string_view doc, bool required, std::string fallback,
                                 std::string allowed, Convert convert) {
    if (r.describing()) {
      document(r, name, type, doc, required, std::move(fallback), std::move(allowed));
      return std::nullopt;
    }
    const Json* value = find(r, name);
    if (!value || (value->is_null() && !required)) {
      if (required) missing(r, name);
      return std::nullopt;
    }
    Parsed<T> parsed = convert(*value);
    if (parsed) return *parsed;
    issue(r, name, parsed.error());
    return std::nullopt;
  }

  /// A unit string of the given parser.
  template <class T>
  static std::optional<T> unit(Reader& r, std::string_view name, const char* type,
                               std::string_view doc, bool required, std::string fallback,
                               const char* example, Parsed<T> (*parse)(std::string_view)) {
    return scalar<T>(
        r, name, type, doc, required, std::move(fallback), example,
        [&](const Json& value) -> Parsed<T> {
          if (value.is_number())
            return tl::unexpected(
                fmt::format("must be a string with a unit like {}, got the bare number {}", example,
                            shown(value)));
          if (!value.is_string())
            return tl::unexpected(fmt::format("must be a string like {}, got {} {}", example,
                                              type_name(value), shown(value)));
          return parse(value.get_ref<const std::string&>());
        });
  }
};

namespace {

using Access = ReaderAccess;

Parsed<std::int64_t> to_integer(const Json& value, IntegerRange range) {
  const auto fail = [&] {
    const std::string allowed = range_text(range);
    return tl::unexpected(fmt::format("must be a whole number{}{}, got {}",
                                      allowed.empty() ? "" : " ", allowed, shown(value)));
  };
  std::int64_t number = 0;
  if (value.is_number_unsigned()) {
    const auto wide = value.get<std::uint64_t>();
    if (wide > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return fail();
    number = static_cast<std::int64_t>(wide);
  } else if (value.is_number_integer()) {
    number = value.get<std::int64_t>();
  } else {
    return fail();
  }
  if (number < range.min || number > range.max) return fail();
  return number;
}

Parsed<double> to_number(const Json& value, NumberRange range) {
  if (value.is_number()) {
    const double number = value.get<double>();
    if (std::isfinite(number) && number >= range.min && number <= range.max) return number;
  }
  const std::string allowed = range_text(range);
  return tl::unexpected(fmt::format("must be a number{}{}, got {}", allowed.empty() ? "" : " ",
                                    allowed, shown(value)));
}

Parsed<std::string> to_text(const Json& value) {
  if (value.is_string() && !value.get_ref<const std::string&>().empty())
    return value.get<std::string>();
  return tl::unexpected(fmt::format("must be a string that is not empty, got {}", shown(value)));
}

constexpr const char* time_example = "\"30m\"";
constexpr const char* bytes_example = "\"64GiB\"";
constexpr const char* bandwidth_example = "\"400Gbps\" (bits) or \"50GBps\" (bytes)";
constexpr const char* flop_rate_example = "\"989TFLOPS\"";
constexpr const char* money_example = "\"$4M\"";
constexpr const char* price_example = "\"$55.04/h\"";
constexpr const char* instant_example = "\"2026-12-01T00:00:00Z\"";

} // namespace

Reader::Reader(State& state, const void* node, std::string pointer, Field* describing)
    : state_(state), node_(node), pointer_(std::move(pointer)), describing_(describing) {}

bool Reader::has(std::string_view name) const {
  const Json* object = static_cast<const Json*>(node_);
  if (!object || !object->is_object()) return false;
  const auto found = object->find(std::string(name));
  return found != object->end() && !found->is_null();
}

void Reader::problem(std::string_view name, std::string message) {
  if (!describing()) Access::issue(*this, name, std::move(message));
}

std::string Reader::text(std::string_view name, std::string_view doc) {
  return Access::scalar<std::string>(*this, name, "string", doc, true, "", "", to_text)
      .value_or("");
}
std::string Reader::text(std::string_view name, std::string_view fallback, std::string_view doc) {
  const std::string standard(fallback);
  return Access::scalar<std::string>(*this, name, "string", doc, false, quote(standard), "",
                                     to_text)
      .value_or(standard);
}
std::optional<std::string> Reader::optional_text(std::string_view name, std::string_view doc) {
  return Access::scalar<std::string>(*this, name, "string", doc, false, "", "", to_text);
}

bool Reader::boolean(std::string_view name, bool fallback, std::string_view doc) {
  return Access::scalar<bool>(*this, name, "boolean", doc, false, fallback ? "true" : "false", "",
                              [](const Json& value) -> Parsed<bool> {
                                if (value.is_boolean()) return value.get<bool>();
                                return tl::unexpected(
                                    fmt::format("must be true or false, got {}", shown(value)));
                              })
      .value_or(fallback);
}

std::int64_t Reader::integer(std::string_view name, IntegerRange range, std::string_view doc) {
  return Access::scalar<std::int64_t>(*this, name, "integer", doc, true, "", range_text(range),
                                      [&](const Json& value) { return to_integer(value, range); })
      .value_or(std::max<std::int64_t>(range.min, std::min<std::int64_t>(range.max, 0)));
}
std::int64_t Reader::integer(std::string_view name, std::int64_t fallback, IntegerRange range,
                             std::string_view doc) {
  return Access::scalar<std::int64_t>(*this, name, "integer", doc, false, std::to_string(fallback),
                                      range_text(range),
                                      [&](const Json& value) { return to_integer(value, range); })
      .value_or(fallback);
}
std::optional<std::int64_t> Reader::optional_integer(std::string_view name, IntegerRange range,
                                                     std::string_view doc) {
  return Access::scalar<std::int64_t>(*this, name, "integer", doc, false, "", range_text(range),
                                      [&](const Json& value) { return to_integer(value, range); });
}

double Reader::number(std::string_view name, NumberRange range, std::string_view doc) {
  return Access::scalar<double>(*this, name, "number", doc, true, "", range_text(range),
                                [&](const Json& value) { return to_number(value, range); })
      .value_or(std::max(range.min, std::min(range.max, 0.0)));
}
double Reader::number(std::string_view name, double fallback, NumberRange range,
                      std::string_view doc) {
  return Access::scalar<double>(*this, name, "number", doc, false, fmt::format("{}", fallback),
                                range_text(range),
                                [&](const Json& value) { return to_number(value, range); })
      .value_or(fallback);
}
std::optional<double> Reader::optional_number(std::string_view name, NumberRange range,
                                              std::string_view doc) {
  return Access::scalar<double>(*this, name, "number", doc, false, "", range_text(range),
                                [&](const Json& value) { return to_number(value, range); });
}

namespace {

std::optional<std::string> read_choice(Reader& r, Field* describing, std::string_view name,
                                       Choices choices, bool required, std::string fallback,
                                       std::string_view doc) {
  const std::vector<std::string> names(choices.begin(), choices.end());
  const std::optional<std::string> chosen = Access::scalar<std::string>(
      r, name, "choice", doc, required, std::move(fallback), "",
      [&](const Json& value) -> Parsed<std::string> {
        if (value.is_string() &&
            std::find(names.begin(), names.end(), value.get<std::string>()) != names.end())
          return value.get<std::string>();
        const std::string hint =
            value.is_string() ? did_you_mean(value.get<std::string>(), names) : "";
        return tl::unexpected(fmt::format("must be one of {}; got {}{}", fmt::join(names, ", "),
                                          shown(value), hint.empty() ? hint : " (" + hint + ")"));
      });
  if (describing) describing->fields.back().choices = names;
  return chosen;
}

} // namespace

std::string Reader::choice(std::string_view name, Choices choices, std::string_view doc) {
  return read_choice(*this, describing_, name, choices, true, "", doc)
      .value_or(std::string(*choices.begin()));
}
std::string Reader::choice(std::string_view name, Choices choices, std::string_view fallback,
                           std::string_view doc) {
  return read_choice(*this, describing_, name, choices, false, quote(std::string(fallback)), doc)
      .value_or(std::string(fallback));
}

#define WT_UNIT_READERS(Type, method, label, parse, example)                                       \
  std::optional<Type> Reader::optional_##method(std::string_view name, std::string_view doc) {     \
    return Access::unit<Type>(*this, name, label, doc, false, "", example, parse);                 \
  }                                                                                                \
  Type Reader::method(std::string_view name, std::string_view doc) {                               \
    return Access::unit<Type>(*this, name, label, doc, true, "", example, parse).value_or(Type{}); \
  }
#define WT_UNIT_FALLBACK(Type, method, label, parse, example)                                      \
  Type Reader::method(std::string_view name, Type fallback, std::string_view doc) {                \
    return Access::unit<Type>(*this, name, label, doc, false, quote(to_string(fallback)), example, \
                              parse)                                                               \
        .value_or(fallback);                                                                       \
  }
WT_UNIT_READERS(Time, time, "duration", parse_time, time_example)
WT_UNIT_FALLBACK(Time, time, "duration", parse_time, time_example)
WT_UNIT_READERS(Bytes, bytes, "bytes", parse_bytes, bytes_example)
WT_UNIT_FALLBACK(Bytes, bytes, "bytes", parse_bytes, bytes_example)
WT_UNIT_READERS(Bandwidth, bandwidth, "bandwidth", parse_bandwidth, bandwidth_example)
WT_UNIT_FALLBACK(Bandwidth, bandwidth, "bandwidth", parse_bandwidth, bandwidth_example)
WT_UNIT_READERS(FlopRate, flop_rate, "flop rate", parse_flop_rate, flop_rate_example)
WT_UNIT_READERS(Money, money, "money", parse_money, money_example)
WT_UNIT_READERS(Price, price, "price", parse_price, price_example)
WT_UNIT_READERS(std::int64_t, instant, "instant", parse_instant, instant_example)
#undef WT_UNIT_READERS
#undef WT_UNIT_FALLBACK

namespace {

/// A share: "5%" or a plain number, within `range`.
Parsed<Ratio> to_ratio(const Json& value, NumberRange range) {
  Parsed<Ratio> parsed = tl::unexpected(
      fmt::format("must be a number or a percentage like \"5%\", got {}", shown(value)));
  if (value.is_number()) parsed = ratio(value.get<double>());
  if (value.is_string()) parsed = parse_ratio(value.get_ref<const std::string&>());
  if (parsed && (!(parsed->value() >= range.min) || !(parsed->value() <= range.max)))
    return tl::unexpected(fmt::format("must be {}, got {}", range_text(range), shown(value)));
  return parsed;
}

/// A large count: "1.5T" or a plain number, not negative.
Parsed<double> to_count(const Json& value) {
  if (value.is_string()) return parse_count(value.get_ref<const std::string&>());
  if (value.is_number() && value.get<double>() >= 0) return value.get<double>();
  return tl::unexpected(
      fmt::format("must be a count like \"1.5T\" or 15000000, got {}", shown(value)));
}

} // namespace

std::optional<Ratio> Reader::optional_ratio(std::string_view name, NumberRange range,
                                            std::string_view doc) {
  return Access::scalar<Ratio>(*this, name, "ratio", doc, false, "", range_text(range),
                               [&](const Json& value) { return to_ratio(value, range); });
}
Ratio Reader::ratio(std::string_view name, NumberRange range, std::string_view doc) {
  return Access::scalar<Ratio>(*this, name, "ratio", doc, true, "", range_text(range),
                               [&](const Json& value) { return to_ratio(value, range); })
      .value_or(Ratio{});
}
Ratio Reader::ratio(std::string_view name, Ratio fallback, NumberRange range,
                    std::string_view doc) {
  return Access::scalar<Ratio>(*this, name, "ratio", doc, false,
                               fmt::format("{}", fallback.value()), range_text(range),
                               [&](const Json& value) { return to_ratio(value, range); })
      .value_or(fallback);
}

std::optional<double> Reader::optional_count(std::string_view name, std::string_view doc) {
  return Access::scalar<double>(*this, name, "count", doc, false, "", "\"1.5T\"", to_count);
}
double Reader::count(std::string_view name, std::string_view doc) {
  return Access::scalar<double>(*this, name, "count", doc, true, "", "\"1.5T\"", to_count)
      .value_or(0);
}

void Reader::object(std::string_view name, std::string_view doc, const ReadFields& read_fields) {
  if (describing())
    return Access::describe_node(*this, Access::document(*this, name, "object", doc, true),
                                 read_fields);
  const Json* value = Access::find(*this, name);
  if (!value)
    Access::missing(*this, name);
  else if (!value->is_object())
    Access::wrong_type(*this, name, "an object", *value);
  const bool good = value && value->is_object();
  Access::read_node(state_, good ? value : nullptr, pointer_ + "/" + escape(name), read_fields);
}

bool Reader::optional_object(std::string_view name, std::string_view doc,
                             const ReadFields& read_fields) {
  if (describing()) {
    Access::describe_node(*this, Access::document(*this, name, "object", doc, false), read_fields);
    return false;
  }
  const Json* value = Access::find(*this, name);
  if (!value || value->is_null()) return false;
  if (!value->is_object()) {
    Access::wrong_type(*this, name, "an object", *value);
    return false;
  }
  Access::read_node(state_, value, pointer_ + "/" + escape(name), read_fields);
  return true;
}

void Reader::objects(std::string_view name, std::size_t min_size, std::string_view doc,
                     const ReadFields& read_fields) {
  if (describing()) {
    Field& array = Access::document(*this, name, "array", doc, min_size > 0);
    array.fields.push_back({.name = "[]", .type = "object"});
    return Access::describe_node(*this, array.fields.back(), read_fields);
  }
  const Json* value = Access::find(*this, name);
  if (!value || value->is_null()) {
    if (min_size > 0) Access::missing(*this, name);
    return;
  }
  if (!value->is_array()) return Access::wrong_type(*this, name, "an array", *value);
  if (value->size() < min_size)
    Access::issue(*this, name, fmt::format("needs at least {} element(s)", min_size));
  for (std::size_t i = 0; i < value->size(); ++i) {
    const std::string at = fmt::format("{}/{}/{}", pointer_, escape(name), i);
    if ((*value)[i].is_object())
      Access::read_node(state_, &(*value)[i], at, read_fields);
    else
      state_.issues.push_back({at, fmt::format("must be an object, got {} {}",
                                               type_name((*value)[i]), shown((*value)[i]))});
  }
}

void Reader::map(std::string_view name, std::string_view doc,
                 const std::function<void(const std::string& key, Reader&)>& read_fields) {
  if (describing()) {
    Field& field = Access::document(*this, name, "map", doc, false);
    field.fields.push_back({.name = "*", .type = "object"});
    return Access::describe_node(*this, field.fields.back(),
                                 [&](Reader& inner) { read_fields("*", inner); });
  }
  const Json* value = Access::find(*this, name);
  if (!value || value->is_null()) return;
  if (!value->is_object()) return Access::wrong_type(*this, name, "an object", *value);
  for (const auto& [key, element] : value->items()) {
    const std::string at = pointer_ + "/" + escape(name) + "/" + escape(key);
    if (element.is_object())
      Access::read_node(state_, &element, at,
                        [&, &name_of = key](Reader& inner) { read_fields(name_of, inner); });
    else
      state_.issues.push_back(
          {at, fmt::format("must be an object, got {} {}", type_name(element), shown(element))});
  }
}

namespace {

/// The elements of an array of scalars, each converted; issues carry the index.
template <class T, class Convert>
std::vector<T> read_scalars(Reader& r, std::vector<Issue>& issues, std::string_view name,
                            std::string_view doc, const char* type, Convert convert) {
  std::vector<T> result;
  if (r.describing()) {
    Field& array = Access::document(r, name, "array", doc, false);
    array.fields.push_back({.name = "[]", .type = type});
    return result;
  }
  const Json* value = Access::find(r, name);
  if (!value || value->is_null()) return result;
  if (!value->is_array()) {
    Access::wrong_type(r, name, "an array", *value);
    return result;
  }
  for (std::size_t i = 0; i < value->size(); ++i) {
    Parsed<T> parsed = convert((*value)[i]);
    if (parsed)
      result.push_back(std::move(*parsed));
    else
      issues.push_back({fmt::format("{}/{}/{}", r.pointer(), escape(name), i), parsed.error()});
  }
  return result;
}

} // namespace

std::vector<std::string> Reader::texts(std::string_view name, std::string_view doc) {
  return read_scalars<std::string>(*this, state_.issues, name, doc, "string", to_text);
}

std::vector<double> Reader::numbers(std::string_view name, NumberRange range,
                                    std::string_view doc) {
  return read_scalars<double>(*this, state_.issues, name, doc, "number",
                              [&](const Json& value) { return to_number(value, range); });
}

std::vector<std::pair<double, double>> Reader::curve(std::string_view name, std::string_view doc) {
  using Point = std::pair<double, double>;
  return read_scalars<Point>(
      *this, state_.issues, name, doc, "[number, number]", [](const Json& value) -> Parsed<Point> {
        if (value.is_array() && value.size() == 2 && value[0].is_number() && value[1].is_number())
          return Point{value[0].get<double>(), value[1].get<double>()};
        return tl::unexpected(fmt::format("must be a pair [x, y], got {}", shown(value)));
      });
}

namespace {

std::string read_variant(Reader& r, Field* describing, std::string& when, bool& lenient,
                         std::string_view tag, std::optional<std::string> fallback,
                         std::string_view doc, const std::vector<Reader::Alternative>& options) {
  std::vector<std::string> names;
  for (const Reader::Alternative& option : options) names.emplace_back(option.first);
  if (describing) {
    Field& field = Access::document(r, tag, "choice", doc, !fallback,
                                    fallback ? quote(*fallback) : std::string());
    field.choices = names;
    for (const Reader::Alternative& option : options) {
      when = fmt::format("{}={}", tag, option.first);
      option.second(r);
    }
    when.clear();
    return fallback.value_or(names.front());
  }
  const Json* value = Access::find(r, tag);
  std::optional<std::string> chosen = fallback;
  if (value) {
    chosen.reset();
    if (value->is_string()) chosen = value->get<std::string>();
  } else if (!fallback) {
    Access::missing(r, tag);
  }
  for (const Reader::Alternative& option : options)
    if (chosen == option.first) {
      option.second(r);
      return *chosen;
    }
  lenient = true;
  if (value) {
    const std::string hint = chosen ? did_you_mean(*chosen, names) : "";
    Access::issue(r, tag,
                  fmt::format("must be one of {}; got {}{}", fmt::join(names, ", "), shown(*value),
                              hint.empty() ? hint : " (" + hint + ")"));
  }
  return "";
}

} // namespace

std::string Reader::variant(std::string_view tag, std::string_view doc,
                            const std::vector<Alternative>& alternatives) {
  return read_variant(*this, describing_, when_, lenient_, tag, std::nullopt, doc, alternatives);
}
std::string Reader::variant(std::string_view tag, std::string_view fallback, std::string_view doc,
                            const std::vector<Alternative>& alternatives) {
  return read_variant(*this, describing_, when_, lenient_, tag, std::string(fallback), doc,
                      alternatives);
}

std::vector<Issue> detail::run_read(const Document& document,
                                    const Reader::ReadFields& read_fields) {
  Reader::State state;
  const Json& root = document.impl().root;
  if (root.is_object())
    ReaderAccess::read_node(state, &root, "", read_fields);
  else
    state.issues.push_back({"", fmt::format("{}: must be an object, got {} {}",
                                            document.impl().name, type_name(root), shown(root))});
  return std::move(state.issues);
}

Schema describe(const Reader::ReadFields& read_fields) {
  Reader::State state;
  Schema schema;
  schema.type = "object";
  Reader reader(state, nullptr, "", &schema);
  read_fields(reader);
  return schema;
}

} // namespace windtunnel::json
