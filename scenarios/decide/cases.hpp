// Cases: questions to a decision, one JSON object a line, each with an id; the answers come one a
// line, in the same order: {"id": ..., "outcome": ...}. A case that cannot be read or answered is
// named with its line and reason; the others are answered.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "libsim/json/value.hpp"
#include "libsim/json/writer.hpp"

namespace windtunnel::scenarios {

/// Writes the outcome of one case: field "outcome" of the answer.
using AnswerCase = std::function<void(const json::Value& question, json::Writer& answer)>;

/// Answers all cases of `cases` to `answers`; `name` is how messages call the file. Returns the
/// number of cases that have no answer; each has a line in `problems`.
int answer_cases(std::istream& cases, const std::string& name, const AnswerCase& answer,
                 std::ostream& answers, std::ostream& problems);

} // namespace windtunnel::scenarios
