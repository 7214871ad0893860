// FailureLaw: when the nodes of a job fail next.
//
// The built-in laws are superpositions over the job's nodes: "exponential" (one Poisson process,
// the aged fleet's limit by Palm and Khintchine) and "weibull" (each node fresh at the start and
// after its replacement; shape below one is infant mortality). Users derive their own.
//
//   class Nightly : public failures::FailureLaw {
//     Failure next(Time now, RandomStream&) override { ... }
//   };
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libsim/base/random.hpp"
#include "libsim/base/units.hpp"

namespace windtunnel::failures {

/// One failure: when, and which of the job's nodes (0-based).
struct Failure {
  Time at = Time::max();
  int node = 0;
};

class FailureLaw {
public:
  virtual ~FailureLaw() = default;
  /// The first failure after `now`; at == Time::max() means never. Called again after each failure
  /// and whenever the job has been down: a law must not assume that time passed without calls.
  virtual Failure next(Time now, RandomStream& random) = 0;
  /// `node` was replaced by a fresh one at `now`.
  virtual void replaced(int node, Time now) = 0;
};

/// What a law is made for.
struct Fleet {
  int nodes = 0;
  double failures_per_node_hour = 0; ///< long-run rate, the replication's multiplier included
  double shape = 1;                  ///< of "weibull"
};
using LawFactory = std::function<std::unique_ptr<FailureLaw>(const Fleet&)>;

/// "exponential" or "weibull"; throws ModelError for another name.
std::unique_ptr<FailureLaw> make_law(const std::string& name, const Fleet& fleet);

} // namespace windtunnel::failures
