// Prints one hash a law: of the bits of 1e5 draws, or of 1e5 values of a portable function.
//
// equal_bits.py compares the output with random_fingerprints.txt, for this build and for builds of
// its own with other compilers and optimisation levels. A change there changes published results.
#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "libsim/base/distribution.hpp"
#include "libsim/base/poisson_arrivals.hpp"
#include "libsim/base/portable_math.hpp"
#include "libsim/base/special_functions.hpp"
#include "libsim/base/zipf.hpp"

namespace {

using namespace windtunnel;

template <class Draw> void print(const char* name, Draw draw, int count = 100000) {
  RandomStream random(20, 26, name);
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (int i = 0; i < count; ++i) {
    const auto value = draw(random);
    static_assert(sizeof value == 8);
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    hash = (hash ^ bits) * 0x100000001b3u;
    hash ^= hash >> 29;
  }
  std::printf("%-28s %016" PRIx64 "\n", name, hash);
}

void streams() {
  print("bits", [](RandomStream& r) { return r.bits(); });
  print("uniform", [](RandomStream& r) { return r.uniform(); });
  print("uniform -1 3", [](RandomStream& r) { return r.uniform(-1, 3); });
  print("below 6", [](RandomStream& r) { return r.below(6); });
  print("below 2^63+1", [](RandomStream& r) { return r.below((1ull << 63) + 1); });
  print("integer -3 3", [](RandomStream& r) { return r.integer(-3, 3); });
  print("exponential", [](RandomStream& r) { return r.exponential(1.7); });
  print("normal", [](RandomStream& r) { return r.normal(); });
  print("lognormal", [](RandomStream& r) { return r.lognormal(30, 0.9); });
  print("weibull 0.7", [](RandomStream& r) { return r.weibull(0.7, 3); });
  print("weibull 3.1", [](RandomStream& r) { return r.weibull(3.1, 3); });
  print("gamma 0.4", [](RandomStream& r) { return r.gamma(0.4, 2); });
  print("gamma 2.5", [](RandomStream& r) { return r.gamma(2.5, 2); });
  print("pareto", [](RandomStream& r) { return r.pareto(1.2, 3); });
  print("poisson 3", [](RandomStream& r) { return r.poisson(3); });
  print("poisson 30", [](RandomStream& r) { return r.poisson(30); });
  print("poisson 1e9", [](RandomStream& r) { return r.poisson(1e9); });
}

void composed() {
  const auto law = [](const char* name, const Distribution& d, int count = 100000) {
    print(
        name, [&](RandomStream& r) { return d.draw(r); }, count);
  };
  const auto normal = Distribution::normal(1, 2);
  const auto gamma = Distribution::gamma(2.5, 1);
  law("zipf 0.8", Distribution::zipf(1000000, 0.8));
  law("zipf 1", Distribution::zipf(1000, 1));
  law("zipf 1.5", Distribution::zipf(1u << 31, 1.5));
  law("discrete", Distribution::discrete({3, 1, 2}, {0.2, 0.5, 0.3}));
  law("histogram", Distribution::histogram({0, 1, 3, 10}, {1, 5, 2}));
  law("empirical", Distribution::empirical({3, 1, 7, 2.5}, {1, 2, 0.5, 1}));
  law("mixture", Distribution::mixture({{0.7, normal}, {0.3, gamma}}));
  law("truncated by rejection", normal.truncated(0, 4));
  law("truncated normal tail", normal.truncated(9, 12), 2000);
  law("truncated gamma tail", gamma.truncated(20, 1e9), 2000);
  law("truncated poisson", Distribution::poisson(50).truncated(80, 90), 2000);
  const PoissonArrivals day({{0_h, 0.5}, {8_h, 20}, {18_h, 0}}, 24_h);
  print("arrivals", [&, now = Time{}](RandomStream& r) mutable {
    now = day.next(now, r);
    return now.ns();
  });
}

void functions() {
  const auto wide = [](RandomStream& r) { return r.uniform(-700, 700); };
  print("exp", [&](RandomStream& r) { return portable::exp(wide(r)); });
  print("log", [&](RandomStream& r) { return portable::log(r.uniform() * 1000); });
  print("log1p", [&](RandomStream& r) { return portable::log1p(r.uniform(-0.9, 2)); });
  print("expm1", [&](RandomStream& r) { return portable::expm1(r.uniform(-2, 2)); });
  print("pow", [&](RandomStream& r) {
    const double x = r.uniform() * 9; // before the other: arguments have no order
    return portable::pow(x, r.uniform(-9, 9));
  });
  print("log_gamma", [&](RandomStream& r) { return portable::log_gamma(r.uniform() * 60); });
  print("gamma_p", [&](RandomStream& r) {
    const double shape = r.uniform() * 30;
    return portable::gamma_p(shape, r.uniform() * 2 * shape);
  });
  print("normal_above", [&](RandomStream& r) { return portable::normal_above(r.uniform(-9, 30)); });
}

} // namespace

int main() {
  streams();
  composed();
  functions();
}
