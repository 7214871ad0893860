// The tables below data/, parsed: what every reader of one begins with.
#pragma once

#include <string_view>

#include "libsim/json/reader.hpp"

namespace windtunnel::network {

/// The document of `file`, one of this folder's data files. Throws Error when the build lacks it.
json::Document network_table(std::string_view file);
/// Reads where a table or row comes from, for its form only.
void read_provenance(json::Reader& r);
/// Reads the schema and the file's provenance, which every table has.
void read_table_head(json::Reader& r, std::string_view schema);

} // namespace windtunnel::network
