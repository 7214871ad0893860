#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include "libsim/json/document_impl.hpp"

namespace windtunnel::json {
namespace {

constexpr std::size_t max_bytes = std::size_t{64} << 20;
constexpr std::size_t max_depth = 64;

/// Builds the tree from nlohmann's events, which come without recursion, so that neither depth nor
/// duplicate keys go unnoticed.
class Builder : public nlohmann::json_sax<Json> {
public:
  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& value) override {
    Level& level = levels_.back();
    if (!level.keys.insert(value).second)
      issues.push_back({pointer() + "/" + escape(value), "the key stands twice in this object"});
    level.key = std::move(value);
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
    std::string text = error.what();
    for (const char* prefix : {"parse error at ", "] "})
      if (const std::size_t at = text.find(prefix); at != std::string::npos) {
        text = text.substr(at + std::string_view(prefix).size());
        break;
      }
    issues.push_back({"", text});
    return false;
  }

  Json root;
  std::vector<Issue> issues;

private:
  struct Level {
    Json* container;
    std::string key;
    std::set<std::string> keys;
  };

  Json* place(Json&& value) {
    if (levels_.empty()) {
      root = std::move(value);
      return &root;
    }
    Level& level = levels_.back();
    if (level.container->is_array()) {
      level.container->push_back(std::move(value));
      return &level.container->back();
    }
    return &((*level.container)[level.key] = std::move(value));
  }
  bool put(Json&& value) { return place(std::move(value)), true; }
  bool open(Json&& value) {
    if (levels_.size() == max_depth) {
      issues.push_back({"", fmt::format("nested deeper than {} levels", max_depth)});
      return false;
    }
    levels_.push_back({place(std::move(value)), {}, {}});
    return true;
  }
  bool close() { return levels_.pop_back(), true; }

  std::string pointer() const {
    std::string text;
    for (std::size_t i = 0; i + 1 < levels_.size(); ++i) {
      const Level& level = levels_[i];
      text += "/" + (level.container->is_array() ? std::to_string(level.container->size() - 1)
                                                 : escape(level.key));
    }
    return text;
  }

  std::vector<Level> levels_;
};

Document make(Json root, std::string name) {
  return Document(
      std::make_shared<Document::Impl>(Document::Impl{std::move(root), std::move(name)}));
}

std::string too_large(const std::string& name) {
  return fmt::format("{} is larger than {} MiB", name, max_bytes >> 20);
}

std::string read_all(std::istream& stream, const std::string& name) {
  std::string text, block(std::size_t{1} << 16, '\0');
  while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) ||
         stream.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
    if (text.size() > max_bytes) throw InputError("JSON", {{"", too_large(name)}});
  }
  return text;
}

void merge_into(Json& base, const Json& patch) {
  if (!patch.is_object()) {
    base = patch;
    return;
  }
  if (!base.is_object()) base = Json::object();
  for (const auto& [key, value] : patch.items()) {
    if (value.is_null())
      base.erase(key);
    else
      merge_into(base[key], value);
  }
}

/// Edits from a to b, case ignored; swapping two neighbours is one edit (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  const auto same = [&](std::size_t i, std::size_t j) {
    return std::tolower(static_cast<unsigned char>(a[i])) ==
           std::tolower(static_cast<unsigned char>(b[j]));
  };
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min(
          {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (same(i - 1, j - 1) ? 0 : 1)});
      if (i > 1 && j > 1 && same(i - 1, j - 2) && same(i - 2, j - 1))
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

[[noreturn]] void no_such_pointer(const std::string& pointer, const std::string& why) {
  throw InputError("JSON pointer", {{pointer, why}});
}

/// Index into an array of `size`, as a pointer's token spells it.
std::size_t array_index(const std::string& token, std::size_t size, const std::string& pointer) {
  const bool digits =
      !token.empty() && token.size() < 10 &&
      std::all_of(token.begin(), token.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  if (!digits || std::stoul(token) >= size)
    no_such_pointer(pointer, fmt::format("'{}' is no index of an array of {}", token, size));
  return std::stoul(token);
}

std::vector<std::string> tokens_of(const std::string& pointer) {
  if (!pointer.empty() && pointer.front() != '/')
    no_such_pointer(pointer, "a JSON pointer begins with '/'");
  std::vector<std::string> tokens;
  for (std::size_t begin = 1; begin <= pointer.size() && !pointer.empty();) {
    const std::size_t end = std::min(pointer.find('/', begin), pointer.size());
    std::string token = pointer.substr(begin, end - begin);
    for (const auto& [from, to] : {std::pair{"~1", "/"}, {"~0", "~"}})
      for (std::size_t at = 0; (at = token.find(from, at)) != std::string::npos; ++at)
        token.replace(at, 2, to);
    tokens.push_back(std::move(token));
    begin = end + 1;
  }
  return tokens;
}

} // namespace

