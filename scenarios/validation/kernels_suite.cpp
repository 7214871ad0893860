#include "scenarios/validation/kernels_suite.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "libsim/json/writer.hpp"
#include "models/kernels/gemm_scores.hpp"
#include "models/kernels/gpu_kernels.hpp"

namespace windtunnel::scenarios {
namespace {

std::string percent(double share) { return fmt::format("{:.1f}%", 100 * share); }

void add(std::vector<KernelScore>& scores, const kernels::KernelTable& table, const std::string& op,
         const std::string& dtype, const char* split, const kernels::TableScore& score) {
  if (score.model.rows == 0) return;
  KernelScore row{op,          table.gpu,    dtype, table.provenance.source,
                  "model",     split,        0,     score.sites,
                  score.model, score.covered};
  scores.push_back(row);
  row.method = "roofline";
  row.errors = score.roofline;
  row.covered.reset();
  scores.push_back(row);
}

} // namespace

std::vector<KernelScore> scores_of(const std::vector<kernels::KernelTable>& tables) {
  std::vector<KernelScore> scores;
  for (const kernels::KernelTable& table : tables) {
    const auto add_errors = [&](const std::string& op, const std::string& dtype,
                                const kernels::HeldOut& e) {
      const auto row = [&](const char* method, const char* split, std::size_t sites,
                           const kernels::FitErrors& errors) {
        scores.push_back({op, table.gpu, dtype, table.provenance.source, method, split,
                          e.split_seed, sites, errors, std::nullopt});
      };
      row("model", "held-out", e.held_out_sites, e.model);
      scores.back().covered = e.covered;
      row("roofline", "held-out", e.held_out_sites, e.roofline);
      row("model", "in-sample", e.sites - e.held_out_sites, e.in_sample);
    };
    for (const kernels::FittedGemm& gemm : table.gemm) {
      add_errors("gemm", gemm.dtype, gemm.errors);
      if (gemm.fresh)
        scores.push_back({"gemm", table.gpu, gemm.dtype, table.provenance.source, "model", "fresh",
                          gemm.errors.split_seed, gemm.fresh->rows, *gemm.fresh, std::nullopt});
      add(scores, table, "gemm", gemm.dtype, "held-out-between", score_between_shapes(gemm.table));
      add(scores, table, "gemm", gemm.dtype, "held-out-between-m", score_between_m(gemm.table));
      add(scores, table, "gemm", gemm.dtype, "held-out-octave", score_beyond_edges(gemm.table));
    }
    for (const kernels::FittedAttention& attention : table.attention) {
      const std::string op = kernels::attention_name(attention.table.roofline().phase,
                                                     attention.table.roofline().window);
      add_errors(op, attention.cache, attention.errors);
      scores.push_back({op, table.gpu, attention.cache, table.provenance.source, "model",
                        "held-out-lengths", attention.errors.split_seed, attention.errors.sites,
                        attention.lengths, std::nullopt});
    }
    for (const kernels::FittedMemory& memory : table.memory) {
      const std::vector<kernels::FittedOperator>& all = memory.fit.operators;
      add_errors(all.size() == 1 ? all.front().op->name : "memory", memory.dtype,
                 memory.fit.errors);
    }
  }
  return scores;
}

std::vector<KernelScore> scores_of_transfers(const std::vector<kernels::KernelTable>& tables,
                                             const catalog::Catalog& catalog) {
  std::vector<KernelScore> scores;
  for (const kernels::TransferScore& s : kernels::score_transfers(tables, catalog))
    add(scores, *s.table, s.op, s.dtype, "gpu-held-out", s.score);
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
    for (const KernelScore& s : scores) {
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
          .field("bias", s.errors.bias);
      if (s.covered) w.field("covered", *s.covered);
      w.end();
    }
    return w.end().end().str();
  }
  std::string text;
  if (format == "csv") {
    text = "op,gpu,dtype,source,method,n,split,split_seed,sites,mape,median_ape,p90_ape,bias,"
           "covered\n";
    for (const KernelScore& s : scores)
      text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", s.op, s.gpu, s.dtype,
                          s.source, s.method, s.errors.rows, s.split, s.split_seed, s.sites,
                          s.errors.mean, s.errors.median, s.errors.p90, s.errors.bias,
                          s.covered ? fmt::format("{}", *s.covered) : "");
    return text;
  }
  text = fmt::format("{:28}{:14}{:11}{:10}{:19}{:>6}{:>7}{:>8}{:>8}{:>8}{:>8}{:>8}\n", "OP", "GPU",
                     "DTYPE", "METHOD", "SPLIT", "SITES", "ROWS", "MAPE", "MEDIAN", "P90", "BIAS",
                     "COVERED");
  for (const KernelScore& s : scores)
    text += fmt::format("{:28}{:14}{:11}{:10}{:19}{:>6}{:>7}{:>8}{:>8}{:>8}{:>8}{:>8}\n", s.op,
                        s.gpu, s.dtype, s.method, s.split, s.sites, s.errors.rows,
                        percent(s.errors.mean), percent(s.errors.median), percent(s.errors.p90),
                        percent(s.errors.bias), s.covered ? percent(*s.covered) : "");
  return text +
         "\nheld-out            a fifth of the shapes (n x k of weights, heads of attention, "
         "widths), the\n                    fit made from the others\n"
         "fresh               shapes drawn and measured in the same run, to score it\n"
         "held-out-lengths    every second length of all head shapes\n"
         "held-out-between    every second n, then k, from their neighbours\n"
         "held-out-between-m  every second m, of those half an octave apart\n"
         "held-out-octave     the outermost octave of m, n and k, from the edge before it\n"
         "two-source          steps summed from kernels, against the suite steps\n"
         "gpu-held-out        the whole GPU, from its specifications and other GPUs' tables\n"
         "covered             share of the rows within P10-P90\n";
}

} // namespace windtunnel::scenarios
