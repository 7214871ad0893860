#include "models/kernels/attention_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

/// Typical shares of the data sheet's figures, and the cost of one launch.
constexpr double share_of_peak = 0.6, share_of_bandwidth = 0.8, start = 8e-6;
constexpr double tile = 128;
constexpr double io_bytes = 2; ///< of an element of queries and outputs

/// The grid, when it is one.
const AttentionGrid& checked(const AttentionGrid& grid) {
  const std::size_t batches = grid.batch.size(), lengths = grid.length.size();
  if (grid.shapes.empty() || grid.log_ratio.size() != grid.shapes.size() * batches * lengths)
    throw ModelError("an attention table has another size than its axes");
  if (std::ranges::adjacent_find(grid.shapes, std::ranges::greater_equal{}) != grid.shapes.end())
    throw ModelError("the head shapes of an attention table do not ascend");
  for (std::size_t b = 0; b < batches; ++b) {
    bool measured = false;
    for (std::size_t s = 0; s < grid.shapes.size(); ++s)
      for (std::size_t l = 0; l < lengths; ++l)
        measured = measured || !std::isnan(grid.log_ratio[grid.at(s, b, l)]);
    if (!measured) throw ModelError("a batch of an attention table has no measurement");
  }
  return grid;
}

} // namespace

double AttentionRoofline::keys_a_query(double length) const {
  const double seen = window > 0 ? std::min(length, static_cast<double>(window)) : length;
  if (phase == AttentionPhase::decode) return seen;
  return (seen * (seen + 1) / 2 + (length - seen) * seen) / length;
}

double AttentionRoofline::bytes(const AttentionShape& shape, double batch, double length) const {
  const bool decode = phase == AttentionPhase::decode;
  const double seen = decode && window > 0 ? std::min(length, static_cast<double>(window)) : length;
  const double queries = decode ? 1 : length;
  return 2 * batch * static_cast<double>(shape.head_dim) *
         (io_bytes * queries * static_cast<double>(shape.heads) +
          cache_bytes * seen * static_cast<double>(shape.kv_heads));
}

double AttentionRoofline::seconds(const AttentionShape& shape, double batch, double length) const {
  const double queries = phase == AttentionPhase::decode ? 1 : length;
  const double rows = std::max(tile, queries * static_cast<double>(shape.heads / shape.kv_heads));
  const double flops = 4 * batch * static_cast<double>(shape.kv_heads * shape.head_dim) * rows *
                       (keys_a_query(length) + tile / 2);
  const double compute = flops / (share_of_peak * flops_per_second);
  const double memory = bytes(shape, batch, length) / (share_of_bandwidth * bytes_per_second);
  return std::cbrt(compute * compute * compute + memory * memory * memory) + start;
}

double AttentionRoofline::plain_seconds(const AttentionShape& shape, double batch,
                                        double length) const {
  const double queries = phase == AttentionPhase::decode ? 1 : length;
  const double flops = 4 * batch * static_cast<double>(shape.heads * shape.head_dim) * queries *
                       keys_a_query(length);
  return std::max(flops / flops_per_second, bytes(shape, batch, length) / bytes_per_second);
}

double AttentionCurve::at_length(std::size_t i_length, double batch, Node& worst,
                                 bool& on_node) const {
  const LogAxis::Place place = batch_.find(batch);
  on_node = on_node && place.weight == 0;
  const std::size_t low = place.low * length_.size() + i_length, high = low + length_.size();
  worst = std::max(worst, nodes_[low]);
  const auto below = static_cast<double>(log_ratio_[low]);
  if (place.weight == 0) return below;
  worst = std::max(worst, nodes_[high]);
  return below + place.weight * (static_cast<double>(log_ratio_[high]) - below);
}

