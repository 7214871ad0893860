// Refusing a parameter outside its law: one wording for all laws, out of line so that the checks on
// hot paths stay a compare and a branch.
//
//   require_positive("gamma: shape", shape); // ModelError "gamma: shape must be positive and ..."
#pragma once

#include <string>

namespace windtunnel::detail {

/// Throws ModelError: "exponential: mean must be positive, got -3".
[[noreturn]] void refuse_parameter(const char* law_and_parameter, const std::string& rule,
                                   double value);
[[noreturn]] void refuse_mean_of_exponential(double mean);

/// The shortest decimal that reads back as `value`.
std::string shortest(double value);

void require_finite(const char* law_and_parameter, double value);
void require_positive(const char* law_and_parameter, double value);     ///< and finite
void require_not_negative(const char* law_and_parameter, double value); ///< and finite

} // namespace windtunnel::detail
