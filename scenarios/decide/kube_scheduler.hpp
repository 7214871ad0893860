// kube-scheduler's decisions on recorded questions (the cases of golden/kube_scheduler): where one
// pod could go and how well, whom it would evict, where a row of pods goes, how many nodes each
// search looks at, how Go's sort leaves equal keys.
#pragma once

#include "scenarios/decide/cases.hpp"

namespace windtunnel::scenarios {

/// Answers one case, whose field `question` (or, for go_sort_slice, `family`) says what it asks.
void answer_kube_scheduler(const json::Value& question, json::Writer& answer);

} // namespace windtunnel::scenarios
