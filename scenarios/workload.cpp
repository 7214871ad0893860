#include "scenarios/workload.hpp"

#include <fmt/format.h>

namespace windtunnel::scenarios {
namespace {

double node_hours(Int128 node_ns) { return static_cast<double>(node_ns) / 3.6e12; }

} // namespace

HeldNodes::HeldNodes(engine::Simulation& sim, eks::NodePool& pool, std::string workload)
    : sim_(sim), pool_(pool), workload_(std::move(workload)), accounted_(sim.now()) {}

void HeldNodes::account() {
  node_ns_ += Int128{held_} * (sim_.now() - accounted_).ns();
  accounted_ = sim_.now();
}

void HeldNodes::require_open(const char* what) const {
  if (closed_)
    throw ModelError(
        fmt::format("workload '{}' has ended and cannot {} any more", workload_, what));
}

/// Counts the nodes as held from the moment the pool gives them.
engine::Event HeldNodes::granted(engine::Event event, int nodes) {
  awaited_ += nodes;
  event.subscribe([this, nodes] {
    account();
    awaited_ -= nodes;
    held_ += nodes;
  });
  return event;
}

engine::Event HeldNodes::acquire(int nodes) {
  require_open("acquire nodes");
  if (nodes > 0 && held_ + awaited_ > 0 && nodes > pool_.count() - held_ - awaited_)
    throw ModelError(
        fmt::format("workload '{}' holds or awaits {} of the {} nodes of pool '{}' and "
                    "asked for {} more",
                    workload_, held_ + awaited_, pool_.count(), pool(), nodes));
  return granted(pool_.acquire(nodes), nodes);
}

void HeldNodes::release(int nodes) {
  require_open("release nodes");
  if (nodes < 1 || nodes > held_)
    throw ModelError(fmt::format("workload '{}' holds {} nodes of pool '{}', it released {}",
                                 workload_, held_, pool(), nodes));
  account();
  held_ -= nodes;
  pool_.release(nodes);
}

engine::Event HeldNodes::replace_one(bool* swapped) {
  require_open("replace nodes");
  if (held_ < 1)
    throw ModelError(fmt::format("workload '{}' holds no node of pool '{}' that could be replaced",
                                 workload_, pool()));
  account();
  --held_;
  bool spare_was_ready = false;
  const engine::Event replaced = pool_.replace_one(&spare_was_ready);
  if (swapped) *swapped = spare_was_ready;
  return granted(replaced, 1);
}

void HeldNodes::book(usage::NodeUse use, int nodes, Time span) {
  require_open("book node time");
  if (nodes < 0 || span < Time{})
    throw ModelError(fmt::format("workload '{}' booked {} nodes for {:g} s as {}: neither can be "
                                 "negative",
                                 workload_, nodes, span.seconds(), to_string(use)));
  booked_.add(use, nodes, span);
}

void HeldNodes::close() {
  account();
  closed_ = true;
  if (awaited_ > 0)
    throw SimulationError(fmt::format("workload '{}' ended while {} nodes of pool '{}' were still "
                                      "on their way to it",
                                      workload_, awaited_, pool()));
  if (held_ > 0)
    throw SimulationError(fmt::format("workload '{}' ended without releasing {} nodes of pool '{}'",
                                      workload_, held_, pool()));
  const Int128 missing = node_ns_ - booked_.total();
  if (missing == 0) return;
  throw SimulationError(fmt::format(
      "workload '{}' held {:.9g} node-hours of pool '{}' and booked {:.9g}: {:.6g} node-hours {}",
      workload_, node_hours(node_ns_), pool(), node_hours(booked_.total()),
      node_hours(missing < 0 ? -missing : missing),
      missing > 0 ? "are not booked" : "are booked that it did not hold"));
}

} // namespace windtunnel::scenarios