std::string escape(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '~')
      text += "~0";
    else if (c == '/')
      text += "~1";
    else
      text += c;
  }
  return text;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > 64) return "";
  const std::string* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates)
    if (const std::size_t d = distance(word, candidate); d < best_distance) {
      best = &candidate;
      best_distance = d;
    }
  return best ? fmt::format("did you mean '{}'?", *best) : std::string();
}

Document::Document(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

std::string Document::dump() const {
  return impl_->root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Document parse(std::string_view text, const std::string& name) {
  if (text.size() > max_bytes) throw InputError("JSON", {{"", too_large(name)}});
  Builder builder;
  Json::sax_parse(text, &builder);
  if (!builder.issues.empty()) {
    for (Issue& issue : builder.issues)
      if (issue.pointer.empty()) issue.message = name + ": " + issue.message;
    throw InputError("JSON", std::move(builder.issues));
  }
  return make(std::move(builder.root), name);
}

Document parse_file(const std::string& path) {
  if (path == "-") return parse(read_all(std::cin, "standard input"), "standard input");
  const auto unreadable = [&]() -> InputError {
    const std::string why = std::filesystem::is_directory(path) ? "it is a folder"
                            : errno != 0                        ? std::strerror(errno)
                                                                : "reading failed";
    return InputError("JSON", {{"", "cannot read the file " + path + ": " + why}});
  };
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw unreadable();
  const std::string text = read_all(stream, path);
  if (stream.bad()) throw unreadable();
  return parse(text, path);
}

Document merge(const Document& base, const Document& patch) {
  Json root = base.impl().root;
  merge_into(root, patch.impl().root);
  return make(std::move(root), patch.impl().name);
}

Document set(const Document& document, const std::string& pointer, const std::string& value) {
  Json root = document.impl().root;
  std::vector<std::string> tokens = tokens_of(pointer);
  if (tokens.empty()) no_such_pointer(pointer, "the whole document cannot be replaced");
  Json* node = &root;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool last = i + 1 == tokens.size();
    if (node->is_array()) {
      if (last && tokens[i] == "-") {
        node->push_back(nullptr);
        node = &node->back();
      } else {
        node = &(*node)[array_index(tokens[i], node->size(), pointer)];
      }
    } else if (node->is_object() && (last || node->contains(tokens[i]))) {
      node = &(*node)[tokens[i]];
    } else if (node->is_object()) {
      std::vector<std::string> names;
      for (const auto& [key, unused] : node->items()) names.push_back(key);
      const std::string hint = did_you_mean(tokens[i], names);
      no_such_pointer(
          pointer,
          fmt::format("there is no '{}' here; {}", tokens[i],
                      hint.empty() ? fmt::format("there are: {}", fmt::join(names, ", ")) : hint));
    } else {
      no_such_pointer(pointer, fmt::format("'{}' would lie inside a plain value", tokens[i]));
    }
  }
  Builder builder;
  const bool is_json = Json::sax_parse(value, &builder);
  if (is_json && !builder.issues.empty()) { // keys that stand twice
    for (Issue& issue : builder.issues) issue.pointer = pointer + issue.pointer;
    throw InputError("JSON", std::move(builder.issues));
  }
  *node = is_json ? std::move(builder.root) : Json(value);
  return make(std::move(root), document.impl().name);
}

std::optional<std::string> string_at(const Document& document, const std::string& pointer) {
  const Json* node = &document.impl().root;
  for (const std::string& token : tokens_of(pointer)) {
    if (!node->is_object() || !node->contains(token)) return std::nullopt;
    node = &(*node)[token];
  }
  if (!node->is_string()) return std::nullopt;
  return node->get<std::string>();
}

Document without(const Document& document, const std::string& name) {
  Json root = document.impl().root;
  if (root.is_object()) root.erase(name);
  return make(std::move(root), document.impl().name);
}

} // namespace windtunnel::json
