#include "scenarios/report/charts.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "libsim/json/writer.hpp"
#include "scenarios/report/numbers.hpp"

namespace windtunnel::scenarios {
namespace {

constexpr double seconds_per_day = 86400;

void write_axis(json::Writer& w, std::string_view name, const std::string& title,
                const std::string& unit) {
  w.begin_object(name).field("title", title).field("unit", unit).end();
}

const char* axis_title(const std::string& unit) {
  return unit == "usd" ? "US dollars" : unit == "s" ? "seconds" : unit == "count" ? "count" : "";
}

void write_time_axis(json::Writer& w, std::optional<std::int64_t> start) {
  if (start) w.field("start", *start);
  write_axis(w, "x", start ? "" : "days from the start", start ? "date" : "days");
}

template <class Get> void write_array(json::Writer& w, std::string_view name,
                                      const std::vector<ChartPart>& parts, Get get) {
  w.begin_array(name);
  for (const ChartPart& part : parts) w.element(get(part));
  w.end();
}

std::string one_bar_a_part(const std::string& title, const std::vector<ChartPart>& parts,
                           const std::string& unit, bool floating) {
  json::Writer w(0);
  w.begin_object().field("type", "bar").field("title", title).field("horizontal", true);
  write_axis(w, "x", axis_title(unit), unit);
  w.begin_object("data");
  write_array(w, "labels", parts, [](const ChartPart& p) { return p.label; });
  w.begin_array("datasets").begin_object();
  write_array(w, "colours", parts, [](const ChartPart& p) { return p.cause; });
  w.begin_array("data");
  double below = 0;
  for (const ChartPart& part : parts) {
    if (floating) {
      w.begin_array().element(below).element(below + part.value).end();
      below += part.value;
    } else {
      w.element(part.value);
    }
  }
  w.end().end().end().end().end();
  return w.str();
}

} // namespace

Histogram histogram(const std::vector<double>& samples) {
  Histogram h;
  if (samples.empty()) return h;
  const auto [low, high] = std::minmax_element(samples.begin(), samples.end());
  const double width = *high - *low;
  if (width <= 0) {
    h.edges = {*low, *low};
    h.counts = {static_cast<int>(samples.size())};
    return h;
  }
  const int bins = std::clamp(
      static_cast<int>(std::ceil(std::sqrt(static_cast<double>(samples.size())))), 1, 30);
  for (int i = 0; i <= bins; ++i) h.edges.push_back(*low + width * i / bins);
  h.counts.resize(static_cast<std::size_t>(bins));
  for (const double sample : samples) {
    const int bin = static_cast<int>((sample - *low) / width * bins);
    ++h.counts[static_cast<std::size_t>(std::clamp(bin, 0, bins - 1))];
  }
  return h;
}

std::string histogram_chart(const std::string& title, const Histogram& bins,
                            const std::string& unit) {
  json::Writer w(0);
  w.begin_object().field("type", "bar").field("title", title);
  write_axis(w, "x", "", "text");
  write_axis(w, "y", "replications", "count");
  w.begin_object("data").begin_array("labels");
  for (std::size_t i = 0; i < bins.counts.size(); ++i)
    w.element(unit == "usd" ? usd_short((bins.edges[i] + bins.edges[i + 1]) / 2)
                            : duration((bins.edges[i] + bins.edges[i + 1]) / 2));
  w.end().begin_array("datasets").begin_object().begin_array("colours").element("accent").end();
  w.begin_array("data");
  for (const int count : bins.counts) w.element(count);
  w.end().end().end().end().end();
  return w.str();
}

std::string waterfall_chart(const std::string& title, const std::vector<ChartPart>& parts,
                            const std::string& unit) {
  return one_bar_a_part(title, parts, unit, true);
}

std::string bars_chart(const std::string& title, const std::vector<ChartPart>& parts,
                       const std::string& unit) {
  return one_bar_a_part(title, parts, unit, false);
}

std::string stack_chart(const std::string& title, const std::vector<ChartPart>& parts,
                        const std::string& unit) {
  json::Writer w(0);
  w.begin_object().field("type", "bar").field("title", title).field("horizontal", true);
  w.field("stacked", true).field("legend", true);
  write_axis(w, "x", axis_title(unit), unit);
  w.begin_object("data").begin_array("labels").element("").end().begin_array("datasets");
  for (const ChartPart& part : parts) {
    w.begin_object().field("label", part.label);
    w.begin_array("colours").element(part.cause).end();
    w.begin_array("data").element(part.value).end().end();
  }
  w.end().end().end();
  return w.str();
}

std::string area_chart(const std::string& title, const std::vector<Series>& series,
                       std::optional<std::int64_t> start) {
  json::Writer w(0);
  w.begin_object().field("type", "line").field("title", title).field("stacked", true);
  w.field("legend", true);
  write_time_axis(w, start);
  write_axis(w, "y", "US dollars", "usd");
  w.begin_object("data").begin_array("datasets");
  for (std::size_t i = 0; i < series.size(); ++i) {
    const Series& s = series[i];
    w.begin_object().field("label", s.name).field("fill", true);
    w.begin_array("colours").element(fmt::format("series{}", i % 8)).end().begin_array("data");
    for (std::size_t k = 0; k < std::min(s.time_s.size(), s.value.size()); ++k)
      w.begin_object().field("x", s.time_s[k] / seconds_per_day).field("y", s.value[k]).end();
    w.end().end();
  }
  w.end().end().end();
  return w.str();
}

std::string scatter_chart(const std::string& title, const std::vector<ScatterPoint>& points,
                          std::optional<std::int64_t> start) {
  json::Writer w(0);
  w.begin_object().field("type", "scatter").field("title", title).field("legend", true);
  write_time_axis(w, start);
  write_axis(w, "y", "US dollars", "usd");
  w.begin_object("data").begin_array("datasets");
  for (const bool highlighted : {true, false}) {
    w.begin_object().field("label", highlighted ? "Pareto" : "dominated");
    w.field("line", highlighted);
    w.begin_array("colours").element(highlighted ? "accent" : "other").end().begin_array("data");
    for (const ScatterPoint& p : points)
      if (p.highlighted == highlighted)
        w.begin_object().field("x", p.days).field("y", p.usd).field("label", p.label).end();
    w.end().end();
  }
  w.end().end().end();
  return w.str();
}

} // namespace windtunnel::scenarios
