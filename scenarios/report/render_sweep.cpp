#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "scenarios/report/charts.hpp"
#include "scenarios/report/formats_impl.hpp"
#include "scenarios/report/numbers.hpp"
#include "scenarios/report/render_csv.hpp"
#include "scenarios/report/render_json_impl.hpp"

namespace windtunnel::scenarios {
namespace {

/// The last part of each pointer, or the whole pointers where two end alike.
std::vector<std::string> axis_names(const Sweep& sweep) {
  std::vector<std::string> whole, last;
  if (sweep.points.empty()) return whole;
  for (const auto& [pointer, value] : sweep.points.front().settings) {
    whole.push_back(pointer);
    last.push_back(pointer.substr(pointer.rfind('/') + 1));
  }
  const std::set<std::string> distinct(last.begin(), last.end());
  return distinct.size() == last.size() ? last : whole;
}

std::string settings_text(const SweepPoint& point, const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < point.settings.size() && i < names.size(); ++i)
    text += (i ? ", " : "") + names[i] + "=" + point.settings[i].second;
  return text;
}

std::string goal_text(const Report& report, const char* name) {
  for (const GoalResult& goal : report.goals)
    if (goal.name == name) return percent(goal.probability);
  return "-";
}

/// Pareto points by cost, then all others as they came.
std::vector<const SweepPoint*> pareto_points(const Sweep& sweep) {
  std::vector<const SweepPoint*> points;
  for (const SweepPoint& point : sweep.points)
    if (point.pareto) points.push_back(&point);
  std::stable_sort(points.begin(), points.end(), [](const SweepPoint* a, const SweepPoint* b) {
    return a->report.cost_usd.mean < b->report.cost_usd.mean;
  });
  return points;
}

std::vector<Column> sweep_columns(const std::vector<std::string>& names) {
  std::vector<Column> columns{{""}};
  for (const std::string& name : names) columns.push_back({name, Align::left, true});
  for (const char* title :
       {"FINISH MEAN", "P90", "COST MEAN", "P90", "DEADLINE", "BUDGET", "MFU×GOODPUT"})
    columns.push_back({title, Align::right});
  return columns;
}

void add_point(Table& table, const SweepPoint& point) {
  std::vector<std::string> cells{point.pareto ? "✔" : ""};
  for (const auto& setting : point.settings) cells.push_back(setting.second);
  if (!point.error.empty()) {
    cells.push_back("error");
    cells.resize(table.columns().size());
    table.add(cells);
    return;
  }
  const Report& r = point.report;
  for (const double s : {r.finish_s.mean, r.finish_s.p90}) cells.push_back(moment(r.start, s));
  for (const double usd : {r.cost_usd.mean, r.cost_usd.p90}) cells.push_back(usd_short(usd));
  cells.push_back(goal_text(r, "deadline"));
  cells.push_back(goal_text(r, "budget"));
  cells.push_back(r.jobs.empty() ? "-" : percent(r.jobs.front().mfu_times_goodput.p50));
  table.add(cells, {.emphasis = point.pareto ? Emphasis::group : Emphasis::none});
}

Table points_table(const Sweep& sweep) {
  Table table(sweep_columns(axis_names(sweep)));
  for (const SweepPoint& point : sweep.points) add_point(table, point);
  return table;
}

std::string points_chart(const Sweep& sweep) {
  const std::vector<std::string> names = axis_names(sweep);
  std::vector<ScatterPoint> points;
  std::optional<std::int64_t> start;
  for (const SweepPoint& p : sweep.points) {
    if (!p.error.empty()) continue;
    start = p.report.start;
    points.push_back({.days = p.report.finish_s.mean / 86400,
                      .usd = p.report.cost_usd.mean,
                      .label = settings_text(p, names),
                      .highlighted = p.pareto});
  }
  std::sort(points.begin(), points.end(),
            [](const ScatterPoint& a, const ScatterPoint& b) { return a.days < b.days; });
  return scatter_chart("Mean finish and cost of each variation", points, start);
}

std::string sweep_headline(const Sweep& sweep, const std::vector<const SweepPoint*>& best) {
  const std::vector<std::string> names = axis_names(sweep);
  if (best.empty()) return "No variation could run.";
  const auto say = [&](const SweepPoint& p) {
    return fmt::format("{} ({}, {})", settings_text(p, names), usd_short(p.report.cost_usd.mean),
                       moment(p.report.start, p.report.finish_s.mean));
  };
  const SweepPoint &cheapest = *best.front(), &fastest = *best.back();
  if (best.size() == 1) return "Cheapest and earliest: " + say(cheapest) + ".";
  return fmt::format("Cheapest: {}. Earliest: {}.", say(cheapest), say(fastest));
}

} // namespace

