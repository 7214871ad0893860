// SimGrid as a second opinion on flows (Casanova et al., JPDC 2014): the same FlowPlan, another
// engine. It is one of a kind in its process, ends it on errors and keeps its clock, so it runs in
// a small program of ours, windtunnel-simgrid, built where Debian's libsimgrid-dev is; that program
// is the only file that includes SimGrid. Plans go in and finish times come out as JSON.
//
// It is asked for plain max-min sharing: model CM02, no TCP window, no cross traffic, links without
// latency (with latency it would weigh flows by it). Its precision is 1e-5, relative.
//
// What it cannot do is refused by ModelError: shares other than one, empty flows, and more flows at
// a time or hosts than it can hold in minutes and gigabytes.
//
//   if (simgrid_helper()) const FlowOutcome other = run_on_simgrid(plan);
#pragma once

#include <optional>
#include <string>

#include "models/network/flow_plan.hpp"

namespace windtunnel::network {

/// The program: that of the environment variable WINDTUNNEL_SIMGRID, or windtunnel-simgrid beside
/// the running program, in ../libexec/windtunnel of it, or on the PATH. None: not installed.
std::optional<std::string> simgrid_helper();

/// Throws ModelError when the program is not there or fails, with what it said.
FlowOutcome run_on_simgrid(const FlowPlan& plan);

/// A plan as JSON and back; times of the answer are in seconds.
std::string to_json(const FlowPlan& plan);
FlowPlan read_flow_plan(const std::string& text, const std::string& name);

} // namespace windtunnel::network
