#include "scenarios/sweep.hpp"

#include "scenarios/read_scenario.hpp"

namespace windtunnel::scenarios {

Sweep sweep(const json::Document& base, const std::vector<SweepAxis>& axes,
            const catalog::Catalog& catalog, const RunOptions& options, int shard, int shards) {
  Sweep result;
  result.scenario = json::read(base, "scenario", read_scenario).name;
  std::size_t total = 1;
  for (const SweepAxis& axis : axes) total *= axis.values.size();
  for (std::size_t index = static_cast<std::size_t>(shard); index < total;
       index += static_cast<std::size_t>(shards)) {
    SweepPoint point;
    json::Document document = base;
    std::size_t rest = index, block = total;
    for (const SweepAxis& axis : axes) {
      block /= axis.values.size();
      const std::string& value = axis.values[rest / block];
      rest %= block;
      point.settings.emplace_back(axis.pointer, value);
      document = json::set(document, axis.pointer, value);
    }
    try {
      point.report = run(json::read(document, "scenario", read_scenario), catalog, options);
    } catch (const InputError& error) {
      point.error = error.what();
    }
    result.points.push_back(std::move(point));
  }
  mark_pareto(result);
  return result;
}

} // namespace windtunnel::scenarios
