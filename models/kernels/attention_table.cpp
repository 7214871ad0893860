#include "models/kernels/attention_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

/// Typical shares of the data sheet's figures, and the cost of one launch.
constexpr double share_of_peak = 0.6, share_of_bandwidth = 0.8, start = 8e-6;
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

double AttentionRoofline::flops(const AttentionShape& shape, double batch, double length) const {
  const double seen = window > 0 ? std::min(length, static_cast<double>(window)) : length;
  const double pairs =
      phase == AttentionPhase::decode ? seen : seen * (seen + 1) / 2 + (length - seen) * seen;
  return 4 * batch * static_cast<double>(shape.heads * shape.head_dim) * pairs;
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
  const double compute = flops(shape, batch, length) / (share_of_peak * flops_per_second);
  const double memory = bytes(shape, batch, length) / (share_of_bandwidth * bytes_per_second);
  return std::cbrt(compute * compute * compute + memory * memory * memory) + start;
}

double AttentionRoofline::plain_seconds(const AttentionShape& shape, double batch,
                                        double length) const {
  return std::max(flops(shape, batch, length) / flops_per_second,
                  bytes(shape, batch, length) / bytes_per_second);
}

KernelTime AttentionCurve::time(double batch, double length) const {
  const LogAxis::Place in_batch = batch_.find(batch), in_length = length_.find(length);
  double log_ratio = 0;
  Node worst = Node::measured;
  for (int corner = 0; corner < 4; ++corner) {
    const bool high_batch = corner & 1, high_length = corner & 2;
    const double weight = (high_batch ? in_batch.weight : 1 - in_batch.weight) *
                          (high_length ? in_length.weight : 1 - in_length.weight);
    if (weight == 0) continue;
    const std::size_t node =
        (in_batch.low + high_batch) * length_.size() + in_length.low + high_length;
    log_ratio += weight * static_cast<double>(log_ratio_[node]);
    worst = std::max(worst, nodes_[node]);
  }
  const double seconds = roofline_.seconds(shape_, batch, length) * std::exp(log_ratio);
  const bool on_node = in_batch.weight == 0 && in_length.weight == 0;
  Basis basis = on_node && worst == Node::measured ? Basis::exact : Basis::interpolated;
  if (in_batch.outside || in_length.outside || worst == Node::beyond) basis = Basis::extrapolated;
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
