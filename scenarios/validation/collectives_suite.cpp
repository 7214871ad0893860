#include "scenarios/validation/collectives_suite.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "libsim/base/csv_table.hpp"
#include "libsim/stats/summary.hpp"
#include "models/network/collective_model.hpp"
#include "scenarios/validation/published_row.hpp"

namespace windtunnel::scenarios {
namespace {

using network::CollectiveSample;
using network::CollectiveTable;

const char* band_of(double bytes) { return to_string(network::size_band(bytes)); }

/// What NCCL was held to, as the notes say.
network::Restriction restriction_of(const std::string& notes) {
  network::Restriction restriction;
  restriction.nvls = notes.find("NVLS off") == std::string::npos;
  constexpr std::string_view key = "algo=";
  if (const std::size_t at = notes.find(key); at != std::string::npos) {
    const std::size_t begin = at + key.size();
    const std::size_t end = std::min(notes.find_first_of(" ;,", begin), notes.size());
    restriction.only = network::parse_algorithm(notes.substr(begin, end - begin));
  }
  return restriction;
}

class Rows {
public:
  Rows(const CsvTable& table, const catalog::Catalog& catalog) : table_(table), catalog_(catalog) {
    table.require({"source", "collective", "system", "gpus", "nodes", "bytes", "time_us"});
  }

  CollectiveSample sample(std::size_t index) {
    const PublishedRow row(table_, index, catalog_);
    CollectiveSample s;
    s.source = row.text("source");
    s.system = system(row.text("system"));
    const auto op = network::parse_op(row.text("collective"));
    if (!op) throw Refusal{"unknown collective '" + row.text("collective").substr(0, 40) + "'"};
    const auto gpus = row.count("gpus"), nodes = row.count("nodes");
    const auto bytes = row.positive("bytes"), us = row.positive("time_us");
    if (!gpus || *gpus < 2) throw Refusal{"fewer than two GPUs"};
    if (!bytes || !us) throw Refusal{"no bytes or no time"};
    const int packed = network::domains_of(s.system, *gpus);
    const bool rack = s.system.domain_size > s.system.gpus_per_node;
    const int domains = rack ? packed : std::max(packed, nodes.value_or(1));
    if (domains > *gpus) throw Refusal{"more nodes than GPUs"};
    s.call = {*op, *bytes, *gpus, domains};
    s.us = *us;
    s.choice =
        network::choose(s.system, *op, *bytes, *gpus, domains, restriction_of(row.text("notes")));
    return s;
  }

private:
  const network::CollectiveSystem& system(const std::string& text) {
    const auto found = systems_.find(text);
    if (found != systems_.end()) return found->second;
    try {
      return systems_.emplace(text, network::describe_system(text, catalog_)).first->second;
    } catch (const ModelError& error) {
      throw Refusal{error.what()};
    }
  }

  const CsvTable& table_;
  const catalog::Catalog& catalog_;
  std::map<std::string, network::CollectiveSystem> systems_;
};

/// Which machine, collective and band: what independent sources can agree on.
using Site = std::tuple<std::string, std::string, int, int, network::Op, std::string>;

Site site_of(const CollectiveSample& s) {
  return {s.system.gpu, s.call.domains > 1 ? s.system.network_class : "",
          s.call.ranks, s.call.domains,
          s.call.op,    band_of(s.call.bytes)};
}

/// Median of |a - b| / b over pairs of sources that measured the same size.
std::map<Site, double> disagreements(const std::vector<CollectiveSample>& samples) {
  std::map<Site, std::map<double, std::map<std::string, double>>> sites;
  for (const CollectiveSample& s : samples) sites[site_of(s)][s.call.bytes][s.source] = s.us;
  std::map<Site, double> medians;
  for (const auto& [site, sizes] : sites) {
    std::vector<double> apart;
    for (const auto& [bytes, sources] : sizes)
      for (const auto& [name, us] : sources)
        for (const auto& [other, other_us] : sources)
          if (name != other) apart.push_back(std::abs(us / other_us - 1));
    if (!apart.empty()) medians[site] = stats::quantile(apart, 0.5);
  }
  return medians;
}

/// Our rows, and the curves fitted without one source's or one size's.
class LeftOut {
public:
  explicit LeftOut(std::vector<CollectiveSample> samples) : samples_(std::move(samples)) {
    for (const CollectiveSample& s : samples_) known_.insert(s.source);
  }
  bool knows(const std::string& source) const { return known_.contains(source); }
  const CollectiveTable& without_source(const std::string& source) {
    return without(by_source_, source,
                   [&](const CollectiveSample& s) { return s.source != source; });
  }
  const CollectiveTable& without_size(double bytes) {
    return without(by_size_, bytes,
                   [&](const CollectiveSample& s) { return s.call.bytes != bytes; });
  }
  const std::vector<CollectiveSample>& samples() const { return samples_; }

private:
  template <class Key, class Stays> const CollectiveTable&
  without(std::map<Key, CollectiveTable>& tables, const Key& key, Stays&& stays) {
    const auto found = tables.find(key);
    if (found != tables.end()) return found->second;
    std::vector<CollectiveSample> rest;
    std::ranges::copy_if(samples_, std::back_inserter(rest), stays);
    return tables.emplace(key, network::fit_collectives(rest)).first->second;
  }

