#include <fmt/format.h>

#include <map>

#include "libsim/json/document_impl.hpp"
#include "libsim/json/writer.hpp"

namespace windtunnel::json {
namespace {

/// "<duration>", "<[]object>": kubectl's way to write a type.
std::string shown_type(const Field& field) {
  if (field.type == "array" && !field.fields.empty())
    return "<[]" + field.fields.front().type + ">";
  if (field.type == "map") return "<map[string]object>";
  return "<" + field.type + ">";
}

/// The fields a path steps into: those of an array's or a map's element.
const std::vector<Field>& inner_fields(const Field& field) {
  if ((field.type == "array" || field.type == "map") && !field.fields.empty())
    return field.fields.front().fields;
  return field.fields;
}

std::string facts(const Field& field) {
  std::string text = shown_type(field);
  if (field.required) text += " required";
  if (!field.choices.empty()) text += fmt::format(" one of {}", fmt::join(field.choices, ", "));
  if (!field.allowed.empty())
    text += (field.allowed.front() == '"' ? " like " : " ") + field.allowed;
  if (!field.fallback.empty()) text += " default " + field.fallback;
  if (!field.when.empty()) text += " (with " + field.when + ")";
  return text;
}

void wrap(std::string& out, const std::string& text, std::size_t indent) {
  constexpr std::size_t width = 100;
  std::size_t column = width;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (column + 1 + word.size() > width) {
      out += (out.empty() || out.back() == '\n' ? "" : "\n") + std::string(indent, ' ') + word;
      column = indent + word.size();
    } else {
      out += " " + word;
      column += 1 + word.size();
    }
    begin = end + 1;
  }
  out += "\n";
}

void list_fields(std::string& out, const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    out += fmt::format("  {:<18} {}\n", field.name, facts(field));
    wrap(out, field.doc, 6);
  }
}

const char* string_pattern(const std::string& type) {
  static const std::map<std::string, const char*> patterns{
      {"duration", "^([0-9]+(\\\\.[0-9]+)?(ns|us|ms|s|m|h|d|w))+$"},
      {"bytes", "^[0-9]+(\\\\.[0-9]+)?([kKMGTP]i?)?B?$"},
      {"bandwidth", "^[0-9]+(\\\\.[0-9]+)?[kMGT]?i?(bps|Bps|B/s)$"},
      {"flop rate", "^[0-9]+(\\\\.[0-9]+)?[kMGTPE]?FLOPS$"},
      {"money", "^\\\\$?[0-9]+(\\\\.[0-9]+)?[kMB]?( ?USD)?$"},
      {"price", "^\\\\$[0-9]+(\\\\.[0-9]+)?/h$"},
      {"instant", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"}};
  const auto found = patterns.find(type);
  return found == patterns.end() ? nullptr : found->second;
}

std::string schema_text(const Field& field);

std::string object_schema(const std::vector<Field>& fields) {
  // A name may stand in several alternatives of a variant: it is then allowed in any of their
  // forms.
  std::vector<std::pair<std::string, std::vector<const Field*>>> by_name;
  for (const Field& field : fields) {
    auto found = by_name.begin();
    while (found != by_name.end() && found->first != field.name) ++found;
    if (found == by_name.end()) {
      by_name.push_back({field.name, {&field}});
      continue;
    }
    bool known = false;
    for (const Field* other : found->second) known |= schema_text(*other) == schema_text(field);
    if (!known) found->second.push_back(&field);
  }
  std::string properties, required;
  for (const auto& [name, forms] : by_name) {
    std::string form = schema_text(*forms.front());
    if (forms.size() > 1) {
      form = "{\"anyOf\": [";
      for (std::size_t i = 0; i < forms.size(); ++i)
        form += (i ? ", " : "") + schema_text(*forms[i]);
      form += "]}";
    }
    properties += (properties.empty() ? "" : ", ") + quote(name) + ": " + form;
    if (forms.front()->required && forms.front()->when.empty())
      required += (required.empty() ? "" : ", ") + quote(name);
  }
  return "\"type\": \"object\", \"additionalProperties\": false, \"properties\": {" + properties +
         "}" + (required.empty() ? "" : ", \"required\": [" + required + "]");
}

std::string type_schema(const Field& field) {
  if (field.type == "object") return object_schema(field.fields);
  if (field.type == "array")
    return "\"type\": \"array\", \"items\": " + schema_text(field.fields.front());
  if (field.type == "map")
    return "\"type\": \"object\", \"additionalProperties\": " + schema_text(field.fields.front());
  if (field.type == "integer") return "\"type\": \"integer\"";
  if (field.type == "number") return "\"type\": \"number\"";
  if (field.type == "boolean") return "\"type\": \"boolean\"";
  if (field.type == "ratio" || field.type == "count") return "\"type\": [\"number\", \"string\"]";
  if (field.type == "choice") {
    std::string names;
    for (const std::string& name : field.choices)
      names += (names.empty() ? "" : ", ") + quote(name);
    return "\"enum\": [" + names + "]";
  }
  if (field.type == "[number, number]")
    return "\"type\": \"array\", \"items\": {\"type\": \"number\"}";
  const char* pattern = string_pattern(field.type);
  return std::string("\"type\": \"string\"") +
         (pattern ? std::string(", \"pattern\": \"") + pattern + "\"" : "");
}

std::string schema_text(const Field& field) {
  std::string text = "{";
  if (!field.doc.empty()) text += "\"description\": " + quote(field.doc) + ", ";
  text += type_schema(field);
  if (!field.fallback.empty()) text += ", \"default\": " + field.fallback;
  return text + "}";
}

} // namespace

std::string explain(const Schema& schema, const std::string& path) {
  Field node = schema;
  std::string walked = "scenario";
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    begin = end + 1;
    if (walked == "scenario" && name == "scenario") continue;
    const std::vector<Field>& fields = inner_fields(node);
    std::vector<std::string> names;
    const Field* next = nullptr;
    for (const Field& field : fields) {
      names.push_back(field.name);
      if (field.name == name) next = &field;
    }
    if (!next)
      throw InputError(
          "field path",
          {{walked, fmt::format("has no field '{}'; {}", name,
                                names.empty() ? "it has none"
                                              : did_you_mean(name, names) + " it has " +
                                                    fmt::format("{}", fmt::join(names, ", ")))}});
    walked += "." + name;
    node = Field(*next);
  }
  std::string out = fmt::format("FIELD: {} {}\n", walked, facts(node));
  if (!node.doc.empty()) {
    out += "\n";
    wrap(out, node.doc, 2);
  }
  if (!inner_fields(node).empty()) {
    out += "\nFIELDS:\n";
    list_fields(out, inner_fields(node));
  }
  return out;
}

std::string to_json_schema(const Schema& schema, const std::string& title) {
  const std::string text =
      "{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"title\": " + quote(title) +
      ", " + object_schema(schema.fields) + "}";
  return parse(text, "schema").dump();
}

} // namespace windtunnel::json
