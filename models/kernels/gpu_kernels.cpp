#include "models/kernels/gpu_kernels.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "libsim/base/error.hpp"
#include "models/kernels/gemm_scores.hpp"

namespace windtunnel::kernels {
namespace {

GemmFormat format_of(std::string_view dtype, const catalog::GpuSpec& gpu) {
  const auto named = [](std::string_view name) {
    return std::ranges::find(gemm_formats(), name, &GemmFormat::name);
  };
  const auto found = named(dtype == "fp16" ? "bf16" : dtype);
  if (found == gemm_formats().end()) {
    std::string known;
    for (const GemmFormat& format : gemm_formats())
      known += (known.empty() ? "" : ", ") + std::string(format.name);
    throw InputError("number format", {{"", "'" + std::string(dtype) + "' is none of " + known +
                                                " (" + gpu.name + ")"}});
  }
  GemmFormat format = *found;
  if (dtype == "fp16") format.peak = catalog::Dtype::fp16;
  return format;
}

/// The first table of each GPU with what `find(table)` says; null where it has none.
template <class Measured, class Find> struct Found {
  std::vector<Measured> measured;
  std::vector<const KernelTable*> tables; ///< the same order
  Found(const std::vector<const KernelTable*>& all, const catalog::Catalog& catalog,
        const Find& find) {
    for (const KernelTable* const table : all) {
      const auto* const found = find(*table);
      const catalog::GpuSpec* const gpu = catalog.gpu(table->gpu);
      const auto same = [&](const Measured& other) { return other.gpu == gpu; };
      if (!found || !gpu || std::ranges::any_of(measured, same)) continue;
      measured.push_back({gpu, found});
      tables.push_back(table);
    }
  }
  /// Scores of all that are not alone.
  void score(const std::string& op, const std::string& dtype, const auto& score_one,
             std::vector<TransferScore>& scores) const {
    for (std::size_t i = 0; measured.size() > 1 && i < measured.size(); ++i)
      scores.push_back({tables[i], op, dtype, score_one(i)});
  }
  const KernelTable* nearest(const catalog::GpuSpec& gpu, catalog::Dtype peak) const {
    std::vector<const catalog::GpuSpec*> gpus;
    for (const Measured& one : measured) gpus.push_back(one.gpu);
    return tables[relatives_of(gpu, peak, gpus).front().index];
  }
};
template <class Measured, class Find>
Found<Measured, Find> find_all(const std::vector<const KernelTable*>& all,
                               const catalog::Catalog& catalog, const Find& find) {
  return {all, catalog, find};
}

auto gemm_of(const char* dtype) {
  return [dtype](const KernelTable& table) -> const GemmTable* {
    const auto found = std::ranges::find(table.gemm, dtype, &FittedGemm::dtype);
    return found == table.gemm.end() ? nullptr : &found->table;
  };
}

auto attention_of(AttentionPhase phase, std::string_view cache, std::int64_t window) {
  return [=](const KernelTable& table) -> const AttentionTable* {
    for (const FittedAttention& fitted : table.attention)
      if (fitted.cache == cache && fitted.table.roofline().phase == phase &&
          fitted.table.roofline().window == window)
        return &fitted.table;
    return nullptr;
  };
}

auto memory_of(std::string_view op, std::string_view dtype) {
  return [=](const KernelTable& table) -> const MemoryTable* {
    for (const FittedMemory& memory : table.memory)
      for (const FittedOperator& fitted : memory.fit.operators)
        if (memory.dtype == dtype && fitted.op->name == op) return &fitted.table;
    return nullptr;
  };
}

KernelAnswer answer_of(const KernelTime& time, const KernelTable* table) {
  return {time.seconds, time.p10, time.p90, time.basis, table};
}

} // namespace

KernelAnswer GemmKernel::time(double m, double n, double k) const {
  KernelTime answer = sources_.front().gemm->time(m, n, k);
  const Source* from = &sources_.front();
  for (std::size_t i = 1; i < sources_.size() && answer.basis == Basis::extrapolated; ++i) {
    const KernelTime other = sources_[i].gemm->time(m, n, k);
    if (other.basis == Basis::extrapolated) continue;
    answer = other;
    from = &sources_[i];
  }
  return answer_of(answer, from->table);
}

KernelAnswer AttentionKernel::time(double batch, double length) const {
  return answer_of(measured_ ? measured_->time(batch, length) : transferred_->time(batch, length),
                   table_);
}

KernelAnswer MemoryKernel::time(double rows, double width) const {
  return answer_of(measured_ ? measured_->time(rows, width) : transferred_->time(rows, width),
                   table_);
}

GpuKernels::GpuKernels(const catalog::GpuSpec& gpu, std::span<const KernelTable> tables,
                       const catalog::Catalog& catalog)
    : gpu_(gpu), catalog_(catalog) {
  for (const bool own : {true, false})
    for (const KernelTable& table : tables)
      if (table.own_suite() == own) tables_.push_back(&table);
}

GemmTable GpuKernels::transferred_gemm(std::string_view dtype) const {
  const GemmFormat format = format_of(dtype, gpu_);
  return transfer_gemm(gpu_, format,
                       find_all<MeasuredGemm>(tables_, catalog_, gemm_of(format.name)).measured);
}

GemmKernel GpuKernels::gemm(std::string_view dtype) const {
  const GemmFormat format = format_of(dtype, gpu_);
  roofline_of(gpu_, format); // throws without a peak
  GemmKernel kernel;
  const auto add_measured = [&](const char* name) {
    for (const KernelTable* const table : tables_)
      if (const GemmTable* const gemm = gemm_of(name)(*table); gemm && table->gpu == gpu_.name)
        kernel.sources_.push_back({table, gemm});
  };
  if (dtype == "fp16") add_measured("fp16");
  add_measured(format.name);
  if (!kernel.sources_.empty()) return kernel;

  const auto all = find_all<MeasuredGemm>(tables_, catalog_, gemm_of(format.name));
  kernel.own_ = std::make_shared<const GemmTable>(transfer_gemm(gpu_, format, all.measured));
  kernel.sources_.push_back({all.nearest(gpu_, format.peak), kernel.own_.get()});
  return kernel;
}

AttentionKernel GpuKernels::attention(AttentionPhase phase, std::string_view cache,
                                      std::int64_t window, const AttentionShape& shape) const {
  const auto format = std::ranges::find(attention_caches(), cache, &AttentionCache::name);
  if (format == attention_caches().end())
    throw InputError("cache format", {{"", "'" + std::string(cache) + "' is unknown"}});
  const auto find = attention_of(phase, cache, window);
  AttentionKernel kernel;
  for (const KernelTable* const table : tables_)
    if (const AttentionTable* const attention = find(*table);
        attention && table->gpu == gpu_.name) {
      kernel.measured_ = attention->curve(shape);
      kernel.table_ = table;
      return kernel;
    }
  const auto all = find_all<MeasuredAttention>(tables_, catalog_, find);
  kernel.transferred_ =
      transfer_attention(gpu_, roofline_of(gpu_, phase, *format, window), shape, all.measured);
  kernel.table_ = all.nearest(gpu_, catalog::Dtype::bf16);
  return kernel;
}

MemoryKernel GpuKernels::memory(std::string_view op, std::string_view dtype) const {
  const auto find = memory_of(op, dtype == "fp16" ? "bf16" : dtype);
  MemoryKernel kernel;
  for (const KernelTable* const table : tables_)
    if (const MemoryTable* const memory = find(*table); memory && table->gpu == gpu_.name) {
      kernel.measured_ = memory;
      kernel.table_ = table;
      return kernel;
    }
  const auto all = find_all<MeasuredMemory>(tables_, catalog_, find);
  kernel.transferred_ = transfer_memory(gpu_, all.measured);
  kernel.table_ = all.nearest(gpu_, catalog::Dtype::fp16);
  return kernel;
}

std::string attention_name(AttentionPhase phase, std::int64_t window) {
  std::string name = std::string("attention_") + to_string(phase);
  return window > 0 ? name + "_window" + std::to_string(window) : name;
}

std::vector<TransferScore> score_transfers(std::span<const KernelTable> tables,
                                           const catalog::Catalog& catalog) {
  std::vector<const KernelTable*> all;
  for (const KernelTable& table : tables) all.push_back(&table);
  std::vector<TransferScore> scores;
  for (const GemmFormat& format : gemm_formats()) {
    const auto found = find_all<MeasuredGemm>(all, catalog, gemm_of(format.name));
    const auto score = [&](std::size_t i) {
      const auto& [gpu, table] = found.measured[i];
      return score_on(transfer_gemm(*gpu, format, found.measured), *table);
    };
    found.score("gemm", format.name, score, scores);
  }
  using Kind = std::tuple<AttentionPhase, std::string, std::int64_t>;
  std::set<Kind> kinds;
  for (const KernelTable* const table : all)
    for (const FittedAttention& fitted : table->attention)
      kinds.emplace(fitted.table.roofline().phase, fitted.cache, fitted.table.roofline().window);
  for (const auto& [phase, cache, window] : kinds) {
    const auto found =
        find_all<MeasuredAttention>(all, catalog, attention_of(phase, cache, window));
    const auto score = [&](std::size_t i) { return score_transfer(i, found.measured); };
    found.score(attention_name(phase, window), cache, score, scores);
  }
  for (const char* const dtype : {"bf16", "fp32"})
    for (const MemoryOperator& op : memory_operators()) {
      const auto found = find_all<MeasuredMemory>(all, catalog, memory_of(op.name, dtype));
      const auto score = [&](std::size_t i) { return score_transfer(i, found.measured); };
      found.score(op.name, dtype, score, scores);
    }
  return scores;
}

} // namespace windtunnel::kernels
