#include <algorithm>
#include <fmt/format.h>

#include "libsim/base/unit_strings.hpp"
#include "scenarios/report/charts.hpp"
#include "scenarios/report/formats_impl.hpp"
#include "scenarios/report/numbers.hpp"
#include "scenarios/report/render_csv.hpp"
#include "scenarios/report/render_json_impl.hpp"
#include "scenarios/report/report_tables.hpp"

namespace windtunnel::scenarios {
namespace {

std::string value_text(const ComparedFigure& f, double v) {
  return f.unit == "usd" ? usd_cents(v) : f.unit == "s" ? duration(v) : three_digits(v);
}

std::string change_text(const ComparedFigure& f, double v) {
  if (f.unit == "usd") return usd_change(v);
  if (f.unit == "s") return duration_change(v);
  return (v > 0 ? "+" : "") + three_digits(v);
}

/// "finish +2.10d" as a sentence; the interval is of paired replications.
std::string change_sentence(const ComparedFigure& f) {
  const Distribution& d = f.difference;
  if (d.mean == 0 && d.p10 == 0 && d.p90 == 0) return f.name + " is the same";
  const std::string change =
      f.unit == "usd" ? (d.mean > 0 ? "+" : "") + usd_short(d.mean) : change_text(f, d.mean);
  return fmt::format("{} {} ± {}", f.name, change, value_text(f, d.half_width));
}

Table figures(const Comparison& c) {
  Table table({{"FIGURE"},
               {"A", Align::right},
               {"B", Align::right},
               {"B - A", Align::right},
               {"±95%", Align::right},
               {"P10", Align::right},
               {"P90", Align::right}});
  for (const ComparedFigure& f : c.figures)
    table.add({f.name, value_text(f, f.a), value_text(f, f.b), change_text(f, f.difference.mean),
               value_text(f, f.difference.half_width), change_text(f, f.difference.p10),
               change_text(f, f.difference.p90)});
  return table;
}

/// The marks of terraform and infracost: + new, - gone, ~ changed.
const char* mark(Money a, Money b) {
  if (a == b) return " ";
  return a == Money{} ? "+" : b == Money{} ? "-" : "~";
}

Table changes(const Comparison& c) {
  Table table({{""},
               {"WHERE THE DOLLARS GO"},
               {"A", Align::right},
               {"B", Align::right},
               {"B - A", Align::right}});
  Money a{}, b{}, largest{};
  for (const auto& [from, to] : c.waterfall) {
    a += from.cost;
    b += to.cost;
    largest = std::max({largest, to.cost - from.cost, from.cost - to.cost});
  }
  for (const auto& [from, to] : c.waterfall) {
    const Money change = to.cost - from.cost;
    const Money size = std::max(change, -change);
    table.add({mark(from.cost, to.cost), from.label, usd_cents(from.cost.dollars()),
               usd_cents(to.cost.dollars()), usd_change(change.dollars())},
              {.bar = largest > Money{} ? size / largest : 0, .cause = from.cause});
  }
  table.add(
      {"", "Total", usd_cents(a.dollars()), usd_cents(b.dollars()), usd_change((b - a).dollars())},
      {.emphasis = Emphasis::total});
  return table;
}

std::string changes_chart(const Comparison& c) {
  std::vector<ChartPart> parts;
  for (const auto& [from, to] : c.waterfall)
    parts.push_back({from.label, from.cause, (to.cost - from.cost).dollars()});
  return bars_chart("What B costs more than A", parts, "usd");
}

} // namespace

Sheet sheet_of(const Comparison& c) {
  std::string headline;
  for (const ComparedFigure& f : c.figures)
    headline += (headline.empty() ? "" : ", ") + change_sentence(f);
  Sheet sheet{.title = c.a.scenario + " against " + c.b.scenario,
              .subtitle = fmt::format("compare, {} replications, seed {}, windtunnel {}",
                                      c.a.replications, c.a.seed, c.a.version),
              .headline = "B against A: " + headline + ".",
              .lines = {"A: " + c.a.scenario + ". " + scenarios::headline(c.a),
                        "B: " + c.b.scenario + ". " + scenarios::headline(c.b)},
              .json = to_json(c),
              .csv = {{"compare.csv", to_csv(c)}}};
  for (const ComparedFigure& f : c.figures)
    sheet.figures.push_back(
        {f.name, change_text(f, f.difference.mean), "± " + value_text(f, f.difference.half_width)});
  sheet.sections.push_back(
      {.title = "Differences",
       .tables = {figures(c)},
       .notes = {"Of pairs of replications with the same random numbers: the spread is that of "
                 "the difference, not of A or B."}});
  sheet.sections.push_back(
      {.title = "Dollar waterfall", .tables = {changes(c)}, .charts = {changes_chart(c)}});
  for (const Report* report : {&c.a, &c.b})
    for (const std::string& warning : report->warnings)
      if (std::find(sheet.warnings.begin(), sheet.warnings.end(), warning) == sheet.warnings.end())
        sheet.warnings.push_back(warning);
  return sheet;
}

std::string to_json(const Comparison& c) {
  json::Writer w;
  w.begin_object().field("formatVersion", report_format_version).field("kind", "comparison");
  w.begin_array("figures");
  for (const ComparedFigure& f : c.figures) {
    w.begin_object().field("name", f.name).field("unit", f.unit).field("a", f.a).field("b", f.b);
    write(w, "difference", f.difference);
    w.end();
  }
  w.end().begin_array("waterfall");
  for (const auto& [a, b] : c.waterfall) {
    w.begin_object().field("cause", a.cause).field("label", a.label);
    w.field("a_cost_usd", a.cost).field("b_cost_usd", b.cost);
    w.field("difference_cost_usd", b.cost - a.cost);
    w.field("a_node_hours", a.node_hours).field("b_node_hours", b.node_hours).end();
  }
  w.end();
  for (const auto& [name, report] : {std::pair{"a", &c.a}, std::pair{"b", &c.b}}) {
    w.begin_object(name);
    write_fields(w, *report);
    w.end();
  }
  w.end();
  return w.str();
}

std::string to_csv(const Comparison& c) {
  CsvWriter table({"kind", "name", "unit", "a", "b", "difference", "difference_p10",
                   "difference_p50", "difference_p90", "difference_half_width"});
  for (const ComparedFigure& f : c.figures) {
    const Distribution& d = f.difference;
    table.add({"figure", f.name, f.unit, json::number(f.a), json::number(f.b), json::number(d.mean),
               json::number(d.p10), json::number(d.p50), json::number(d.p90),
               json::number(d.half_width)});
  }
  for (const auto& [a, b] : c.waterfall)
    table.add({"waterfall", a.cause, "usd", exact_dollars(a.cost), exact_dollars(b.cost),
               exact_dollars(b.cost - a.cost), "", "", "", ""});
  return table.text();
}

} // namespace windtunnel::scenarios
