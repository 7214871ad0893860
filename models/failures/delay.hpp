// Delay: how long one stage takes, as a law with its parameters and where they come from.
#pragma once

#include <string>

#include "libsim/base/random.hpp"
#include "libsim/base/units.hpp"
#include "libsim/json/reader.hpp"

namespace windtunnel::failures {

/// fixed: always `median`. exponential: mean `median`. lognormal: median and sigma of ln.
struct Delay {
  enum class Law { fixed, exponential, lognormal };
  Law law = Law::fixed;
  Time median{};
  double sigma_ln = 0;

  Time sample(RandomStream& random) const;
  Time mean() const;
};

/// Fields "law", "median" (or "mean"), "sigmaLn" of an object.
Delay read_delay(json::Reader& reader);

} // namespace windtunnel::failures
