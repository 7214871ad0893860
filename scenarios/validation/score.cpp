#include <cmath>
#include <map>
#include <tuple>

#include "libsim/stats/summary.hpp"
#include "scenarios/validation/validation.hpp"

namespace windtunnel::scenarios {
namespace {

std::optional<double> pair_order(const std::vector<Scored>& rows) {
  double agree = 0, pairs = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = i + 1; j < rows.size(); ++j) {
      if (rows[i].measured == rows[j].measured) continue;
      pairs += 1;
      agree += (rows[i].measured < rows[j].measured) == (rows[i].predicted < rows[j].predicted);
    }
  if (pairs == 0) return std::nullopt;
  return agree / pairs;
}

} // namespace

std::vector<ScoreRow> score(const std::vector<Scored>& scored) {
  using Labels = std::vector<std::pair<std::string, std::string>>;
  using Key = std::tuple<std::string, std::string, Labels>;
  std::vector<Key> order;
  std::map<Key, std::vector<Scored>> groups;
  for (const Scored& one : scored) {
    const Key key{one.source, one.group, one.labels};
    if (!groups.contains(key)) order.push_back(key);
    groups[key].push_back(one);
  }
  std::vector<ScoreRow> rows;
  for (const Key& key : order) {
    const std::vector<Scored>& members = groups[key];
    ScoreRow row;
    std::tie(row.source, row.group, row.labels) = key;
    row.n = static_cast<int>(members.size());
    std::vector<double> errors, absolute, apart;
    for (const Scored& one : members) {
      errors.push_back((one.predicted - one.measured) / one.measured);
      absolute.push_back(std::abs(errors.back()));
      row.assumed += one.assumed ? 1 : 0;
      if (one.disagreement) apart.push_back(*one.disagreement);
    }
    row.mape = stats::summarise(absolute).mean;
    row.median_ape = stats::quantile(absolute, 0.5);
    row.p90_ape = stats::quantile(absolute, 0.9);
    row.bias = stats::summarise(errors).mean;
    row.pair_order = pair_order(members);
    if (!apart.empty()) row.extra.emplace_back("disagreement", stats::quantile(apart, 0.5));
    rows.push_back(std::move(row));
  }
  return rows;
}

} // namespace windtunnel::scenarios
