#include "models/kernels/table_score.hpp"

#include <algorithm>

namespace windtunnel::kernels {

void ScoredRows::add(const KernelTime& predicted, double roofline, double measured) {
  model_.push_back(predicted.seconds / measured);
  roofline_.push_back(roofline / measured);
  covered_ += predicted.p10 <= measured && measured <= predicted.p90;
}

TableScore ScoredRows::score(std::size_t sites) const {
  const double rows = std::max(1.0, static_cast<double>(model_.size()));
  return {errors_of(model_), errors_of(roofline_), covered_ / rows, sites};
}

} // namespace windtunnel::kernels
