// Names as people write them: one key for all spellings, and the nearest known one for a typo.
//
// normalise_name keeps letters, digits, '.' and '+' (they tell Llama-3.1-8B from Llama-31-8B), in
// lower case, everything else a single hyphen. normalise_gpu_name keeps letters and digits only and
// drops a vendor in front ("NVIDIA H100-SXM" is "h100sxm").
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace windtunnel::catalog {

std::string normalise_name(std::string_view name);
std::string normalise_gpu_name(std::string_view name);

/// The at most three of `known` nearest to `name` by edit distance, best first (ties: as given);
/// those further than a third of the name's length away are left out.
std::vector<std::string> nearest_names(std::string_view name,
                                       const std::vector<std::string>& known);

} // namespace windtunnel::catalog
