#include "models/training/checkpoint.hpp"

#include <algorithm>
#include <boost/math/special_functions/lambert_w.hpp>
#include <cmath>

#include "libsim/base/error.hpp"

namespace windtunnel::training {

double checkpoint_bytes(double parameters) {
  constexpr double bytes_per_parameter = 14; // see the header
  return parameters * bytes_per_parameter;
}

CheckpointCost checkpoint_cost(const CheckpointSetup& setup) {
  CheckpointCost cost;
  cost.size = bytes_from(checkpoint_bytes(setup.parameters));
  const Time write = cost.size / setup.write;
  cost.stall = setup.async ? std::min(write, cost.size / setup.copy_to_host) : write;
  cost.persist = setup.async ? cost.stall + write : write;
  cost.load = cost.size / setup.read;
  return cost;
}

Time optimal_interval(Time stall, Time mtbf) {
  if (stall <= Time{} || mtbf <= Time{})
    throw ModelError("the optimal checkpoint interval needs a stall and an MTBF above zero");
  const double ratio_of = stall / mtbf;
  return mtbf * (1 + boost::math::lambert_w0(-std::exp(-ratio_of - 1)));
}

double exact_slowdown(Time interval, Time stall, Time restart, Time mtbf) {
  const double m = mtbf.seconds();
  return m / interval.seconds() * std::exp(restart.seconds() / m) *
         std::expm1((interval + stall).seconds() / m);
}

} // namespace windtunnel::training
