// Usage: what ran, where, how long, in which state. Models emit it, models/cost prices it.
//
// Node time is counted in node-nanoseconds (nodes x time, exact). Every node-nanosecond that a pool
// is billed belongs to exactly one NodeUse, so the uses of a pool add up to its billed time.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "libsim/base/units.hpp"

namespace windtunnel::usage {

/// What a billed node was doing.
enum class NodeUse {
  bring_up,   ///< booting, joining, pulling images
  waiting,    ///< ready, waiting for the other nodes of its job
  start,      ///< first start of the job: processes, NCCL, compilation
  useful,     ///< training steps that counted
  lost_work,  ///< training steps done and lost to an interruption
  checkpoint, ///< training stopped to write a checkpoint
  detection,  ///< the job was dead, nobody had noticed
  restart,    ///< everything from the notice to the next useful step
  no_nodes,   ///< the job waited for a replacement node
  spare,      ///< ready in reserve
  idle,       ///< ready, no job
};
inline constexpr std::size_t node_uses = 11;
const char* to_string(NodeUse); ///< "bring_up"

/// Node-nanoseconds by NodeUse.
class NodeTime {
public:
  Int128 operator[](NodeUse use) const { return ns_[static_cast<std::size_t>(use)]; }
  void add(NodeUse use, std::int64_t nodes, Time span) {
    ns_[static_cast<std::size_t>(use)] += Int128{nodes} * span.ns();
  }
  void add(const NodeTime& other) {
    for (std::size_t i = 0; i < node_uses; ++i) ns_[i] += other.ns_[i];
  }
  Int128 total() const {
    Int128 sum = 0;
    for (const Int128 part : ns_) sum += part;
    return sum;
  }

private:
  std::array<Int128, node_uses> ns_{};
};

struct JobUsage {
  std::string job;
  NodeTime nodes; ///< of the nodes it held
};

struct PoolUsage {
  std::string pool;
  Time until{};          ///< when its nodes were given back
  NodeTime unassigned{}; ///< bring-up, spares, idle: node time of no job
  std::vector<JobUsage> jobs{};
  NodeTime total() const {
    NodeTime sum = unassigned;
    for (const JobUsage& job : jobs) sum.add(job.nodes);
    return sum;
  }
};

struct StorageUsage {
  std::string storage;
  Int128 byte_ns = 0; ///< bytes held x time
};

struct Usage {
  Time duration{}; ///< of the control plane
  std::vector<PoolUsage> pools;
  std::vector<StorageUsage> storages;
};

} // namespace windtunnel::usage
