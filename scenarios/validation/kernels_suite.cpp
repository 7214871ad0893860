#include "scenarios/validation/kernels_suite.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "libsim/json/writer.hpp"

namespace windtunnel::scenarios {
namespace {

std::string percent(double share) { return fmt::format("{:.1f}%", 100 * share); }

/// "attention_decode", "attention_prefill_window128"
std::string name_of(const kernels::AttentionRoofline& roofline) {
  std::string name = fmt::format("attention_{}", to_string(roofline.phase));
  if (roofline.window > 0) name += fmt::format("_window{}", roofline.window);
  return name;
}

} // namespace

std::vector<KernelScore> scores_of(const std::vector<kernels::KernelTable>& tables) {
  std::vector<KernelScore> scores;
  for (const kernels::KernelTable& table : tables) {
    const auto row = [&](const std::string& op, const std::string& dtype, const char* method,
                         const char* split, const kernels::HeldOut& e, std::size_t sites,
                         const kernels::FitErrors& errors) {
      scores.push_back({op, table.gpu, dtype, table.provenance.source, method, split, e.split_seed,
                        sites, errors});
    };
    const auto rows = [&](const std::string& op, const std::string& dtype,
                          const kernels::HeldOut& e) {
      row(op, dtype, "model", "held-out", e, e.held_out_sites, e.model);
      row(op, dtype, "roofline", "held-out", e, e.held_out_sites, e.roofline);
      row(op, dtype, "model", "in-sample", e, e.sites - e.held_out_sites, e.in_sample);
    };
    for (const kernels::FittedGemm& gemm : table.gemm) rows("gemm", gemm.dtype, gemm.errors);
    for (const kernels::FittedAttention& attention : table.attention) {
      const std::string op = name_of(attention.table.roofline());
      rows(op, attention.cache, attention.errors);
      row(op, attention.cache, "model", "held-out-lengths", attention.errors,
          attention.errors.sites, attention.lengths);
    }
  }
  return scores;
}

std::string left_out_of(const kernels::KernelTable& table) {
  std::string text;
  for (const std::string& what : table.left_out) text += fmt::format("left out: {}\n", what);
  return text;
}

std::string render(const std::vector<KernelScore>& scores, const std::string& format) {
  if (format == "json") {
    json::Writer w;
    w.begin_object().field("suite", "kernels").begin_array("rows");
    for (const KernelScore& s : scores)
      w.begin_object()
          .field("op", s.op)
          .field("gpu", s.gpu)
          .field("dtype", s.dtype)
          .field("source", s.source)
          .field("method", s.method)
          .field("n", static_cast<std::int64_t>(s.errors.rows))
          .field("split", s.split)
          .field("split_seed", static_cast<std::int64_t>(s.split_seed))
          .field("sites", static_cast<std::int64_t>(s.sites))
          .field("mape", s.errors.mean)
          .field("median_ape", s.errors.median)
          .field("p90_ape", s.errors.p90)
          .field("bias", s.errors.bias)
          .end();
    return w.end().end().str();
  }
  std::string text;
  if (format == "csv") {
    text = "op,gpu,dtype,source,method,n,split,split_seed,sites,mape,median_ape,p90_ape,bias\n";
    for (const KernelScore& s : scores)
      text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", s.op, s.gpu, s.dtype,
                          s.source, s.method, s.errors.rows, s.split, s.split_seed, s.sites,
                          s.errors.mean, s.errors.median, s.errors.p90, s.errors.bias);
    return text;
  }
  std::size_t width = 6;
  for (const KernelScore& s : scores) width = std::max(width, s.op.size() + 2);
  const auto line = [&](const auto&... cells) {
    text += fmt::format("{:{}}{:14}{:11}{:10}{:18}{:>5}{:>7}{:>8}{:>8}{:>8}{:>8}\n", cells...);
  };
  line("OP", width, "GPU", "DTYPE", "METHOD", "SPLIT", "SITES", "ROWS", "MAPE", "MEDIAN", "P90",
       "BIAS");
  for (const KernelScore& s : scores)
    line(s.op, width, s.gpu, s.dtype, s.method, s.split, s.sites, s.errors.rows,
         percent(s.errors.mean), percent(s.errors.median), percent(s.errors.p90),
         percent(s.errors.bias));
  return text + "\nfitted on four fifths of the shapes (n x k of weights, heads of attention), a "
                "fifth held "
                "out;\nheld-out-lengths: fitted without every second length of all shapes\n";
}

} // namespace windtunnel::scenarios
