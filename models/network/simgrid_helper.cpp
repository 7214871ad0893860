// windtunnel-simgrid: a flow plan on standard input, SimGrid's finish times on standard output. See
// simgrid.hpp. Every distinct route joins two hosts of its own kind: the hosts are named by its
// first and last link, and by a number where several routes share both.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <iterator>
#include <map>
#include <string>

#include <simgrid/s4u.hpp>

#include "libsim/json/writer.hpp"
#include "models/network/simgrid.hpp"

namespace {

using namespace windtunnel;
using namespace windtunnel::network;
namespace sg = simgrid::s4u;

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Platform {
  std::vector<std::pair<sg::Host*, sg::Host*>> ends; ///< of each flow

  explicit Platform(const FlowPlan& plan) {
    sg::NetZone* const zone = sg::create_full_zone("network");
    std::vector<const sg::Link*> links;
    for (std::size_t i = 0; i < plan.links.size(); ++i)
      links.push_back(zone->create_link("l" + std::to_string(i), plan.links[i].bytes_per_second())
                          ->set_latency(0)
                          ->seal());
    std::map<std::string, sg::Host*> hosts;
    const auto host = [&](const std::string& name) {
      sg::Host*& found = hosts[name];
      if (!found) found = zone->create_host(name, 1e9)->seal();
      return found;
    };
    std::map<std::vector<std::uint32_t>, std::pair<sg::Host*, sg::Host*>> routes;
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> alike;
    for (const PlannedFlow& flow : plan.flows) {
      std::vector<std::uint32_t> route;
      for (const LinkUse& use : flow.route) route.push_back(use.link);
      auto [at, fresh] = routes.try_emplace(route);
      if (fresh) {
        const int number = alike[{route.front(), route.back()}]++;
        const std::string suffix = number == 0 ? "" : "#" + std::to_string(number);
        at->second = {host("from" + std::to_string(route.front()) + suffix),
                      host("to" + std::to_string(route.back()) + suffix)};
        std::vector<sg::LinkInRoute> used;
        for (const std::uint32_t link : route) used.emplace_back(links[link]);
        zone->add_route(at->second.first->get_netpoint(), at->second.second->get_netpoint(),
                        nullptr, nullptr, used, false);
      }
      ends.push_back(at->second);
    }
    zone->seal();
  }
};

class Run {
public:
  explicit Run(const FlowPlan& plan) : plan_(plan), platform_(plan) {
    const std::size_t count = plan.flows.size();
    comms_.resize(count);
    ends_.resize(count, 0);
    missing_.resize(count, 0);
    next_.resize(count);
    for (std::uint32_t f = 0; f < count; ++f) {
      missing_[f] = plan.flows[f].after.size();
      for (const std::uint32_t before : plan.flows[f].after) next_.at(before).push_back(f);
    }
    sg::Comm::on_completion_cb([this](sg::Activity const& comm) { ended(comm); });
  }

  void go(sg::Engine& engine) {
    std::vector<std::uint32_t> first;
    for (std::uint32_t f = 0; f < plan_.flows.size(); ++f)
      if (missing_[f] == 0) first.push_back(f);
    std::stable_sort(first.begin(), first.end(),
                     [&](auto a, auto b) { return plan_.flows[a].start < plan_.flows[b].start; });
    for (const std::uint32_t f : first) {
      if (plan_.flows[f].start.seconds() > sg::Engine::get_clock())
        engine.run_until(plan_.flows[f].start.seconds());
      begin(f);
    }
    engine.run();
  }

  const std::vector<double>& ends() const { return ends_; }
  bool complete() const { return ended_ == plan_.flows.size(); }

private:
  void begin(std::uint32_t f) {
    const auto& [from, to] = platform_.ends[f];
    comms_[f] = sg::Comm::sendto_init(from, to)->set_payload_size(
        static_cast<std::uint64_t>(plan_.flows[f].size.count()));
    which_[comms_[f].get()] = f;
    comms_[f]->start();
  }
  void ended(sg::Activity const& comm) {
    const auto at = which_.find(&comm);
    if (at == which_.end()) return;
    const std::uint32_t f = at->second;
    which_.erase(at);
    ends_[f] = sg::Engine::get_clock();
    ++ended_;
    for (const std::uint32_t next : next_[f])
      if (--missing_[next] == 0) begin(next);
  }

  const FlowPlan& plan_;
  Platform platform_;
  std::vector<sg::CommPtr> comms_; // kept: SimGrid refers to them
  std::map<const sg::Activity*, std::uint32_t> which_;
  std::vector<double> ends_;
  std::vector<std::size_t> missing_;
  std::vector<std::vector<std::uint32_t>> next_;
  std::size_t ended_ = 0;
};

} // namespace

int main() {
  try {
    const std::string text(std::istreambuf_iterator<char>(std::cin), {});
    const FlowPlan plan = read_flow_plan(text, "standard input");
    std::string arguments[] = {"windtunnel-simgrid", "--cfg=network/model:CM02",
                               "--cfg=network/TCP-gamma:0", "--cfg=network/crosstraffic:0",
                               "--log=root.thres:warning"};
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    int argc = static_cast<int>(argv.size());
    sg::Engine engine(&argc, argv.data());
    Run run(plan);
    const double began = cpu_seconds();
    run.go(engine);
    const double took = cpu_seconds() - began;
    if (!run.complete()) {
      std::fputs("not all flows end\n", stderr);
      std::_Exit(1);
    }
    json::Writer w(0);
    w.begin_object().field("schema", "flow-ends/1").field("cpu_s", took).begin_array("ends_s");
    for (const double end : run.ends()) w.element(end);
    const std::string answer = w.end().end().str();
    std::fputs(answer.c_str(), stdout);
    std::fflush(stdout);
    std::_Exit(0); // what SimGrid does at exit is not needed
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
