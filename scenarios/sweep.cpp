#include "scenarios/sweep.hpp"

#include "scenarios/check.hpp"
#include "scenarios/read_scenario.hpp"

namespace windtunnel::scenarios {

Sweep sweep(const json::Document& base, const std::vector<SweepAxis>& axes,
            const catalog::Catalog& catalog, const RunOptions& options, int shard, int shards) {
  Sweep result;
  result.scenario = read_checked(base, catalog).name;
  for (std::size_t i = 0; i < axes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (axes[i].pointer == axes[j].pointer)
        throw InputError("sweep", {{axes[i].pointer, "is varied twice"}});
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
      point.report = run(read_checked(document, catalog), catalog, options);
    } catch (const Error& error) {
      if (options.stop.stop_requested()) throw; // not the point's fault
      point.error = error.what();
    }
    result.points.push_back(std::move(point));
  }
  mark_pareto(result);
  return result;
}

} // namespace windtunnel::scenarios
