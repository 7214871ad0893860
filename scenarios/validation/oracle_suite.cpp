#include "scenarios/validation/oracle_suite.hpp"

#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "libsim/stats/replications.hpp"
#include "libsim/stats/summary.hpp"
#include "models/cost/ledger.hpp"
#include "models/training/checkpoint.hpp"
#include "scenarios/validation/closed_forms.hpp"
#include "scenarios/validation/oracle_simulations.hpp"

namespace windtunnel::scenarios {
namespace {

constexpr std::uint64_t seed = 1; // one fixed seed for the whole suite

/// One oracle: its closed form, and one replication of its simulation where there is one.
struct Oracle {
  std::function<double()> closed_form;
  std::function<double(std::uint64_t replication)> simulate{};
  int replications = 40;
};

// The parameters of the table (reliability and queueing examples of an RSC-like fleet).
constexpr double failure_per_hour = 6.5e-3 / 24, repair_per_hour = 1.0 / 24;
constexpr double checkpoint_s = 60, restart_s = 600, mtbf_s = 3 * 3600.0;

double exact_interval() {
  return training::optimal_interval(seconds(checkpoint_s), seconds(mtbf_s)).seconds();
}

QueueSetup queue(double rate, double mean, double cv2, int servers, bool room = true) {
  return {.arrival_rate = rate,
          .service_mean = mean,
          .service_cv2 = cv2,
          .servers = servers,
          .waiting_room = room};
}

void add_queues(std::map<std::string, Oracle>& all) {
  all["MM1_Wq"] = {[] { return 0.8 / (1 - 0.8); },
                   [](auto r) { return simulate_queue(queue(0.8, 1, 1, 1), seed, r).mean_wait; }};
  all["MMc_ErlangC_Pwait"] = {
      [] { return erlang_c(6.4, 8); },
      [](auto r) { return simulate_queue(queue(6.4, 1, 1, 8), seed, r).waiting_share; }};
  all["MMc_Wq"] = {[] { return erlang_c(6.4, 8) / (8 - 6.4); },
                   [](auto r) { return simulate_queue(queue(6.4, 1, 1, 8), seed, r).mean_wait; }};
  all["ErlangB_loss"] = {
      [] { return erlang_b(60, 64); },
      [](auto r) { return simulate_queue(queue(60, 1, 1, 64, false), seed, r).loss_share; }};
  all["MG1_PK_Wq"] = {
      [] { return pollaczek_khinchine_wait(0.7, 1, 4); },
      [](auto r) { return simulate_queue(queue(0.7, 1, 4, 1), seed, r).mean_wait; }};
  all["MD1_Wq"] = {[] { return pollaczek_khinchine_wait(0.8, 1, 0); },
                   [](auto r) { return simulate_queue(queue(0.8, 1, 0, 1), seed, r).mean_wait; }};
}

void add_fleets(std::map<std::string, Oracle>& all) {
  const auto mean_down = [](int crews) {
    double sum = 0;
    const auto p = machine_repair(128, failure_per_hour, repair_per_hour, crews);
    for (std::size_t k = 0; k < p.size(); ++k) sum += static_cast<double>(k) * p[k];
    return sum;
  };
  // Simulated in hours as seconds: only ratios matter.
  for (const int crews : {1, 128})
    all["machine_repair_Edown_r" + std::to_string(crews)] = {
        [=] { return mean_down(crews); },
        [=](auto r) {
          return simulate_machine_repair(128, failure_per_hour, repair_per_hour, crews, 0, 50000,
                                         seed, r)
              .mean_down;
        }};
  for (const int spares : {0, 1, 2, 4})
    all["spares_P_enough_S" + std::to_string(spares)] = {
        [=] {
          const auto p =
              machine_repair(128 + spares, failure_per_hour, repair_per_hour, 128 + spares);
          double sum = 0;
          for (int k = 0; k <= spares; ++k) sum += p[static_cast<std::size_t>(k)];
          return sum;
        },
        [=](auto r) {
          return simulate_machine_repair(128 + spares, failure_per_hour, repair_per_hour,
                                         128 + spares, spares, 20000, seed, r)
              .enough;
        }};
  all["binomial_spares_P99"] = {[] { return double(binomial_quantile(1024, 1e-3, 0.99)); }};
  all["series_MTTF_h_16384"] = {[] { return 24 / (2048 * 6.5e-3); },
                                [](auto r) {
                                  RandomStream random(seed, r, "mttf");
                                  double least = 1e300;
                                  for (int i = 0; i < 2048; ++i)
                                    least = std::min(least, random.exponential(24 / 6.5e-3));
                                  return least;
                                },
                                400};
  all["series_MTTF_h_1024"] = {[] { return 24 / (128 * 6.5e-3); }};
  all["weibull_min_mean_h"] = {[] { return weibull_minimum_mean(0.7, 100, 64); },
                               [](auto r) {
                                 RandomStream random(seed, r, "weibull-minimum");
                                 double least = 1e300;
                                 for (int i = 0; i < 64; ++i)
                                   least = std::min(least, random.weibull(0.7, 100));
                                 return least;
                               },
                               4000};
  all["alternating_renewal_availability"] = {
      [] {
        const double up = 3 * std::tgamma(1 + 1 / 0.65);
        return up / (up + 1);
      },
      [](auto r) { return simulate_availability(0.65, 3, 1, 20000, seed, r); }};
}

void add_checkpoints(std::map<std::string, Oracle>& all) {
  const auto slowdown = [](double tau) {
    return training::exact_slowdown(seconds(tau), seconds(checkpoint_s), seconds(restart_s),
                                    seconds(mtbf_s));
  };
  const auto simulated = [](double tau, int segments) {
    return [=](std::uint64_t r) {
      return simulate_checkpoints(tau, checkpoint_s, restart_s, mtbf_s, segments, seed, r);
    };
  };
  all["Young_tau_s"] = {[] { return young_interval(checkpoint_s, mtbf_s); }};
  all["Daly_higher_order_tau_s"] = {[] { return daly_interval(checkpoint_s, mtbf_s); }};
  all["Exact_optimal_tau_s"] = {exact_interval};
  all["Daly_exact_slowdown"] = {[=] { return slowdown(exact_interval()); },
                                simulated(exact_interval(), 500), 400};
  all["Daly_exact_slowdown_tau4h"] = {[=] { return slowdown(4 * 3600); }, simulated(4 * 3600, 60),
                                      400};
  all["lost_work_per_failure_s"] = {[] { return lost_work(3600, mtbf_s); },
                                    [](auto r) {
                                      RandomStream random(seed, r, "lost-work");
                                      for (;;) // a failure inside the segment
                                        if (const double t = random.exponential(mtbf_s); t < 3600)
                                          return t;
                                    },
                                    4000};
  all["Meta_ETTR"] = {[] { return meta_ettr(256 * 6.5e-3 / 86400, 600, 3600, 300); }};
  const auto optimum = [] { return std::sqrt(2 * 10 / (1500 * 6.5e-3 / 86400)); };
  all["Meta_ETTR_opt_dt"] = {optimum};
  all["Meta_ETTR_12kGPU_w10s"] = {
      [=] { return meta_ettr(1500 * 6.5e-3 / 86400, 300, optimum(), 10); }};
}

void add_rest(std::map<std::string, Oracle>& all) {
  all["sync_step_max_exp"] = {[] { return harmonic(1024); },
                              [](auto r) {
                                RandomStream random(seed, r, "stragglers");
                                double most = 0;
                                for (int i = 0; i < 1024; ++i)
                                  most = std::max(most, random.exponential(1));
                                return most;
                              },
                              2000};
  all["ring_allreduce_s"] = {[] { return ring_all_reduce(64, 1e9, 50e9, 5e-6); }};
  const std::vector<double> stages{60, 120, 45, 90, 30};
  const auto restart = [=](std::uint64_t r) {
    RandomStream random(seed, r, "restart-stages");
    double sum = 0;
    for (const double mean : stages) sum += random.exponential(mean);
    return sum;
  };
  all["restart_hypoexp_mean_var"] = {
      [=] { return std::accumulate(stages.begin(), stages.end(), 0.0); }, restart, 4000};
  all["restart_hypoexp_var"] = {[=] {
                                  double sum = 0;
                                  for (const double mean : stages) sum += mean * mean;
                                  return sum;
                                },
                                [=](std::uint64_t r) {
                                  const double d = restart(r) - std::accumulate(stages.begin(),
                                                                                stages.end(), 0.0);
                                  return d * d;
                                },
                                4000};
  all["spot_cost_per_useful_h"] = {[] {
                                     const double up = 3 * std::tgamma(1 + 1 / 0.65);
                                     return 20 * up / weibull_mean_above(0.65, 3, 0.25 + 0.05);
                                   },
                                   [](auto r) {
                                     // A ratio of means: many lives a replication keep its bias far
                                     // below the interval.
                                     RandomStream random(seed, r, "spot");
                                     double paid = 0, useful = 0;
                                     for (int i = 0; i < 20000; ++i) {
                                       const double up = random.weibull(0.65, 3);
                                       paid += 20 * up;
                                       useful += std::max(0.0, up - 0.3);
                                     }
                                     return paid / useful;
                                   }};
}

void add_identity(std::vector<ScoreRow>& rows, const char* name, double residual) {
  ScoreRow row;
  row.source = "identities";
  row.group = name;
  row.n = 1;
  row.mape = row.median_ape = row.p90_ape = std::abs(residual);
  row.bias = residual;
  rows.push_back(row);
}

void add_identities(std::vector<ScoreRow>& rows) {
  const QueueResult q = simulate_queue(queue(6.4, 1, 4, 8), seed, 0);
  add_identity(rows, "19 Little's law", q.littles_law);
  add_identity(rows, "19 flow balance", q.flow_balance);
  add_identity(rows, "19 utilisation", q.utilisation);
  // 20: the lines of a ledger add up to the total, and to the integral of price x nodes.
  cost::CostLedger ledger;
  RandomStream random(seed, 0, "ledger");
  long double integral = 0;
  for (int i = 0; i < 1000; ++i) {
    const Money price = nano_dollars(static_cast<std::int64_t>(random.below(100'000'000'000)));
    const Int128 ns = static_cast<Int128>(random.below(1'000'000'000'000'000));
    ledger.charge_hours({"x"}, "instance-hours", price, ns);
    integral +=
        static_cast<long double>(price.nano_dollars()) * static_cast<long double>(ns) / 3.6e12L;
  }
  Money sum{};
  for (const cost::LedgerLine& line : ledger.lines()) sum += line.amount;
  add_identity(rows, "20 lines sum to the total", (sum - ledger.total()).dollars());
  add_identity(rows, "20 total is the integral of price over time",
               ledger.total().dollars() - static_cast<double>(integral * 1e-9L));
  // 21: limits, scale and reproducibility.
  const double none = simulate_checkpoints(1000, 10, 600, 1e15, 50, seed, 0);
  add_identity(rows, "21 zero failures is the closed form", none - 1010.0 / 1000);
  const QueueResult fast = simulate_queue(queue(0.8, 1, 1, 1), seed, 0);
  const QueueResult slow = simulate_queue(queue(0.8 / 64, 64, 1, 1), seed, 0);
  // Times are whole nanoseconds, so that scaling by 64 leaves a few 1e-9 of rounding.
  add_identity(rows, "21 scaling the time unit", slow.mean_wait / (64 * fast.mean_wait) - 1);
  add_identity(rows, "21 equal seeds, equal runs",
               simulate_queue(queue(0.8, 1, 1, 1), seed, 0).mean_wait - fast.mean_wait);
}

} // namespace

ValidationResult validate_oracles(const CsvTable& table, const catalog::Catalog&) {
  table.require({"oracle", "value"});
  std::map<std::string, Oracle> all;
  add_queues(all);
  add_fleets(all);
  add_checkpoints(all);
  add_rest(all);
  ValidationResult result;
  std::map<std::string, int> refused;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string& name = table.text(i, "oracle");
    const auto value = table.number(i, "value");
    const auto found = all.find(name);
    if (found == all.end() || !value) {
      ++refused[value ? "no closed form of that name" : "no value"];
      continue;
    }
    const Oracle& oracle = found->second;
    const double closed = oracle.closed_form();
    ScoreRow row = score({{"oracles", name, *value, closed, false}}).front();
    row.extra = {{"value", *value}, {"closed_form", closed}};
    if (oracle.simulate) {
      const std::vector<double> samples =
          stats::replicate<double>(oracle.replications, {}, [&](int r) {
            return oracle.simulate(static_cast<std::uint64_t>(r));
          });
      const stats::Summary s = stats::summarise(samples);
      const double error = std::sqrt(s.variance / static_cast<double>(s.n));
      row.extra.emplace_back("simulated", s.mean);
      row.extra.emplace_back("half_width", s.half_width);
      row.extra.emplace_back("z", (s.mean - closed) / error);
    }
    result.rows.push_back(std::move(row));
  }
  result.refused.assign(refused.begin(), refused.end());
  add_identities(result.rows);
  return result;
}

} // namespace windtunnel::scenarios
