// catalog_listing: what the catalog holds, as a table for people, JSON or CSV.
//
// Kinds: "instances", "gpus", "models", "diffusion", "prices", "spot". Formats: "table", "json",
// "csv"; anything else throws InputError. The table shows the columns people choose by; JSON and
// CSV have all, their names carry the unit (memory_bytes, bf16_tflops, usd), and every row ends
// with source, retrieved and method. What is unknown is "-" in the table, null in JSON, empty in
// CSV, never zero. Rows stand in the order of the catalog; equal catalogs give equal bytes.
//
//   std::string text = catalog_listing(Catalog::builtin(), "gpus", "table");
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/catalog/catalog.hpp"

namespace windtunnel::scenarios {

/// The kinds catalog_listing knows.
const std::vector<std::string>& catalog_listing_kinds();

std::string catalog_listing(const catalog::Catalog& catalog, std::string_view kind,
                            std::string_view format);

} // namespace windtunnel::scenarios
