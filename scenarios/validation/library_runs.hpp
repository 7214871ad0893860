// Published runs against our own scenario of them: where the library holds a scenario that follows
// a publication's plan, each quantity the table gives for that run is compared with what simulating
// the scenario gives, with its P10 to P90.
//
// Today that is Llama 3.1 405B (arXiv:2407.21783: table 4 for the plan, 5 for the failures; GPU
// hours from its model card) by library/pretrain-llama3.1-405b-p5.json. Published: 30.84 M GPU
// hours for 15.6T tokens, 41 % MFU on 16,384 GPUs (38 to 43 % over its phases), 419 unplanned
// interruptions in 54 days, more than 90 % effective training time. "At least" is scored as no
// error when it is reached. The scenario trains all tokens in batches of 16M and sequences of 8K:
// the smaller batches of the first 2.87T tokens and the long sequences of the last are left out,
// as is everything that the published hours hold beside this run.
#pragma once

#include "scenarios/validation/published_row.hpp"
#include "scenarios/validation/validation.hpp"

namespace windtunnel::scenarios {

/// A row for each quantity of the runs that the library holds; none for a table without them.
std::vector<ScoreRow> score_library_runs(const CsvTable& table, const catalog::Catalog& catalog);

} // namespace windtunnel::scenarios
