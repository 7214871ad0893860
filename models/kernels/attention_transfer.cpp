#include "models/kernels/attention_transfer.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

namespace windtunnel::kernels {
namespace {

/// log(measured / roofline) of a node; nullopt where the table has no measurement.
std::optional<double> measured_ratio(const AttentionTable& table, const AttentionShape& shape,
                                     std::int64_t batch, std::int64_t length) {
  const AttentionGrid& grid = table.grid();
  const auto index = [](const auto& axis, const auto& value) -> std::optional<std::size_t> {
    const auto found = std::ranges::lower_bound(axis, value);
    if (found == axis.end() || *found != value) return std::nullopt;
    return static_cast<std::size_t>(found - axis.begin());
  };
  const auto s = index(grid.shapes, shape), b = index(grid.batch, batch),
             l = index(grid.length, length);
  if (!s || !b || !l) return std::nullopt;
  const auto log_ratio = static_cast<double>(grid.log_ratio[grid.at(*s, *b, *l)]);
  return std::isnan(log_ratio) ? std::nullopt : std::optional(log_ratio);
}

/// `visit(shape, batch, length, measured, predicted)`, the last two log ratios, for the nodes that
/// were measured on the GPU and on all its relatives.
void each_common(const MeasuredAttention& held_out, std::span<const MeasuredAttention> measured,
                 const std::vector<Relative>& relatives, const auto& visit) {
  const AttentionGrid& grid = held_out.table->grid();
  for (const AttentionShape& shape : grid.shapes)
    for (const std::int64_t batch : grid.batch)
      for (const std::int64_t length : grid.length) {
        const auto own = measured_ratio(*held_out.table, shape, batch, length);
        double predicted = 0;
        bool known = own.has_value();
        for (std::size_t i = 0; known && i < relatives.size(); ++i) {
          const auto ratio =
              measured_ratio(*measured[relatives[i].index].table, shape, batch, length);
          known = ratio.has_value();
          if (known) predicted += relatives[i].weight * *ratio;
        }
        if (known)
          visit(shape, static_cast<double>(batch), static_cast<double>(length), *own, predicted);
      }
}

std::vector<const catalog::GpuSpec*> gpus_of(std::span<const MeasuredAttention> measured) {
  std::vector<const catalog::GpuSpec*> gpus;
  for (const MeasuredAttention& attention : measured) gpus.push_back(attention.gpu);
  return gpus;
}

LogBand band_of(const catalog::GpuSpec& gpu, std::span<const MeasuredAttention> measured) {
  const auto score = [&](std::size_t held_out, const std::vector<Relative>& relatives,
                         std::vector<double>& logs) {
    each_common(measured[held_out], measured, relatives,
                [&](const AttentionShape&, double, double, double own, double predicted) {
                  logs.push_back(own - predicted);
                });
  };
  return band_of_transfer(gpu, catalog::Dtype::bf16, gpus_of(measured), score);
}

} // namespace

TransferredAttention::TransferredAttention(const AttentionRoofline& roofline,
                                           const AttentionShape& shape,
                                           std::span<const MeasuredAttention> measured,
                                           const std::vector<Relative>& relatives, LogBand band)
    : roofline_(roofline), shape_(shape), band_(band) {
  for (const Relative& relative : relatives) {
    const AttentionTable& table = *measured[relative.index].table;
    sources_.push_back({table.curve(shape), table.roofline(), relative.weight});
  }
}

KernelTime TransferredAttention::time(double batch, double length) const {
  double log_ratio = 0;
  for (const Source& source : sources_)
    log_ratio += source.weight * std::log(source.curve.time(batch, length).seconds /
                                          source.roofline.seconds(shape_, batch, length));
  const double seconds = roofline_.seconds(shape_, batch, length) * std::exp(log_ratio);
  return {seconds, seconds * std::exp(band_.p10), seconds * std::exp(band_.p90),
          Basis::transferred};
}

TransferredAttention transfer_attention(const catalog::GpuSpec& gpu,
                                        const AttentionRoofline& roofline,
                                        const AttentionShape& shape,
                                        std::span<const MeasuredAttention> measured) {
  const std::vector<Relative> relatives =
      relatives_of(gpu, catalog::Dtype::bf16, gpus_of(measured));
  return {roofline, shape, measured, relatives, band_of(gpu, measured)};
}

TableScore score_transfer(std::size_t held_out, std::span<const MeasuredAttention> measured) {
  const catalog::GpuSpec* const gpu = measured[held_out].gpu;
  const AttentionTable* const table = measured[held_out].table;
  const std::vector<Relative> relatives =
      relatives_of(*gpu, catalog::Dtype::bf16, gpus_of(measured));
  const LogBand band = band_of(*gpu, measured);
  ScoredRows rows;
  std::set<AttentionShape> shapes;
  each_common(
      measured[held_out], measured, relatives,
      [&](const AttentionShape& shape, double batch, double length, double own, double predicted) {
        const AttentionRoofline& roofline = table->roofline();
        const double ideal = roofline.seconds(shape, batch, length),
                     seconds = ideal * std::exp(predicted);
        rows.add({seconds, seconds * std::exp(band.p10), seconds * std::exp(band.p90),
                  Basis::transferred},
                 roofline.plain_seconds(shape, batch, length), ideal * std::exp(own));
        shapes.insert(shape);
      });
  return rows.score(shapes.size());
}

} // namespace windtunnel::kernels
