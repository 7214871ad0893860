// The suite "steps": prefill and decode steps of a language model, summed from kernels that others
// measured (models/inference), against what two further sources measured: a two-source test of the
// kernel tables.
//
// Columns: source, model, gpu, tensor, engine, phase (prefill, decode), batch, tokens (of a prompt,
// or of what a sequence holds on average while it is decoded), step_ms, host_fitted, doubt. Where
// `engine` is given, the step is the engine's, with its head and its host (engine_host.hpp); where
// it is blank, that of the kernels of all layers. Rows that the host's parameters were set on say
// so in host_fitted and are scored apart; a row with a doubt is refused for it.
//
// Rows carried: medians of Splitwise's measurements on DGX-A100 and DGX-H100, those of its H100
// with capped power left out; and the sums of Vidur's tables, whose memory-bound operators our
// tables were fitted to as well.
#pragma once

#include <vector>

#include "libsim/base/csv_table.hpp"
#include "scenarios/validation/kernels_suite.hpp"
#include "scenarios/validation/validation.hpp"

namespace windtunnel::scenarios {

ValidationResult validate_steps(const CsvTable& table, const catalog::Catalog& catalog);

/// The carried rows as scores of the suite "kernels": split "two-source", or "in-sample" where the
/// host was fitted; methods "model" and "roofline".
std::vector<KernelScore> scores_of_steps(const catalog::Catalog& catalog);

} // namespace windtunnel::scenarios
