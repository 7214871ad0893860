// What the kernels should compute, in double precision on the host: plain loops, one row or head at
// a time. The suite compares sampled rows of its results with these; the tests compare the kernels'
// logic with them where there is no GPU.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace windtunnel::calibration {

using Values = std::vector<double>;

/// Elements of "bf16" or "fp32" in memory.
Values decoded(const std::vector<unsigned char>& bytes, std::string_view dtype);

/// |got - expected| / |expected|; NaN when either has one; infinite for another size.
double relative_error(const Values& got, const Values& expected);

struct NormRow {
  Values y;
  double mean = 0, rstd = 0;
};
/// `bias` empty: RMSNorm, whose mean is 0.
NormRow norm_row(const Values& x, const Values& weight, const Values& bias, double epsilon);
/// Gradient of x.
Values norm_backward_row(const Values& x, const Values& weight, const Values& dy, double mean,
                         double rstd, bool centered);

Values softmax_row(const Values& x);
double log_sum_exp(const Values& x);
Values cross_entropy_gradient_row(const Values& logits, std::int64_t label, double scale);

Values add(const Values& a, const Values& b);
Values silu_mul(const Values& gate, const Values& up);
Values gelu(const Values& x);
/// One head: halves rotated by `cosine` and `sine`, half as long.
Values rope_head(const Values& x, const Values& cosine, const Values& sine);

struct AdamState {
  double master = 0, first = 0, second = 0;
};
AdamState adam_step(AdamState, double gradient, double rate, double beta1, double beta2,
                    double epsilon, double decay, int t);

/// One image of [pixel][channel].
Values group_norm_image(const Values& x, const Values& weight, const Values& bias,
                        std::int64_t channels, std::int64_t groups, double epsilon, bool silu);

/// One query over `keys` and `values` of [token][dim].
Values attend(const Values& query, const Values& keys, const Values& values, double scale);

} // namespace windtunnel::calibration
