#include "libsim/base/parameter.hpp"

#include <fmt/format.h>

#include <limits>

#include "libsim/base/error.hpp"

namespace windtunnel::detail {
namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
}

void refuse_parameter(const char* law_and_parameter, const std::string& rule, double value) {
  throw ModelError(std::string(law_and_parameter) + " must " + rule + ", got " + shortest(value));
}

std::string shortest(double value) { return fmt::format("{}", value); }

void refuse_mean_of_exponential(double mean) {
  refuse_parameter("exponential: mean", "be positive", mean);
}

void require_finite(const char* law_and_parameter, double value) {
  if (!(value > -infinity && value < infinity))
    refuse_parameter(law_and_parameter, "be finite", value);
}

void require_positive(const char* law_and_parameter, double value) {
  if (!(value > 0 && value < infinity))
    refuse_parameter(law_and_parameter, "be positive and finite", value);
}

void require_not_negative(const char* law_and_parameter, double value) {
  if (!(value >= 0 && value < infinity))
    refuse_parameter(law_and_parameter, "be finite and not negative", value);
}

} // namespace windtunnel::detail
