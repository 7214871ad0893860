#include "scenarios/calibration/table_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "libsim/base/error.hpp"
#include "libsim/json/writer.hpp"
#include "scenarios/report/numbers.hpp"
#include "scenarios/report/render_csv.hpp"
#include "scenarios/report/table.hpp"

namespace windtunnel::scenarios {
namespace {

using kernels::Basis;
using kernels::GemmTable;
using kernels::KernelTime;

constexpr std::size_t farthest_shown = 3;

struct SizeClass {
  const char* name;
  double below; ///< seconds
};
constexpr std::array<SizeClass, 4> size_classes{
    {{"< 10us", 10e-6}, {"10us-100us", 100e-6}, {"100us-1ms", 1e-3}, {">= 1ms", 1e9}}};

/// Answers of both tables at one site.
struct Pair {
  double m, n, k;
  KernelTime a, b;
  double ratio() const { return b.seconds / a.seconds; }
  double size() const { return std::sqrt(a.seconds * b.seconds); }
};

/// Adds the sites measured in `of`; those measured in both are taken from A alone.
void add_sites(const GemmTable& of, const GemmTable& a, const GemmTable& b,
               std::vector<Pair>& pairs) {
  const kernels::GemmGrid& grid = of.grid();
  for (std::size_t i_n = 0; i_n < grid.n.size(); ++i_n)
    for (std::size_t i_k = 0; i_k < grid.k.size(); ++i_k)
      for (std::size_t i_m = 0; i_m < grid.m.size(); ++i_m) {
        if (!grid.measured[grid.at(i_n, i_k, i_m)]) continue;
        Pair pair{static_cast<double>(grid.m[i_m]),
                  static_cast<double>(grid.n[i_n]),
                  static_cast<double>(grid.k[i_k]),
                  {},
                  {}};
        pair.a = a.time(pair.m, pair.n, pair.k);
        pair.b = b.time(pair.m, pair.n, pair.k);
        if (pair.a.basis == Basis::extrapolated || pair.b.basis == Basis::extrapolated) continue;
        if (&of == &b && pair.a.basis == Basis::exact) continue;
        pairs.push_back(pair);
      }
}

ComparedClass class_of(const std::string& dtype, const char* size, const std::vector<Pair>& pairs) {
  ComparedClass row{"gemm", dtype, size, pairs.size(), 0, 0, 0, 1, 0, 0, {}};
  std::vector<double> ratios;
  for (const Pair& pair : pairs) {
    ratios.push_back(pair.ratio());
    row.in_both += pair.a.basis == Basis::exact && pair.b.basis == Basis::exact;
    row.a_faster += pair.a.p90 < pair.b.p10;
    row.b_faster += pair.b.p90 < pair.a.p10;
  }
  row.a_faster /= static_cast<double>(pairs.size());
  row.b_faster /= static_cast<double>(pairs.size());
  const kernels::FitErrors errors = kernels::errors_of(std::move(ratios));
  row.median = errors.median;
  row.p90 = errors.p90;
  row.ratio = 1 + errors.bias;
  return row;
}

void compare(const kernels::FittedGemm& a, const kernels::FittedGemm& b,
             std::vector<ComparedClass>& rows) {
  std::vector<Pair> pairs;
  add_sites(a.table, a.table, b.table, pairs);
  add_sites(b.table, a.table, b.table, pairs);
  if (pairs.empty()) return;
  ComparedClass all = class_of(a.dtype, "all", pairs);
  double above = 0;
  for (const SizeClass& size : size_classes) {
    std::vector<Pair> part;
    std::ranges::copy_if(pairs, std::back_inserter(part), [&](const Pair& pair) {
      return above <= pair.size() && pair.size() < size.below;
    });
    if (!part.empty()) rows.push_back(class_of(a.dtype, size.name, part));
    above = size.below;
  }
  const auto difference = [](const Pair& pair) { return std::abs(std::log(pair.ratio())); };
  const auto shown = std::min(pairs.size(), farthest_shown);
  std::ranges::partial_sort(pairs, pairs.begin() + static_cast<std::ptrdiff_t>(shown),
                            std::ranges::greater{}, difference);
  for (const Pair& pair : std::span(pairs).first(shown))
    all.farthest.push_back(
        {fmt::format("m {} n {} k {}", pair.m, pair.n, pair.k), pair.a.seconds, pair.b.seconds});
  rows.push_back(std::move(all));
}

std::string microseconds(double seconds) { return three_digits(seconds * 1e6) + "us"; }

std::string text_of(const TableComparison& c) {
  std::string text = fmt::format("{}\nA: {}\nB: {}\n\n", c.gpu, c.a, c.b);
  Table rows({{"OP"},
              {"DTYPE"},
              {"TIME"},
              {"SITES", Align::right},
              {"IN BOTH", Align::right},
              {"MEDIAN", Align::right},
              {"P90", Align::right},
              {"B/A", Align::right},
              {"A FASTER", Align::right},
              {"B FASTER", Align::right}});
  for (const ComparedClass& row : c.classes)
    rows.add({row.op, row.dtype, row.size, grouped(static_cast<double>(row.sites)),
              grouped(static_cast<double>(row.in_both)), percent(row.median), percent(row.p90),
              fmt::format("{:.3f}", row.ratio), percent(row.a_faster), percent(row.b_faster)});
  text += rows.text();
  for (const ComparedClass& row : c.classes)
    for (const ComparedSite& site : row.farthest)
      text +=
          fmt::format("{}{} {} {}: A {}, B {}\n",
                      &site == &row.farthest.front() ? "\nfarthest apart: " : "                ",
                      row.op, row.dtype, site.site, microseconds(site.a), microseconds(site.b));
  const auto only = [&](const char* in, const std::vector<std::string>& what) {
    for (const std::string& operator_ : what)
      text += fmt::format("only in {}: {}\n", in, operator_);
  };
  if (!c.only_in_a.empty() || !c.only_in_b.empty()) text += "\n";
  only("A", c.only_in_a);
  only("B", c.only_in_b);
  return text +
         "\nMEDIAN and P90 are of |B/A - 1|; faster is where the bands P10-P90 do not meet\n";
}

std::string json_of(const TableComparison& c) {
  json::Writer w;
  w.begin_object().field("gpu", c.gpu).field("a", c.a).field("b", c.b).begin_array("rows");
  for (const ComparedClass& row : c.classes) {
    w.begin_object()
        .field("op", row.op)
        .field("dtype", row.dtype)
        .field("size", row.size)
        .field("sites", static_cast<std::int64_t>(row.sites))
        .field("in_both", static_cast<std::int64_t>(row.in_both))
        .field("median_difference", row.median)
        .field("p90_difference", row.p90)
        .field("ratio", row.ratio)
        .field("a_faster", row.a_faster)
        .field("b_faster", row.b_faster);
    if (!row.farthest.empty()) {
      w.begin_array("farthest");
      for (const ComparedSite& site : row.farthest)
        w.begin_object().field("site", site.site).field("a_s", site.a).field("b_s", site.b).end();
      w.end();
    }
    w.end();
  }
  w.end();
  const auto only = [&](const char* name, const std::vector<std::string>& what) {
    w.begin_array(name);
    for (const std::string& operator_ : what) w.element(operator_);
    w.end();
  };
  only("only_in_a", c.only_in_a);
  only("only_in_b", c.only_in_b);
  return w.end().str();
}

std::string csv_of(const TableComparison& c) {
  std::string text =
      "op,dtype,size,sites,in_both,median_difference,p90_difference,ratio,a_faster,b_faster\n";
  for (const ComparedClass& row : c.classes)
    text += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", row.op, row.dtype, row.size, row.sites,
                        row.in_both, row.median, row.p90, row.ratio, row.a_faster, row.b_faster);
  return text;
}

} // namespace

