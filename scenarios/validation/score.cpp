#include <cmath>
#include <map>

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
  std::vector<std::pair<std::string, std::string>> order;
  std::map<std::pair<std::string, std::string>, std::vector<Scored>> groups;
  for (const Scored& one : scored) {
    const auto key = std::pair{one.source, one.group};
    if (!groups.contains(key)) order.push_back(key);
    groups[key].push_back(one);
  }
  std::vector<ScoreRow> rows;
  for (const auto& key : order) {
    const std::vector<Scored>& members = groups[key];
    ScoreRow row;
    row.source = key.first;
    row.group = key.second;
    row.n = static_cast<int>(members.size());
    std::vector<double> errors, absolute;
    for (const Scored& one : members) {
      errors.push_back((one.predicted - one.measured) / one.measured);
      absolute.push_back(std::abs(errors.back()));
      row.assumed += one.assumed ? 1 : 0;
    }
    row.mape = stats::summarise(absolute).mean;
    row.median_ape = stats::quantile(absolute, 0.5);
    row.p90_ape = stats::quantile(absolute, 0.9);
    row.bias = stats::summarise(errors).mean;
    row.pair_order = pair_order(members);
    rows.push_back(std::move(row));
  }
  return rows;
}

} // namespace windtunnel::scenarios