  std::vector<CollectiveSample> samples_;
  std::set<std::string> known_;
  std::map<std::string, CollectiveTable> by_source_;
  std::map<double, CollectiveTable> by_size_;
};

/// Places of the labels of a scored row.
constexpr std::size_t band_label = 2, basis_label = 3;

bool measured(const CollectiveTable& table, const CollectiveSample& s) {
  return s.call.domains == 1 ? table.link(s.system.link_class).rows > 0
                             : table.network(s.system.network_class).rows > 0;
}

std::vector<BandScore> band_scores(const std::vector<ScoredLine>& lines) {
  std::map<std::pair<std::string, std::string>, std::vector<double>> errors;
  for (const ScoredLine& line : lines)
    for (const Scored& one : line.scored)
      errors[{one.labels[band_label].second, one.labels[basis_label].second}].push_back(
          std::abs(one.predicted / one.measured - 1));
  std::vector<BandScore> scores;
  for (const auto& [key, all] : errors)
    scores.push_back({key.first, key.second, static_cast<int>(all.size()),
                      stats::quantile(all, 0.5), stats::quantile(all, 0.9)});
  return scores;
}

} // namespace

std::vector<CollectiveSample> collective_samples(const CsvTable& table,
                                                 const catalog::Catalog& catalog,
                                                 std::vector<Issue>* refused) {
  Rows rows(table, catalog);
  std::vector<CollectiveSample> samples;
  for (std::size_t i = 0; i < table.size(); ++i)
    if (auto row = read_row([&] { return rows.sample(i); }); row.result)
      samples.push_back(std::move(*row.result));
    else if (refused)
      refused->push_back({table.name() + ":" + std::to_string(table.line(i)), row.refused});
  return samples;
}

ValidationResult validate_collectives(const CsvTable& table, const CsvTable& ours,
                                      const catalog::Catalog& catalog, LeaveOut leave_out) {
  const bool by_size = leave_out == LeaveOut::size;
  Rows rows(table, catalog);
  LeftOut left_out(collective_samples(ours, catalog));
  const std::map<Site, double> apart = disagreements(left_out.samples());
  ValidationResult result;
  std::map<std::string, int> refused;
  for (std::size_t i = 0; i < table.size(); ++i) {
    ScoredLine line{table.line(i), "", {}};
    const auto row = read_row([&] {
      const CollectiveSample s = rows.sample(i);
      const bool known = left_out.knows(s.source);
      const CollectiveTable& curves = by_size ? left_out.without_size(s.call.bytes)
                                      : known ? left_out.without_source(s.source)
                                              : network::built_in_collective_table();
      Scored scored{s.source,
                    std::string(to_string(s.call.op)) + " " + band_of(s.call.bytes),
                    s.us,
                    curves.predicted_us(s),
                    s.system.assumed && s.call.domains > 1,
                    s.system.name};
      scored.labels = {{"system", s.system.name},
                       {"collective", to_string(s.call.op)},
                       {"band", band_of(s.call.bytes)},
                       {"basis", !measured(curves, s) ? "relatives"
                                 : known              ? "left out"
                                                      : "unseen"}};
      if (const auto found = apart.find(site_of(s)); found != apart.end())
        scored.disagreement = found->second;
      return scored;
    });
    if (row.result)
      line.scored.push_back(*row.result);
    else
      ++refused[line.refused = row.refused];
    result.lines.push_back(std::move(line));
  }
  result.bands = band_scores(result.lines);
  result.refused.assign(refused.begin(), refused.end());
  return result;
}

} // namespace windtunnel::scenarios
