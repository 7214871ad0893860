#include "models/kernels/memory_transfer.hpp"

#include <cmath>

namespace windtunnel::kernels {
namespace {

constexpr catalog::Dtype peak = catalog::Dtype::fp16; ///< that all GPUs have

std::vector<const catalog::GpuSpec*> gpus_of(std::span<const MeasuredMemory> measured) {
  std::vector<const catalog::GpuSpec*> gpus;
  for (const MeasuredMemory& memory : measured) gpus.push_back(memory.gpu);
  return gpus;
}

void each_measured(const MemoryTable& table, const auto& visit) {
  const MemoryGrid& grid = table.grid();
  for (std::size_t node = 0; node < grid.log_ratio.size(); ++node) {
    if (!grid.measured[node]) continue;
    const auto rows = static_cast<double>(grid.rows[node % grid.rows.size()]),
               width = static_cast<double>(grid.width[node / grid.rows.size()]);
    visit(rows, width, table.time(rows, width).seconds);
  }
}

LogBand band_of(const catalog::GpuSpec& gpu, std::span<const MeasuredMemory> measured) {
  const auto score = [&](std::size_t held_out, const std::vector<Relative>& relatives,
                         std::vector<double>& logs) {
    const auto& [other, table] = measured[held_out];
    // Alone of its kind: as far as it is from the law with its default parameters.
    MemoryGrid flat = table->grid();
    flat.log_ratio.assign(flat.log_ratio.size(), 0);
    const MemoryTable defaults(*other, table->bytes(), MemoryLaw{}, std::move(flat), 0, 0);
    const std::vector<MeasuredMemory> unknown{{other, &defaults}};
    const TransferredMemory transferred = relatives.empty()
                                              ? TransferredMemory(*other, unknown, {{0, 1}}, {})
                                              : TransferredMemory(*other, measured, relatives, {});
    each_measured(*table, [&](double rows, double width, double seconds) {
      logs.push_back(std::log(seconds / transferred.time(rows, width).seconds));
    });
  };
  return band_of_transfer(gpu, peak, gpus_of(measured), score);
}

} // namespace

TransferredMemory::TransferredMemory(const catalog::GpuSpec& gpu,
                                     std::span<const MeasuredMemory> measured,
                                     const std::vector<Relative>& relatives, LogBand band)
    : band_(band) {
  for (const Relative& relative : relatives) {
    const MemoryTable& table = *measured[relative.index].table;
    sources_.push_back(
        {MemoryTable(gpu, table.bytes(), table.law(), table.grid(), 0, 0), relative.weight});
  }
}

KernelTime TransferredMemory::time(double rows, double width) const {
  double log_seconds = 0;
  for (const Source& source : sources_)
    log_seconds += source.weight * std::log(source.table.time(rows, width).seconds);
  const double seconds = std::exp(log_seconds);
  return {seconds, seconds * std::exp(band_.p10), seconds * std::exp(band_.p90),
          Basis::transferred};
}

TransferredMemory transfer_memory(const catalog::GpuSpec& gpu,
                                  std::span<const MeasuredMemory> measured) {
  return {gpu, measured, relatives_of(gpu, peak, gpus_of(measured)), band_of(gpu, measured)};
}

TableScore score_transfer(std::size_t held_out, std::span<const MeasuredMemory> measured) {
  const catalog::GpuSpec* const gpu = measured[held_out].gpu;
  const MemoryTable* const table = measured[held_out].table;
  const TransferredMemory transferred = transfer_memory(*gpu, measured);
  ScoredRows rows;
  std::size_t sites = 0;
  double last_width = 0;
  each_measured(*table, [&](double row_count, double width, double seconds) {
    if (width != last_width) ++sites;
    last_width = width;
    rows.add(transferred.time(row_count, width),
             table->bytes() * row_count * width / gpu->memory_bandwidth.bytes_per_second(),
             seconds);
  });
  return rows.score(sites);
}

} // namespace windtunnel::kernels
