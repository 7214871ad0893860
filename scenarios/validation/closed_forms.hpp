// Closed forms the simulations are checked against. Queues: Kleinrock, Queueing Systems I. Spares
// and machine repair: birth-death chains. Checkpoints: Young 1974, Daly 2006, and the exact renewal
// optimum (models/training/checkpoint.hpp). ETTR: Kokolis et al., arXiv:2410.21680.
#pragma once

#include <vector>

namespace windtunnel::scenarios {

double erlang_b(double load, int servers); ///< probability of loss
double erlang_c(double load, int servers); ///< probability of waiting
/// Mean wait of M/G/1: lambda E[S^2] / (2 (1 - rho)), by utilisation and cv^2 of service.
double pollaczek_khinchine_wait(double rho, double service_mean, double service_cv2);
/// Probabilities of k of `machines` being down, `crews` repairing; rates in one unit.
std::vector<double> machine_repair(int machines, double failure_rate, double repair_rate,
                                   int crews);
/// Smallest s with P(Binomial(n, p) <= s) >= confidence.
int binomial_quantile(int n, double p, double confidence);
double young_interval(double checkpoint, double mtbf);
double daly_interval(double checkpoint, double mtbf);
/// Expected work lost to a failure that falls inside a segment of length tau.
double lost_work(double tau, double mtbf);
double meta_ettr(double failures_per_second, double startup, double interval, double write);
/// Mean of the smallest of n fresh Weibull(shape, scale) times.
double weibull_minimum_mean(double shape, double scale, int n);
double harmonic(int n);
double ring_all_reduce(int ranks, double bytes, double bandwidth, double hop);
/// E[(U - a)^+] of U ~ Weibull(shape, scale), by quadrature of its survival function.
double weibull_mean_above(double shape, double scale, double a);

} // namespace windtunnel::scenarios
