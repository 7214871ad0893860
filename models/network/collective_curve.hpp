// The time of one collective call by its algorithm and protocol, from physical parameters.
//
//   T = start + steps * hop + wire + sqrt(fill * wire)
//
// steps and hop: what NCCL's algorithm does one after another, inside a domain and over the network
// (ring all-reduce 2(n-1) steps, 2(N-1) of them over the network; double tree 2(n/N - 1) and
// 2 log2 N; NVLS one). wire: the bytes through the narrowest place over the rate reached there: a
// ring carries its bus volume over each domain's adapters once; a tree or NVLSTree carries the
// buffer once between two domains and twice between more (an inner node of one tree sends to two
// children and is a leaf of the other); NVLS carries the buffer once up and once down each GPU's
// link; an all-to-all sends through each GPU's own share of the adapters what leaves the domain.
// The last term is the cost of filling a pipeline whose chunks are as long as is best: with f for a
// chunk's overhead, min over chunks c of (c / rate + f * bytes / c) is a multiple of sqrt(f *
// wire).
//
// Two sets of parameters, each of one class of systems: the link's and the network's. A share is of
// the data sheet's rate. All are positive. Valid for powers of two and other sizes alike, one call
// at a time, without other traffic.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "models/network/collective_op.hpp"
#include "models/network/collective_system.hpp"

namespace windtunnel::network {

enum class LinkParameter {
  start_us, ///< of any kernel but p2p
  hop_ll_us,
  hop_ll128_us,
  hop_simple_us,
  ring_ll_share,
  ring_ll128_share,
  ring_simple_share,
  ring_fill_us,
  copy, ///< of a rank's own part, in wire volumes
  nvls_us,
  nvls_share,
  nvls_fill_us,
  p2p_start_us,
  p2p_peer_us,
  p2p_share,
  p2p_copy, ///< as copy
  p2p_fill_us,
  crowding, ///< a link's rate falls as ranks^-crowding beyond two
  count
};
enum class NetworkParameter {
  hop_ll_us,
  hop_ll128_us,
  hop_simple_us,
  ring_ll_share,
  ring_ll128_share,
  ring_simple_share,
  tree_ll_share,
  tree_ll128_share,
  tree_simple_share,
  nvls_tree_share,
  tree_volumes, ///< of the buffer, through an inner domain's adapters, beyond two domains
  fill_ll128_us,
  fill_simple_us,
  p2p_start_us,
  p2p_peer_us,
  p2p_share,
  count
};
using LinkParameters = std::array<double, static_cast<std::size_t>(LinkParameter::count)>;
using NetworkParameters = std::array<double, static_cast<std::size_t>(NetworkParameter::count)>;

/// "start_us", ...: in the order of the enumerations.
const std::vector<std::string>& link_parameter_names();
const std::vector<std::string>& network_parameter_names();

/// One call: `ranks` GPUs in `domains` link domains.
struct Call {
  Op op{};
  double bytes = 0;
  int ranks = 0, domains = 1;
};

/// Microseconds.
double collective_us(const CollectiveSystem& system, const LinkParameters& link,
                     const NetworkParameters& network, const Call& call, Choice choice);

} // namespace windtunnel::network
