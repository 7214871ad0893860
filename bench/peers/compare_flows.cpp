// The flow solver beside SimGrid on the same flows, in one run: build/release/bin/compare_flows.
//
// CPU seconds of the simulation alone, of both; the least of several runs, taken in turn; ratio =
// SimGrid's over ours. "batched" brings rates up to date once a window; its error is that of the
// makespan. `at least` must hold. SimGrid needs minutes for the all-to-all of 128; `--quick` leaves
// that out, and what it cannot do is ours alone.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "bench/flow_cases.hpp"
#include "models/network/simgrid.hpp"

namespace {

using namespace windtunnel;
using namespace windtunnel::network;

struct Case {
  const char* name;
  FlowPlan plan;
  double at_least = 0;         ///< ratio; 0: no target
  Time window{};               ///< of the batched run; 0: none
  double batched_at_least = 0; ///< ratio of it
  bool against_simgrid = true;
  int runs = 3;
};

FlowOutcome fastest(const FlowPlan& plan, Time window, FlowOutcome best) {
  FlowOutcome outcome = run(plan, window);
  return best.ends.empty() || outcome.cpu_s < best.cpu_s ? std::move(outcome) : std::move(best);
}

double worst_difference(const FlowOutcome& a, const FlowOutcome& b) {
  double worst = 0;
  for (std::size_t f = 0; f < a.ends.size(); ++f)
    worst = std::max(worst, std::abs(a.ends[f].seconds() / b.ends[f].seconds() - 1));
  return worst;
}

std::string ratio_text(double ratio, double at_least) {
  char text[64];
  if (at_least > 0)
    std::snprintf(text, sizeof text, "%8.0fx  %5.0fx  %s", ratio, at_least,
                  ratio >= at_least ? "met" : "missed");
  else
    std::snprintf(text, sizeof text, "%8.0fx", ratio);
  return text;
}

void line(const std::string& name, std::size_t flows, double ours, double theirs, double at_least,
          const std::string& error) {
  std::printf("%-32s %7zu %11.4f ", name.c_str(), flows, ours);
  if (theirs > 0)
    std::printf("%10.3f  %s", theirs, ratio_text(theirs / ours, at_least).c_str());
  else
    std::printf("%10s  %9s", "-", "");
  std::printf("   %s\n", error.c_str());
}

/// Too many for an exact run in seconds.
void batched_alone(const char* name, const FlowPlan& plan, Time window) {
  const FlowOutcome outcome = run(plan, window);
  char text[96];
  std::snprintf(text, sizeof text, "batched, makespan %.4f s, window %.2g ms, %llu updates",
                outcome.makespan.seconds(), window.seconds() * 1e3,
                static_cast<unsigned long long>(outcome.updates));
  line(name, plan.flows(), outcome.cpu_s, 0, 0, text);
}

void compare(const Case& c, bool simgrid) {
  FlowOutcome exact, batched, other;
  for (int i = 0; i < c.runs; ++i) {
    exact = fastest(c.plan, {}, std::move(exact));
    if (c.window > Time{}) batched = fastest(c.plan, c.window, std::move(batched));
    if (!simgrid || !c.against_simgrid) continue;
    FlowOutcome outcome = run_on_simgrid(c.plan);
    if (other.ends.empty() || outcome.cpu_s < other.cpu_s) other = std::move(outcome);
  }
  const bool both = !other.ends.empty();
  const double theirs = other.cpu_s; // 0: not asked
  char error[96] = "";
  if (both)
    std::snprintf(error, sizeof error, "finish times differ by %.1e at most",
                  worst_difference(exact, other));
  line(c.name, c.plan.flows(), exact.cpu_s, theirs, c.at_least, error);
  std::fflush(stdout);
  if (c.window == Time{}) return;
  std::snprintf(error, sizeof error, "makespan %+.2f %%, window %.2g ms",
                (batched.makespan.seconds() / exact.makespan.seconds() - 1) * 100,
                c.window.seconds() * 1e3);
  line(std::string("  batched"), c.plan.flows(), batched.cpu_s, theirs, c.batched_at_least, error);
  std::fflush(stdout);
}

} // namespace

int main(int count, char** arguments) {
  const bool quick = count > 1 && std::strcmp(arguments[1], "--quick") == 0;
  const bool simgrid = simgrid_helper().has_value();
  if (!simgrid) std::puts("SimGrid is not here (libsimgrid-dev): our times alone");
  std::printf("%-32s %7s %11s %10s  %9s  %6s\n", "case", "flows", "ours s", "SimGrid s", "ratio",
              "at least");
  compare(
      {.name = "ring 64 x 8, jittered 5 %", .plan = ring(64, 8, 0.05), .at_least = 40, .runs = 7},
      simgrid);
  compare({.name = "all-to-all 64, equal", .plan = star_all_to_all(64, 0)}, simgrid);
  compare({.name = "all-to-all 64, jittered 5 %",
           .plan = star_all_to_all(64, 0.05),
           .window = milliseconds(1)},
          simgrid);
  compare({.name = "Clos of 2048 hosts", .plan = clos(2048, 2000)}, simgrid);
  compare({.name = "all-to-all 128, jittered 5 %",
           .plan = star_all_to_all(128, 0.05),
           .at_least = 25,
           .window = milliseconds(1.5),
           .batched_at_least = 1000,
           .against_simgrid = !quick,
           .runs = 1},
          simgrid);
  compare({.name = "Clos of 2048 hosts",
           .plan = clos(2048, 10'000),
           .window = milliseconds(0.1),
           .against_simgrid = false,
           .runs = 1},
          simgrid);
  batched_alone("Clos of 2048 hosts", clos(2048, 100'000), milliseconds(1));
}
