#include <CLI/CLI.hpp>

#include "scenarios/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "scenarios/cli/options.hpp"

namespace windtunnel::cli {
namespace {

scenarios::SweepAxis parse_axis(const std::string& text) {
  const auto [pointer, values] = parse_setting(text, "--vary");
  scenarios::SweepAxis axis{pointer, {}};
  for (std::size_t begin = 0; begin <= values.size();) {
    const std::size_t end = std::min(values.find(',', begin), values.size());
    if (end == begin)
      throw InputError("option --vary", {{pointer, "an empty value in '" + values + "'"}});
    axis.values.push_back(values.substr(begin, end - begin));
    begin = end + 1;
  }
  return axis;
}

/// "i/n" with 0 <= i < n.
std::pair<int, int> parse_shard(const std::string& text) {
  int index = 0, count = 0;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, index);
  if (first.ec == std::errc{} && first.ptr != end && *first.ptr == '/') {
    const auto second = std::from_chars(first.ptr + 1, end, count);
    if (second.ec == std::errc{} && second.ptr == end && index >= 0 && index < count)
      return {index, count};
  }
  throw InputError("option --shard", {{"", "expected i/n with 0 <= i < n, got '" + text + "'"}});
}

struct SweepCommand : Common {
  std::string path, shard = "0/1";
  std::vector<std::string> axes;

  void operator()() const {
    const catalog::Catalog catalog = load_catalog();
    std::vector<scenarios::Setting> all = parsed_settings();
    if (replications) all.emplace_back("/run/replications", std::to_string(*replications));
    if (seed) all.emplace_back("/run/seed", std::to_string(*seed));
    std::vector<scenarios::SweepAxis> parsed;
    for (const std::string& text : axes) parsed.push_back(parse_axis(text));
    const auto [index, count] = parse_shard(shard);
    const scenarios::Sweep sweep = scenarios::sweep(scenarios::load_document(path, all), parsed,
                                                    catalog, run_options("sweeping"), index, count);
    const bool none = std::all_of(sweep.points.begin(), sweep.points.end(),
                                  [](const auto& point) { return !point.error.empty(); });
    if (none && !sweep.points.empty())
      throw Error(fmt::format("none of the {} points can be run; the first: {}",
                              sweep.points.size(), sweep.points.front().error));
    if (!out.empty())
      write_files(out, {{"sweep.json", render(sweep, scenarios::Format::json)},
                        {"sweep.csv", render(sweep, scenarios::Format::csv)},
                        {"sweep.html", render(sweep, scenarios::Format::html)}});
    print(render(sweep, report_format(), render_options()));
  }
};

} // namespace

void add_sweep(CLI::App& app) {
  auto command = std::make_shared<SweepCommand>();
  CLI::App* verb =
      app.add_subcommand("sweep", "Run a grid of variations; the Pareto set of cost and "
                                  "time");
  verb->add_option("SCENARIO", command->path, "Scenario file; - is standard input")->required();
  verb->add_option("--vary", command->axes, "An axis: /json/pointer=a,b,c (repeatable)")
      ->allow_extra_args(false)
      ->required();
  verb->add_option("--shard", command->shard, "Run points i, i+n, ... only: i/n")
      ->capture_default_str();
  command->add_output(*verb, {"table", "json", "csv", "html"});
  command->add_simulation(*verb);
  command->Common::add_catalog(*verb);
  verb->callback([command] { (*command)(); });
}

} // namespace windtunnel::cli
