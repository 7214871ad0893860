#include "scenarios/validation/closed_forms.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <limits>

namespace windtunnel::scenarios {

double erlang_b(double load, int servers) {
  double loss = 1;
  for (int k = 1; k <= servers; ++k) loss = load * loss / (k + load * loss);
  return loss;
}

double erlang_c(double load, int servers) {
  const double loss = erlang_b(load, servers);
  return loss / (1 - load / servers * (1 - loss));
}

double pollaczek_khinchine_wait(double rho, double service_mean, double service_cv2) {
  return rho * (1 + service_cv2) / (2 * (1 - rho)) * service_mean;
}

std::vector<double> machine_repair(int machines, double failure_rate, double repair_rate,
                                   int crews) {
  std::vector<double> p{1};
  double sum = 1;
  for (int k = 1; k <= machines; ++k) {
    p.push_back(p.back() * (machines - k + 1) * failure_rate / (std::min(k, crews) * repair_rate));
    sum += p.back();
  }
  for (double& value : p) value /= sum;
  return p;
}

int binomial_quantile(int n, double p, double confidence) {
  double term = std::pow(1 - p, n), sum = term;
  int k = 0;
  while (sum < confidence && k < n) {
    term *= double(n - k) / (k + 1) * p / (1 - p);
    sum += term;
    ++k;
  }
  return k;
}

double young_interval(double checkpoint, double mtbf) { return std::sqrt(2 * checkpoint * mtbf); }

double daly_interval(double checkpoint, double mtbf) {
  if (checkpoint >= 2 * mtbf) return mtbf;
  const double x = checkpoint / (2 * mtbf);
  return young_interval(checkpoint, mtbf) * (1 + std::sqrt(x) / 3 + x / 9) - checkpoint;
}

double lost_work(double tau, double mtbf) { return mtbf - tau / std::expm1(tau / mtbf); }

double meta_ettr(double rate, double startup, double interval, double write) {
  return (1 - rate * (startup + interval / 2)) / (1 + write / interval);
}

double weibull_minimum_mean(double shape, double scale, int n) {
  return scale * std::pow(n, -1 / shape) * std::tgamma(1 + 1 / shape);
}

double harmonic(int n) {
  double sum = 0;
  for (int i = n; i >= 1; --i) sum += 1.0 / i;
  return sum;
}

double ring_all_reduce(int n, double bytes, double bandwidth, double hop) {
  return 2 * (n - 1) * hop + 2.0 * (n - 1) / n * bytes / bandwidth;
}

double weibull_mean_above(double shape, double scale, double a) {
  const auto survival = [&](double u) { return std::exp(-std::pow(u / scale, shape)); };
  return boost::math::quadrature::gauss_kronrod<double, 61>::integrate(
      survival, a, std::numeric_limits<double>::infinity(), 15, 1e-12);
}

} // namespace windtunnel::scenarios
