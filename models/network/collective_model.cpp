#include "models/network/collective_model.hpp"

#include <algorithm>
#include <string>

#include "libsim/base/error.hpp"
#include "models/network/nccl_tuning.hpp"
#include "models/network/tuner_regions.hpp"

namespace windtunnel::network {
namespace {

constexpr std::size_t memo_slots = 1024;

std::size_t slot(std::int64_t bytes, int ranks, int per_domain, Op op) {
  auto h = static_cast<std::uint64_t>(bytes) * 0x9e3779b97f4a7c15ULL;
  h ^= (static_cast<std::uint64_t>(ranks) << 24) ^ (static_cast<std::uint64_t>(per_domain) << 8) ^
       static_cast<std::uint64_t>(op);
  h *= 0xff51afd7ed558ccdULL;
  return (h >> 40) & (memo_slots - 1);
}

} // namespace

Choice choose(const CollectiveSystem& system, Op op, double bytes, int ranks, int domains,
              const Restriction& restriction) {
  if (!restriction.only && restriction.nvls)
    if (const std::optional<Choice> told = tuner_choice(system.tuner, op, bytes, ranks, domains))
      return *told;
  return nccl_choice(system, op, bytes, ranks, domains, restriction);
}

int domains_of(const CollectiveSystem& system, int ranks) {
  if (ranks < 1) throw ModelError("a collective needs at least one rank");
  return (ranks + system.domain_size - 1) / system.domain_size;
}

CollectiveModel::CollectiveModel(const CollectiveSystem& system, const CollectiveTable& table,
                                 const Restriction& restriction)
    : system_(system), restriction_(restriction), link_(table.link(system.link_class).parameters),
      network_(table.network(system.network_class).parameters),
      link_bands_(table.link(system.link_class).bands),
      network_bands_(table.network(system.network_class).bands), memo_(memo_slots) {}

Prediction CollectiveModel::predict(Op op, Bytes size, int ranks, int per_domain) {
  Entry& entry = memo_[slot(size.count(), ranks, per_domain, op)];
  const Key key{size.count(), ranks, static_cast<std::int16_t>(per_domain),
                static_cast<std::int16_t>(op)};
  if (entry.key == key) return entry.prediction;
  if (size < Bytes{}) throw ModelError("a collective moves no negative number of bytes");
  const int packed = domains_of(system_, ranks);
  const int domains =
      per_domain > 0 ? std::max(packed, (ranks + per_domain - 1) / per_domain) : packed;
  Prediction p;
  if (ranks > 1) {
    p.choice = choose(system_, op, size.as_double(), ranks, domains, restriction_);
    p.us =
        collective_us(system_, link_, network_, {op, size.as_double(), ranks, domains}, p.choice);
    const RatioBand& band =
        (domains > 1 ? network_bands_
                     : link_bands_)[static_cast<std::size_t>(size_band(size.as_double()))];
    p.low_us = p.us * std::min(1.0, band.low);
    p.high_us = p.us * std::max(1.0, band.high);
  }
  entry = {key, p};
  return p;
}

} // namespace windtunnel::network
