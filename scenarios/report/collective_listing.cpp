#include "scenarios/report/collective_listing.hpp"

#include <fmt/format.h>

#include <cmath>

#include "libsim/json/writer.hpp"
#include "scenarios/report/report.hpp"

namespace windtunnel::scenarios {
namespace {

/// As nccl-tests: bytes over time, and that times the factor of the operation.
double algbw(const CollectiveRow& row) { return row.bytes / row.prediction.us * 1e-3; }

std::string to_json(const CollectiveListing& list) {
  const double factor = network::bus_factor(list.op, list.ranks);
  json::Writer w;
  w.begin_object().field("formatVersion", report_format_version).field("system", list.system.name);
  w.field("gpu", list.system.gpu).field("op", to_string(list.op)).field("ranks", list.ranks);
  w.field("nodes", list.nodes).field("assumed", list.system.assumed);
  if (list.error_before) w.field("log_median_ape", *list.error_before);
  if (list.error_left_out) w.field("log_median_ape_left_out", *list.error_left_out);
  w.begin_array("rows");
  for (const CollectiveRow& row : list.rows) {
    w.begin_object().field("size_bytes", static_cast<std::int64_t>(row.bytes));
    w.field("time_us", row.prediction.us).field("low_us", row.prediction.low_us);
    w.field("high_us", row.prediction.high_us).field("algbw_gb_s", algbw(row));
    w.field("busbw_gb_s", algbw(row) * factor);
    w.field("algorithm", to_string(row.prediction.choice.algorithm));
    w.field("protocol", to_string(row.prediction.choice.protocol));
    if (row.measured_us) w.field("measured_us", *row.measured_us);
    w.end();
  }
  return w.end().end().str();
}

std::string to_csv(const CollectiveListing& list) {
  const double factor = network::bus_factor(list.op, list.ranks);
  std::string text = "size_bytes,time_us,low_us,high_us,algbw_gb_s,busbw_gb_s,algorithm,protocol,"
                     "measured_us\n";
  for (const CollectiveRow& row : list.rows)
    text += fmt::format("{:.0f},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{},{},{}\n", row.bytes,
                        row.prediction.us, row.prediction.low_us, row.prediction.high_us,
                        algbw(row), algbw(row) * factor, to_string(row.prediction.choice.algorithm),
                        to_string(row.prediction.choice.protocol),
                        row.measured_us ? fmt::format("{:.6g}", *row.measured_us) : "");
  return text;
}

/// Four significant digits, as nccl-tests prints times.
std::string four(double value) {
  const int before = value < 1 ? 1 : static_cast<int>(std::floor(std::log10(value))) + 1;
  return fmt::format("{:.{}f}", value, std::max(0, 4 - before));
}

std::string to_table(const CollectiveListing& list) {
  const double factor = network::bus_factor(list.op, list.ranks);
  std::string text = fmt::format("# {} on {} ranks, {} nodes of {} ({}){}\n", to_string(list.op),
                                 list.ranks, list.nodes, list.system.name, list.system.gpu,
                                 list.system.assumed ? "; the network is assumed" : "");
  const bool measured = list.error_before.has_value();
  text += fmt::format("#{:>13}{:>11}{:>9}{:>9}  {:<10}{:<8}{:>20}{}\n", "size", "time", "algbw",
                      "busbw", "algorithm", "proto", "band", measured ? "   measured" : "");
  text += fmt::format("#{:>13}{:>11}{:>9}{:>9}  {:<10}{:<8}{:>20}{}\n", "(B)", "(us)", "(GB/s)",
                      "(GB/s)", "", "", "(us)", measured ? "       (us)" : "");
  for (const CollectiveRow& row : list.rows) {
    const network::Prediction& p = row.prediction;
    text += fmt::format(" {:>13.0f}{:>11}{:>9.2f}{:>9.2f}  {:<10}{:<8}{:>20}{}\n", row.bytes,
                        four(p.us), algbw(row), algbw(row) * factor, to_string(p.choice.algorithm),
                        to_string(p.choice.protocol), four(p.low_us) + " - " + four(p.high_us),
                        row.measured_us ? fmt::format("{:>11}", four(*row.measured_us)) : "");
  }
  text += "# band: four of five calls of machines like this one\n";
  if (measured)
    text += fmt::format("# the log: median error {:.1f}% before the fit, {:.1f}% after, each size "
                        "predicted without itself\n",
                        100 * *list.error_before, 100 * *list.error_left_out);
  return text;
}

} // namespace

std::string collective_listing(const CollectiveListing& listing, std::string_view format) {
  return format == "json"  ? to_json(listing)
         : format == "csv" ? to_csv(listing)
                           : to_table(listing);
}

} // namespace windtunnel::scenarios