Sheet sheet_of(const Sweep& sweep) {
  const std::vector<const SweepPoint*> best = pareto_points(sweep);
  Sheet sheet{.title = sweep.scenario,
              .subtitle = fmt::format("sweep of {} variations", sweep.points.size()),
              .headline = sweep_headline(sweep, best),
              .lines = {fmt::format("{} of {} variations are Pareto: no other is both cheaper and "
                                    "earlier in the mean.",
                                    best.size(), sweep.points.size())},
              .json = to_json(sweep),
              .csv = {{"sweep.csv", to_csv(sweep)}}};
  Section section{
      .title = "Variations", .tables = {points_table(sweep)}, .charts = {points_chart(sweep)}};
  const std::vector<std::string> names = axis_names(sweep);
  for (const SweepPoint& point : sweep.points)
    if (!point.error.empty())
      sheet.warnings.push_back(settings_text(point, names) + ": " + point.error);
  sheet.sections.push_back(std::move(section));
  return sheet;
}

std::string to_json(const Sweep& sweep) {
  json::Writer w;
  w.begin_object().field("formatVersion", report_format_version).field("kind", "sweep");
  w.field("scenario", sweep.scenario).begin_array("points");
  for (const SweepPoint& point : sweep.points) {
    w.begin_object().begin_object("settings");
    for (const auto& [pointer, value] : point.settings) w.field(pointer, value);
    w.end().field("pareto", point.pareto);
    if (point.error.empty()) {
      w.null_field("error").begin_object("report");
      write_fields(w, point.report);
      w.end();
    } else {
      w.field("error", point.error).null_field("report");
    }
    w.end();
  }
  w.end().end();
  return w.str();
}

std::string to_csv(const Sweep& sweep) {
  std::vector<std::string> columns;
  if (!sweep.points.empty())
    for (const auto& setting : sweep.points.front().settings) columns.push_back(setting.first);
  const std::size_t axes = columns.size();
  for (const char* name : {"pareto", "finish_p10_s", "finish_p50_s", "finish_p90_s",
                           "finish_mean_s", "cost_p10_usd", "cost_p50_usd", "cost_p90_usd",
                           "cost_mean_usd", "deadline_probability", "budget_probability", "error"})
    columns.emplace_back(name);
  CsvWriter table(columns);
  for (const SweepPoint& point : sweep.points) {
    std::vector<std::string> cells;
    for (const auto& setting : point.settings) cells.push_back(setting.second);
    cells.resize(axes);
    cells.emplace_back(point.pareto ? "true" : "false");
    const Report& r = point.report;
    if (point.error.empty()) {
      for (const Distribution* d : {&r.finish_s, &r.cost_usd})
        for (const double v : {d->p10, d->p50, d->p90, d->mean}) cells.push_back(json::number(v));
      for (const char* name : {"deadline", "budget"}) {
        const auto goal = std::find_if(r.goals.begin(), r.goals.end(),
                                       [&](const GoalResult& g) { return g.name == name; });
        cells.push_back(goal == r.goals.end() ? "" : json::number(goal->probability));
      }
    }
    cells.resize(columns.size() - 1);
    cells.push_back(point.error);
    table.add(cells);
  }
  return table.text();
}

} // namespace windtunnel::scenarios
