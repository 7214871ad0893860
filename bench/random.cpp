// Random variates a second: ours on Philox, and what the standard library offers instead.
//
//   build/release/bin/bench_random
//
// Each pair draws the same law in one run; the ratio printed at the end is standard over ours, of
// the medians over repetitions that are interleaved, since neighbours on the machine come and go.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "libsim/base/random.hpp"

namespace {

using windtunnel::RandomStream;

/// Runs `draw` on one generator of type `Source`, a thousand draws an iteration.
template <class Source, class Draw> void draws(benchmark::State& state, Source source, Draw draw) {
  constexpr int batch = 1000;
  for (auto _ : state) {
    double sum = 0;
    for (int i = 0; i < batch; ++i) sum += static_cast<double>(draw(source));
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * batch);
}

template <class Draw> void ours(const char* law, Draw draw) {
  benchmark::RegisterBenchmark((std::string(law) + "/philox").c_str(), [=](benchmark::State& s) {
    draws(s, RandomStream(1, 0, law), draw);
  });
}

template <class Law> void standard(const char* law, Law distribution) {
  benchmark::RegisterBenchmark(
      (std::string(law) + "/std_mt19937_64").c_str(), [=](benchmark::State& s) {
        draws(s, std::mt19937_64(1),
              [d = distribution](auto& engine) mutable { return d(engine); });
      });
}

/// Prints the usual table and keeps the medians for the ratios.
class Ratios : public benchmark::ConsoleReporter {
public:
  Ratios() : ConsoleReporter(OO_Tabular) {}
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      const bool median = run.run_type == Run::RT_Aggregate && run.aggregate_name == "median";
      const bool single = run.run_type == Run::RT_Iteration && run.repetitions <= 1;
      if (!median && !single) continue;
      const std::string& name = run.run_name.function_name;
      per_second_[name] = run.counters.at("items_per_second");
    }
  }
  void print() const {
    std::printf("\n%-12s %10s %10s %9s\n", "law", "ns ours", "ns std", "std/ours");
    for (const auto& [name, rate] : per_second_) {
      const std::string law = name.substr(0, name.find('/'));
      const auto base = per_second_.find(law + "/std_mt19937_64");
      if (name == law + "/philox" && base != per_second_.end())
        std::printf("%-12s %10.2f %10.2f %8.2fx\n", law.c_str(), 1e9 / rate, 1e9 / base->second,
                    rate / base->second);
    }
  }

private:
  std::map<std::string, double> per_second_;
};

} // namespace

int main(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  std::string interleaved = "--benchmark_enable_random_interleaving=true";
  std::string repetitions = "--benchmark_repetitions=9",
              quiet = "--benchmark_report_aggregates_only=true";
  std::string short_runs = "--benchmark_min_time=0.05";
  // Before the caller's own, which so prevail.
  arguments.insert(arguments.begin() + 1,
                   {interleaved.data(), repetitions.data(), quiet.data(), short_runs.data()});
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());

  ours("bits", [](RandomStream& r) { return r.bits() >> 40; });
  standard("bits", [](std::mt19937_64& engine) { return engine() >> 40; });
  ours("uniform", [](RandomStream& r) { return r.uniform(); });
  standard("uniform", std::uniform_real_distribution<double>());
  ours("below", [](RandomStream& r) { return r.below(1000); });
  standard("below", std::uniform_int_distribution<std::uint64_t>(0, 999));
  ours("exponential", [](RandomStream& r) { return r.exponential(1.5); });
  standard("exponential", std::exponential_distribution<double>(1 / 1.5));
  ours("normal", [](RandomStream& r) { return r.normal(); });
  standard("normal", std::normal_distribution<double>());
  ours("lognormal", [](RandomStream& r) { return r.lognormal(1, 0.5); });
  standard("lognormal", std::lognormal_distribution<double>(0, 0.5));
  ours("weibull", [](RandomStream& r) { return r.weibull(0.7, 1); });
  standard("weibull", std::weibull_distribution<double>(0.7, 1));
  ours("gamma", [](RandomStream& r) { return r.gamma(2.5, 1); });
  standard("gamma", std::gamma_distribution<double>(2.5, 1));
  ours("poisson", [](RandomStream& r) { return r.poisson(100); });
  standard("poisson", std::poisson_distribution<std::uint64_t>(100));

  Ratios ratios;
  benchmark::RunSpecifiedBenchmarks(&ratios);
  ratios.print();
}