TableComparison compare_tables(const kernels::KernelTable& a, const kernels::KernelTable& b) {
  if (a.gpu != b.gpu)
    throw InputError("comparison", {{"", "table A is of " + a.gpu + " and table B of " + b.gpu}});
  TableComparison comparison{a.gpu, a.provenance.source, b.provenance.source, {}, {}, {}};
  const auto find = [](const kernels::KernelTable& table, const std::string& dtype) {
    const auto found = std::ranges::find(table.gemm, dtype, &kernels::FittedGemm::dtype);
    return found == table.gemm.end() ? nullptr : &*found;
  };
  for (const kernels::FittedGemm& gemm : a.gemm)
    if (const kernels::FittedGemm* const other = find(b, gemm.dtype))
      compare(gemm, *other, comparison.classes);
    else
      comparison.only_in_a.push_back("gemm " + gemm.dtype);
  for (const kernels::FittedGemm& gemm : b.gemm)
    if (!find(a, gemm.dtype)) comparison.only_in_b.push_back("gemm " + gemm.dtype);
  return comparison;
}

std::string render(const TableComparison& comparison, const std::string& format) {
  return format == "json"  ? json_of(comparison)
         : format == "csv" ? csv_of(comparison)
                           : text_of(comparison);
}

} // namespace windtunnel::scenarios
