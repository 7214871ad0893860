// The suite "runs": whole training runs, as far as their publication says what was trained on what.
//
// Columns: model, kind, gpu, source, and any of params_b, n_gpus, tokens_b, wall_days, gpu_hours,
// tokens_per_s_per_gpu, mfu, goodput, unexpected_failures. Each quantity a row gives is scored in a
// group of its own; a row that gives none, or whose model or GPU is unknown, is refused.
//
// Publications rarely give the plan. Rules, alike for all rows: 1,024 GPUs where the number is not
// given; sequences of the model's training length up to 8,192 (2,048 before rotary positions; 8,192
// in MLPerf's LoRA benchmark); bf16 (fp8 for MLPerf submissions on Hopper and newer); ZeRO-1 with
// the tensor parallelism (of a domain), pipeline parallelism (interleaved as far as layers allow)
// and recomputation that fit and that the step model finds fastest, as such runs are tuned; experts
// spread over as many as 64 ranks; a batch of 4M tokens, or one sequence a replica and pipeline
// stage if that is more (always, for LoRA). Models are read as published_row.hpp says. Whole runs
// are slowed down by failures: the exact renewal formula with the median published rate (profile
// "published-prior"), one minute's stall, ten minutes' restart and the optimal interval.
//
// Runs that a scenario of our library follows are also compared with its simulation
// (library_runs.hpp), in rows of their own.
#pragma once

#include "libsim/base/csv_table.hpp"
#include "scenarios/validation/validation.hpp"

namespace windtunnel::scenarios {

ValidationResult validate_runs(const CsvTable& table, const catalog::Catalog& catalog);

} // namespace windtunnel::scenarios
