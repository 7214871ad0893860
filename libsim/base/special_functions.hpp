// Special functions of probability laws, with the same bits on every machine.
//
// Built on portable_math.hpp; what is guaranteed there holds here. std::lgamma, std::erfc and
// Boost.Math all end in the C library's exp and log, so the laws whose draws depend on one of these
// (Poisson acceptance, truncation by inversion) may not use them. Boost.Math is the test's oracle.
// Relative accuracy 3e-12 for shapes from 1e-3 to 1e5 wherever the value is above 1e-300. The
// incomplete gamma functions take O(sqrt(shape)) steps.
//
// Source: Abramowitz and Stegun 6.1.41 (Stirling), 6.5.29 (series), 6.5.31 (continued fraction);
// C. Loader, Fast and accurate computation of binomial probabilities, 2000 (the Poisson term).
#pragma once

namespace windtunnel::portable {

/// ln Gamma(x), x > 0; absolute error below 1e-13 near its zeros 1 and 2.
double log_gamma(double x);

/// ln of mean^k e^-mean / Gamma(k + 1): the Poisson probability, for real k >= 0 and mean > 0.
/// No cancellation however large both are.
double log_poisson_term(double k, double mean);

/// Regularised incomplete gamma functions P(shape, x) and Q = 1 - P, each accurate where it is
/// small; shape > 0, x >= 0.
double gamma_p(double shape, double x);
double gamma_q(double shape, double x);

/// P(Z > z) of the standard normal; normal_above(-z) is P(Z < z). Accurate in both tails.
double normal_above(double z);

} // namespace windtunnel::portable
