// The inside of a Document. Only the sources of libsim/json include this file.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "libsim/json/reader.hpp"

namespace windtunnel::json {

using Json = nlohmann::ordered_json;

struct Document::Impl {
  Json root;
  std::string name;
};

/// RFC 6901: "~" and "/" inside a name.
std::string escape(std::string_view name);
/// "did you mean 'x'?" for the candidate nearest to `word`, or empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

} // namespace windtunnel::json
