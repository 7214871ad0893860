#include "references.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace windtunnel::calibration {

Values decoded(const std::vector<unsigned char>& bytes, std::string_view dtype) {
  Values values;
  if (dtype == "bf16") {
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
      const std::uint32_t bits = std::uint32_t{bytes[i]} << 16 | std::uint32_t{bytes[i + 1]} << 24;
      float value = 0;
      std::memcpy(&value, &bits, sizeof value);
      values.push_back(static_cast<double>(value));
    }
  } else if (dtype == "fp32") {
    for (std::size_t i = 0; i + 3 < bytes.size(); i += 4) {
      float value = 0;
      std::memcpy(&value, &bytes[i], sizeof value);
      values.push_back(static_cast<double>(value));
    }
  } else {
    throw std::invalid_argument("nothing is decoded from '" + std::string(dtype) + "'");
  }
  return values;
}

double relative_error(const Values& got, const Values& expected) {
  if (got.size() != expected.size()) return std::numeric_limits<double>::infinity();
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    difference += (got[i] - expected[i]) * (got[i] - expected[i]);
    size += expected[i] * expected[i];
  }
  if (size == 0) return difference == 0 ? 0 : std::numeric_limits<double>::infinity();
  return std::sqrt(difference / size);
}

NormRow norm_row(const Values& x, const Values& weight, const Values& bias, double epsilon) {
  const auto n = static_cast<double>(x.size());
  NormRow row;
  if (!bias.empty()) {
    for (const double v : x) row.mean += v / n;
  }
  double variance = 0;
  for (const double v : x) variance += (v - row.mean) * (v - row.mean) / n;
  row.rstd = 1 / std::sqrt(variance + epsilon);
  for (std::size_t i = 0; i < x.size(); ++i)
    row.y.push_back((x[i] - row.mean) * row.rstd * weight[i] + (bias.empty() ? 0 : bias[i]));
  return row;
}

Values norm_backward_row(const Values& x, const Values& weight, const Values& dy, double mean,
                         double rstd, bool centered) {
  const auto n = static_cast<double>(x.size());
  double dot = 0, sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    dot += dy[i] * weight[i] * (x[i] - mean) * rstd / n;
    if (centered) sum += dy[i] * weight[i] / n;
  }
  Values dx;
  for (std::size_t i = 0; i < x.size(); ++i)
    dx.push_back(rstd * (dy[i] * weight[i] - (x[i] - mean) * rstd * dot - sum));
  return dx;
}

double log_sum_exp(const Values& x) {
  const double max = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (const double v : x) sum += std::exp(v - max);
  return max + std::log(sum);
}

Values softmax_row(const Values& x) {
  const double all = log_sum_exp(x);
  Values y;
  for (const double v : x) y.push_back(std::exp(v - all));
  return y;
}

Values cross_entropy_gradient_row(const Values& logits, std::int64_t label, double scale) {
  Values gradient = softmax_row(logits);
  gradient[static_cast<std::size_t>(label)] -= 1;
  for (double& v : gradient) v *= scale;
  return gradient;
}

Values add(const Values& a, const Values& b) {
  Values out;
  for (std::size_t i = 0; i < a.size(); ++i) out.push_back(a[i] + b[i]);
  return out;
}

Values silu_mul(const Values& gate, const Values& up) {
  Values out;
  for (std::size_t i = 0; i < gate.size(); ++i)
    out.push_back(gate[i] / (1 + std::exp(-gate[i])) * up[i]);
  return out;
}

Values gelu(const Values& x) {
  const double c = std::sqrt(2 / std::acos(-1.0));
  Values out;
  for (const double v : x) out.push_back(0.5 * v * (1 + std::tanh(c * (v + 0.044715 * v * v * v))));
  return out;
}

Values rope_head(const Values& x, const Values& cosine, const Values& sine) {
  const std::size_t half = x.size() / 2;
  Values y(x.size());
  for (std::size_t i = 0; i < half; ++i) {
    y[i] = x[i] * cosine[i] - x[half + i] * sine[i];
    y[half + i] = x[half + i] * cosine[i] + x[i] * sine[i];
  }
  return y;
}

AdamState adam_step(AdamState s, double gradient, double rate, double beta1, double beta2,
                    double epsilon, double decay, int t) {
  s.first = beta1 * s.first + (1 - beta1) * gradient;
  s.second = beta2 * s.second + (1 - beta2) * gradient * gradient;
  const double m = s.first / (1 - std::pow(beta1, t)), v = s.second / (1 - std::pow(beta2, t));
  s.master = s.master * (1 - rate * decay) - rate * m / (std::sqrt(v) + epsilon);
  return s;
}

Values group_norm_image(const Values& x, const Values& weight, const Values& bias,
                        std::int64_t channels, std::int64_t groups, double epsilon, bool silu) {
  const auto c = static_cast<std::size_t>(channels), g = static_cast<std::size_t>(groups);
  const std::size_t in_group = c / g, pixels = x.size() / c;
  const auto count = static_cast<double>(in_group * pixels);
  Values y(x.size());
  for (std::size_t group = 0; group < g; ++group) {
    double mean = 0, variance = 0;
    const auto each = [&](auto&& visit) {
      for (std::size_t p = 0; p < pixels; ++p)
        for (std::size_t i = 0; i < in_group; ++i) visit(p * c + group * in_group + i);
    };
    each([&](std::size_t at) { mean += x[at] / count; });
    each([&](std::size_t at) { variance += (x[at] - mean) * (x[at] - mean) / count; });
    each([&](std::size_t at) {
      y[at] = (x[at] - mean) / std::sqrt(variance + epsilon) * weight[at % c] + bias[at % c];
      if (silu) y[at] /= 1 + std::exp(-y[at]);
    });
  }
  return y;
}

Values attend(const Values& query, const Values& keys, const Values& values, double scale) {
  const std::size_t dim = query.size(), tokens = keys.size() / dim;
  Values scores(tokens);
  for (std::size_t t = 0; t < tokens; ++t)
    for (std::size_t d = 0; d < dim; ++d) scores[t] += scale * query[d] * keys[t * dim + d];
  const Values weights = softmax_row(scores);
  Values out(dim);
  for (std::size_t t = 0; t < tokens; ++t)
    for (std::size_t d = 0; d < dim; ++d) out[d] += weights[t] * values[t * dim + d];
  return out;
}

} // namespace windtunnel::calibration