KernelTime AttentionCurve::time(double batch, double length) const {
  const LogAxis::Place place = length_.find(length);
  const auto batch_at = [&](std::size_t node) {
    return roofline_.phase == AttentionPhase::decode
               ? batch
               : batch * length / static_cast<double>(length_.values()[node]);
  };
  Node worst = Node::measured;
  bool on_node = place.weight == 0;
  double log_ratio = 0;
  if (on_node) {
    log_ratio = at_length(place.low, batch, worst, on_node);
  } else {
    const double below = at_length(place.low, batch_at(place.low), worst, on_node);
    log_ratio =
        below +
        place.weight * (at_length(place.low + 1, batch_at(place.low + 1), worst, on_node) - below);
  }
  const double seconds = roofline_.seconds(shape_, batch, length) * std::exp(log_ratio);
  Basis basis = on_node && worst == Node::measured ? Basis::exact : Basis::interpolated;
  if (place.outside() || batch_.find(batch).outside() || worst == Node::beyond)
    basis = Basis::extrapolated;
  return {seconds, seconds * std::exp(p10_), seconds * std::exp(p90_), basis};
}

AttentionTable::AttentionTable(AttentionRoofline roofline, AttentionGrid grid, double p10,
                               double p90)
    : roofline_(roofline), grid_(std::move(grid)), batch_(grid_.batch), length_(grid_.length),
      kriging_(checked(grid_), roofline.phase), p10_(p10), p90_(p90) {}

std::vector<double> AttentionTable::smoothed(const AttentionShape& shape) const {
  std::vector<double> all;
  for (const AttentionKriging::Node& node : kriging_.predict(grid_, shape))
    all.push_back(node.log_ratio);
  return all;
}

AttentionCurve AttentionTable::curve(const AttentionShape& shape) const {
  if (shape.kv_heads <= 0 || shape.heads <= 0 || shape.head_dim <= 0 ||
      shape.heads % shape.kv_heads != 0)
    throw ModelError("key-value heads must divide the heads, and all be positive");
  AttentionCurve curve(roofline_, shape, batch_, length_);
  curve.p10_ = p10_;
  curve.p90_ = p90_;
  const std::size_t nodes = batch_.size() * length_.size();
  const auto found = std::ranges::lower_bound(grid_.shapes, shape);
  if (found != grid_.shapes.end() && *found == shape) {
    const auto own = grid_.log_ratio.begin() +
                     (found - grid_.shapes.begin()) * static_cast<std::ptrdiff_t>(nodes);
    curve.log_ratio_.assign(own, own + static_cast<std::ptrdiff_t>(nodes));
    curve.nodes_.assign(nodes, AttentionCurve::Node::measured);
  } else {
    curve.log_ratio_.assign(nodes, std::numeric_limits<float>::quiet_NaN());
    curve.nodes_.assign(nodes, AttentionCurve::Node::filled);
  }
  // The nodes that are left: where other shapes were measured, by likeness; else as at the length
  // before, or after.
  if (std::ranges::none_of(curve.log_ratio_, [](float x) { return std::isnan(x); })) return curve;
  const std::vector<AttentionKriging::Node> alike = kriging_.predict(grid_, shape);
  for (std::size_t b = 0; b < batch_.size(); ++b) {
    float* const row = &curve.log_ratio_[b * length_.size()];
    AttentionCurve::Node* const kind = &curve.nodes_[b * length_.size()];
    for (std::size_t l = 0; l < length_.size(); ++l) {
      if (!std::isnan(row[l])) continue;
      const AttentionKriging::Node& node = alike[b * length_.size() + l];
      row[l] = static_cast<float>(node.log_ratio);
      kind[l] = node.inside ? AttentionCurve::Node::filled : AttentionCurve::Node::beyond;
      if (std::isnan(row[l]) && l > 0) row[l] = row[l - 1];
    }
    for (std::size_t l = length_.size() - 1; l-- > 0;)
      if (std::isnan(row[l])) row[l] = row[l + 1];
  }
  return curve;
}

} // namespace windtunnel::kernels
