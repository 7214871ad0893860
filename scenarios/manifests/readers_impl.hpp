// What the readers of several kinds share. For the sources of scenarios/manifests alone.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "libsim/json/value.hpp"
#include "models/cluster/object_meta.hpp"
#include "models/cluster/quantity.hpp"
#include "models/cluster/selectors.hpp"

namespace windtunnel::scenarios {

cluster::Quantity read_quantity(const json::Value& value);
cluster::ResourceList read_resources(const json::Value& list);
cluster::Labels read_labels(const json::Value& map);
std::vector<std::string> read_texts(const json::Value& list);
/// An instant as the API writes it: "2026-06-01T10:00:00Z".
cluster::Instant read_instant(const json::Value& value);
cluster::ObjectMeta read_meta(const json::Value& object);
std::optional<cluster::LabelSelector> read_label_selector(const json::Value& selector);
cluster::NodeSelectorTerm read_node_selector_term(const json::Value& term);
std::optional<cluster::NodeSelector> read_node_selector(const json::Value& selector);
/// A 32-bit integer within limits.
std::int32_t read_int32(const json::Value& value, std::int32_t fallback,
                        std::int32_t least = std::numeric_limits<std::int32_t>::min(),
                        std::int32_t most = std::numeric_limits<std::int32_t>::max());

} // namespace windtunnel::scenarios
