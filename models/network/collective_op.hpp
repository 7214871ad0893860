// The words of collective communication: operations, NCCL's algorithms and protocols, and what
// nccl-tests calls size and bus bandwidth.
//
// `size` is nccl-tests' everywhere: the full buffer of an all-reduce or broadcast, the gathered one
// of an all-gather, the scattered one of a reduce-scatter, what one rank holds in an all-to-all.
// algbw = size / time; busbw = algbw * bus_factor, which makes rings of any length comparable.
#pragma once

#include <optional>
#include <string_view>

namespace windtunnel::network {

enum class Op { all_reduce, all_gather, reduce_scatter, broadcast, all_to_all, send_recv };
enum class Algorithm { ring, tree, nvls, nvls_tree, pat, point_to_point };
enum class Protocol { ll, ll128, simple };

struct Choice {
  Algorithm algorithm = Algorithm::ring;
  Protocol protocol = Protocol::simple;
  friend bool operator==(const Choice&, const Choice&) = default;
};

/// "all_reduce", "nvls_tree", "ll128".
const char* to_string(Op);
const char* to_string(Algorithm);
const char* to_string(Protocol);
/// nullopt for an unknown word; operations also as nccl-tests' programs and tables spell them.
std::optional<Op> parse_op(std::string_view);
std::optional<Algorithm> parse_algorithm(std::string_view);
std::optional<Protocol> parse_protocol(std::string_view);

/// busbw / algbw on `ranks` ranks.
double bus_factor(Op op, int ranks);

} // namespace windtunnel::network
