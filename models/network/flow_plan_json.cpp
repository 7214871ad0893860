// {"schema": "flows/1", "links": [5e10, ..], "flows": [{"size": 1000, "start_ns": 0,
//  "route": [0, 7], "shares": [1, 1], "after": [3]}, ..]}; shares and after may be left out.
#include "libsim/base/error.hpp"
#include "libsim/json/reader.hpp"
#include "libsim/json/writer.hpp"
#include "models/network/simgrid.hpp"

namespace windtunnel::network {
namespace {

std::uint32_t index_of(double value) { return static_cast<std::uint32_t>(value); }

void read_flow(json::Reader& r, FlowPlan& plan) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const Bytes size = bytes(r.integer("size", {.min = 0, .max = most}, "Bytes."));
  const Time start = nanoseconds(r.integer("start_ns", 0, {.min = 0, .max = most}, "Not before."));
  const std::vector<double> links =
      r.numbers("route", {.min = 0, .max = static_cast<double>(plan.links().size()) - 1},
                "Numbers of links.");
  const std::vector<double> shares = r.numbers("shares", {.min = 0}, "Of each link; absent: 1.");
  if (!r.describing() && links.empty()) r.problem("route", "a flow uses at least one link");
  if (!shares.empty() && shares.size() != links.size())
    r.problem("shares", "must be as many as the links of the route");
  std::vector<LinkUse> route;
  for (std::size_t i = 0; i < links.size(); ++i)
    route.push_back({index_of(links[i]), i < shares.size() ? shares[i] : 1});
  std::vector<std::uint32_t> after;
  for (const double before :
       r.numbers("after", {.min = 0, .max = 4e9}, "Flows that have ended before."))
    after.push_back(index_of(before));
  plan.add(route, size, start, after);
}

} // namespace

std::string to_json(const FlowPlan& plan) {
  json::Writer w(0);
  w.begin_object().field("schema", "flows/1").begin_array("links");
  for (const Bandwidth capacity : plan.links()) w.element(capacity.bytes_per_second());
  w.end().begin_array("flows");
  for (std::uint32_t f = 0; f < plan.flows(); ++f) {
    const PlannedFlow flow = plan.flow(f);
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
      plan.add_link(bytes_per_second(capacity));
    r.objects("flows", 0, "Flows.", [&](json::Reader& o) { read_flow(o, plan); });
    return plan;
  });
}

} // namespace windtunnel::network
