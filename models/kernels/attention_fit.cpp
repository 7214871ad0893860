#include "models/kernels/attention_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

template <class Values> std::size_t index_in(const Values& ascending, const auto& value) {
  return static_cast<std::size_t>(std::ranges::lower_bound(ascending, value) - ascending.begin());
}

AttentionGrid grid_of(std::span<const AttentionSample> samples, const AttentionRoofline& roofline) {
  std::set<std::int64_t> batches, lengths;
  std::set<AttentionShape> shapes;
  for (const AttentionSample& s : samples) {
    batches.insert(s.batch);
    lengths.insert(s.length);
    shapes.insert(s.shape);
  }
  AttentionGrid grid{{batches.begin(), batches.end()},
                     {lengths.begin(), lengths.end()},
                     {shapes.begin(), shapes.end()},
                     {}};
  grid.log_ratio.assign(shapes.size() * batches.size() * lengths.size(),
                        std::numeric_limits<float>::quiet_NaN());
  for (const AttentionSample& s : samples)
    grid.log_ratio[grid.at(index_in(grid.shapes, s.shape), index_in(grid.batch, s.batch),
                           index_in(grid.length, s.length))] =
        static_cast<float>(
            std::log(s.seconds / roofline.seconds(s.shape, static_cast<double>(s.batch),
                                                  static_cast<double>(s.length))));
  return grid;
}

} // namespace

std::string name_of(const AttentionShape& shape) {
  return fmt::format("{}/{} x {}", shape.heads, shape.kv_heads, shape.head_dim);
}

HeldOut score_held_out(std::span<const AttentionSample> samples, const AttentionRoofline& roofline,
                       std::uint64_t split_seed) {
  std::map<AttentionShape, std::vector<AttentionSample>> by_shape;
  for (const AttentionSample& s : samples) by_shape[s.shape].push_back(s);
  std::vector<AttentionSample> fitted;
  HeldOut result;
  result.split_seed = split_seed;
  result.sites = by_shape.size();
  for (const auto& [shape, rows] : by_shape)
    if (is_held_out(name_of(shape), split_seed))
      ++result.held_out_sites;
    else
      fitted.insert(fitted.end(), rows.begin(), rows.end());
  if (result.sites < fewest_head_shapes || result.held_out_sites == 0)
    throw ModelError("too few head shapes to hold a fifth of them out: " +
                     std::to_string(result.sites));

  const AttentionTable table(roofline, grid_of(fitted, roofline), 0, 0);
  const AttentionGrid& grid = table.grid();
  std::vector<double> model, plain, in_sample, logs;
  for (const auto& [shape, rows] : by_shape) {
    if (!is_held_out(name_of(shape), split_seed)) {
      const std::vector<double> smoothed = table.smoothed(shape);
      for (const AttentionSample& s : rows) {
        const double ideal =
            roofline.seconds(shape, static_cast<double>(s.batch), static_cast<double>(s.length));
        const std::size_t node =
            grid.at(0, index_in(grid.batch, s.batch), index_in(grid.length, s.length));
        in_sample.push_back(ideal * std::exp(smoothed[node]) / s.seconds);
      }
      continue;
    }
    const AttentionCurve curve = table.curve(shape);
    for (const AttentionSample& s : rows) {
      const auto batch = static_cast<double>(s.batch), length = static_cast<double>(s.length);
      const double predicted = curve.time(batch, length).seconds;
      model.push_back(predicted / s.seconds);
      logs.push_back(std::log(s.seconds / predicted));
      plain.push_back(roofline.plain_seconds(shape, batch, length) / s.seconds);
    }
  }
  std::ranges::sort(logs);
  result.p10 = quantile(logs, 0.1);
  result.p90 = quantile(logs, 0.9);
  result.model = errors_of(std::move(model));
  result.roofline = errors_of(std::move(plain));
  result.in_sample = errors_of(std::move(in_sample));
  return result;
}

FitErrors score_held_out_lengths(std::span<const AttentionSample> samples,
                                 const AttentionRoofline& roofline) {
  std::set<std::int64_t> lengths;
  for (const AttentionSample& s : samples) lengths.insert(s.length);
  const std::vector<std::int64_t> ascending(lengths.begin(), lengths.end());
  const auto held_out = [&](const AttentionSample& s) {
    return index_in(ascending, s.length) % 2 == 1 && s.length != ascending.back();
  };
  std::vector<AttentionSample> fitted;
  for (const AttentionSample& s : samples)
    if (!held_out(s)) fitted.push_back(s);
  const AttentionTable table(roofline, grid_of(fitted, roofline), 0, 0);
  std::map<AttentionShape, AttentionCurve> curves;
  std::vector<double> ratios;
  for (const AttentionSample& s : samples) {
    if (!held_out(s)) continue;
    auto curve = curves.find(s.shape);
    if (curve == curves.end()) curve = curves.emplace(s.shape, table.curve(s.shape)).first;
    ratios.push_back(
        curve->second.time(static_cast<double>(s.batch), static_cast<double>(s.length)).seconds /
        s.seconds);
  }
  return errors_of(std::move(ratios));
}

AttentionTable fit_attention(std::span<const AttentionSample> samples,
                             const AttentionRoofline& roofline, const HeldOut& errors) {
  return AttentionTable(roofline, grid_of(samples, roofline), errors.p10, errors.p90);
}

} // namespace windtunnel::kernels
