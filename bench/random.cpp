// Random variates: ours on Philox (LAW/philox), and what the standard library offers instead
// (LAW/std_mt19937_64).
#include <benchmark/benchmark.h>

#include <random>
#include <string>

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

[[maybe_unused]] const bool registered = [] {
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
  return true;
}();

} // namespace
