#include "models/network/collective_op.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace windtunnel::network {
namespace {

constexpr std::pair<Op, const char*> ops[] = {
    {Op::all_reduce, "all_reduce"},         {Op::all_gather, "all_gather"},
    {Op::reduce_scatter, "reduce_scatter"}, {Op::broadcast, "broadcast"},
    {Op::all_to_all, "all_to_all"},         {Op::send_recv, "send_recv"}};
constexpr std::pair<Algorithm, const char*> algorithms[] = {
    {Algorithm::ring, "ring"}, {Algorithm::tree, "tree"},
    {Algorithm::nvls, "nvls"}, {Algorithm::nvls_tree, "nvls_tree"},
    {Algorithm::pat, "pat"},   {Algorithm::point_to_point, "p2p"}};
constexpr std::pair<Protocol, const char*> protocols[] = {
    {Protocol::ll, "ll"}, {Protocol::ll128, "ll128"}, {Protocol::simple, "simple"}};

template <class Pairs, class Value> const char* name(const Pairs& pairs, Value value) {
  return std::find_if(std::begin(pairs), std::end(pairs),
                      [&](const auto& p) { return p.first == value; })
      ->second;
}

/// Lower case, without what separates words.
std::string plain(std::string_view text) {
  std::string word;
  for (char c : text) {
    if (c == '_' || c == '-' || c == ' ') continue;
    word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return word;
}

template <class Pairs> auto find(const Pairs& pairs, std::string_view text)
    -> std::optional<decltype(std::begin(pairs)->first)> {
  const std::string word = plain(text);
  for (const auto& [value, known] : pairs)
    if (plain(known) == word) return value;
  return std::nullopt;
}

} // namespace

const char* to_string(Op op) { return name(ops, op); }
const char* to_string(Algorithm algorithm) { return name(algorithms, algorithm); }
const char* to_string(Protocol protocol) { return name(protocols, protocol); }

std::optional<Op> parse_op(std::string_view text) {
  if (text.ends_with("_perf")) text.remove_suffix(5);
  return find(ops, text);
}
std::optional<Algorithm> parse_algorithm(std::string_view text) { return find(algorithms, text); }
std::optional<Protocol> parse_protocol(std::string_view text) { return find(protocols, text); }

double bus_factor(Op op, int ranks) {
  const double n = ranks;
  switch (op) {
  case Op::all_reduce:
    return 2 * (n - 1) / n;
  case Op::all_gather:
  case Op::reduce_scatter:
  case Op::all_to_all:
    return (n - 1) / n;
  case Op::broadcast:
  case Op::send_recv:
    break;
  }
  return 1;
}

} // namespace windtunnel::network
