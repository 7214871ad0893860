#include "models/failures/delay.hpp"

#include <cmath>

namespace windtunnel::failures {

Time Delay::sample(RandomStream& random) const {
  if (median == Time{}) return median; // no delay: no law has a scale of 0
  switch (law) {
  case Law::fixed:
    return median;
  case Law::exponential:
    return seconds(random.exponential(median.seconds()));
  case Law::lognormal:
    return seconds(random.lognormal(median.seconds(), sigma_ln));
  }
  return median;
}

Time Delay::mean() const {
  return law == Law::lognormal ? median * std::exp(0.5 * sigma_ln * sigma_ln) : median;
}

Delay read_delay(json::Reader& r) {
  Delay delay;
  r.variant("law", "Law of the duration.",
            {{"fixed", [&](json::Reader& o) { delay.median = o.time("value", "The duration."); }},
             {"exponential",
              [&](json::Reader& o) {
                delay.law = Delay::Law::exponential;
                delay.median = o.time("mean", "Mean duration.");
              }},
             {"lognormal", [&](json::Reader& o) {
                delay.law = Delay::Law::lognormal;
                delay.median = o.time("median", "Median duration.");
                delay.sigma_ln = o.number("sigmaLn", {.min = 0, .max = 5},
                                          "Standard deviation of its logarithm.");
              }}});
  return delay;
}

} // namespace windtunnel::failures
