// Scenario files: JSON to Scenario, and the documentation of every field.
//
//   Scenario s = load_scenario("pretrain.json", {{"/cluster/nodePools/0/count", "8"}});
//
// "extends" names a base file (relative to the file it stands in), over which the file is laid as a
// JSON merge patch. Throws InputError with every problem: pointer, value seen, what is allowed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "libsim/json/reader.hpp"
#include "scenarios/scenario.hpp"

namespace windtunnel::scenarios {

/// A JSON pointer and the value to put there, as of `--set`.
using Setting = std::pair<std::string, std::string>;

Scenario read_scenario(json::Reader& reader);
/// The file with "extends" and `settings` applied, before it is read.
json::Document load_document(const std::string& path, const std::vector<Setting>& settings = {});
Scenario load_scenario(const std::string& path, const std::vector<Setting>& settings = {});
/// What `explain` and `schema` print.
json::Schema scenario_schema();

} // namespace windtunnel::scenarios
