// {"schema": "flows/1", "links": [5e10, ..], "flows": [{"size": 1000, "start_ns": 0,
//  "route": [0, 7], "shares": [1, 1], "after": [3]}, ..]}; shares and after may be left out.
#include "libsim/base/error.hpp"
#include "libsim/json/reader.hpp"
#include "libsim/json/writer.hpp"
#include "models/network/simgrid.hpp"

namespace windtunnel::network {
namespace {

std::uint32_t index_of(double value) { return static_cast<std::uint32_t>(value); }

PlannedFlow read_flow(json::Reader& r, std::size_t links) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  PlannedFlow flow;
  flow.size = bytes(r.integer("size", {.min = 0, .max = most}, "Bytes."));
  flow.start = nanoseconds(r.integer("start_ns", 0, {.min = 0, .max = most}, "Not before."));
  const std::vector<double> route =
      r.numbers("route", {.min = 0, .max = static_cast<double>(links) - 1}, "Numbers of links.");
  const std::vector<double> shares = r.numbers("shares", {.min = 0}, "Of each link; absent: 1.");
  if (!r.describing() && route.empty()) r.problem("route", "a flow uses at least one link");
  if (!shares.empty() && shares.size() != route.size())
    r.problem("shares", "must be as many as the links of the route");
  for (std::size_t i = 0; i < route.size(); ++i)
    flow.route.push_back({index_of(route[i]), i < shares.size() ? shares[i] : 1});
  for (const double before :
       r.numbers("after", {.min = 0, .max = 4e9}, "Flows that have ended before."))
    flow.after.push_back(index_of(before));
  return flow;
}

} // namespace

std::string to_json(const FlowPlan& plan) {
  json::Writer w(0);
  w.begin_object().field("schema", "flows/1").begin_array("links");
  for (const Bandwidth capacity : plan.links) w.element(capacity.bytes_per_second());
  w.end().begin_array("flows");
  for (const PlannedFlow& flow : plan.flows) {
    w.begin_object().field("size", flow.size.count()).field("start_ns", flow.start.ns());
    w.begin_array("route");
    for (const LinkUse& use : flow.route) w.element(use.link);
    w.end().begin_array("shares");
    for (const LinkUse& use : flow.route) w.element(use.share);
    w.end().begin_array("after");
    for (const std::uint32_t before : flow.after) w.element(before);
    w.end().end();
  }
  return w.end().end().str();
}

FlowPlan read_flow_plan(const std::string& text, const std::string& name) {
  return json::read(json::parse(text, name), "flow plan", [](json::Reader& r) {
    FlowPlan plan;
    r.text("schema", "\"flows/1\"");
    for (const double capacity : r.numbers("links", {.min = 0}, "Capacities, bytes per second."))
      plan.links.push_back(bytes_per_second(capacity));
    r.objects("flows", 0, "Flows.",
              [&](json::Reader& o) { plan.flows.push_back(read_flow(o, plan.links.size())); });
    return plan;
  });
}

} // namespace windtunnel::network
