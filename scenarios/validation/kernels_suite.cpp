#include "scenarios/validation/kernels_suite.hpp"

#include <fmt/format.h>

#include "libsim/json/writer.hpp"

namespace windtunnel::scenarios {
namespace {

std::string percent(double share) { return fmt::format("{:.1f}%", 100 * share); }

} // namespace

std::vector<KernelScore> scores_of(const std::vector<kernels::KernelTable>& tables) {
  std::vector<KernelScore> scores;
  for (const kernels::KernelTable& table : tables)
    for (const kernels::FittedGemm& gemm : table.gemm) {
      const kernels::HeldOut& e = gemm.errors;
      const auto row = [&](const char* method, const char* split, std::size_t sites,
                           const kernels::FitErrors& errors) {
        scores.push_back({"gemm", table.gpu, gemm.dtype, table.provenance.source, method, split,
                          e.split_seed, sites, errors});
      };
      row("model", "held-out", e.held_out_sites, e.model);
      row("roofline", "held-out", e.held_out_sites, e.roofline);
      row("model", "in-sample", e.sites - e.held_out_sites, e.in_sample);
    }
  return scores;
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
  text = fmt::format("{:6}{:14}{:11}{:10}{:10}{:>7}{:>7}{:>8}{:>8}{:>8}{:>8}\n", "OP", "GPU",
                     "DTYPE", "METHOD", "SPLIT", "SITES", "ROWS", "MAPE", "MEDIAN", "P90", "BIAS");
  for (const KernelScore& s : scores)
    text += fmt::format("{:6}{:14}{:11}{:10}{:10}{:>7}{:>7}{:>8}{:>8}{:>8}{:>8}\n", s.op, s.gpu,
                        s.dtype, s.method, s.split, s.sites, s.errors.rows, percent(s.errors.mean),
                        percent(s.errors.median), percent(s.errors.p90), percent(s.errors.bias));
  return text + "\nfitted on four fifths of the weight shapes (n, k), a fifth held out\n";
}

} // namespace windtunnel::scenarios
