// topology_listing: what a topology is made of, how its GPUs reach each other and what holds them,
// as a table for people, JSON or DOT. Bandwidths are line rates, before protocol and software.
//
// Patterns are all GPUs sending at once, each to one other: the rates are max-min fair over all
// links, and the bottleneck is where the slowest flows are held.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/network/topology.hpp"

namespace windtunnel::scenarios {

/// Format "table", "json" or "dot". `pairs` are names of parts to show the paths between; with
/// none, one path of each distance.
std::string topology_listing(const network::Topology& topology,
                             const std::vector<std::pair<std::string, std::string>>& pairs,
                             std::string_view format);

} // namespace windtunnel::scenarios
