// PythonRandom: the draws of CPython's random module, so that examples reproduce the transcripts of
// the Python programs they mirror.
//
// CPython keeps a 32-bit Mersenne Twister, seeded with an integer by the `init_by_array` of its
// authors (Matsumoto and Nishimura 2002, mt19937ar.c). std::mt19937 is that generator; a seed
// sequence gives it the same 624 words. Each variate below takes the same 32-bit draws as its
// namesake in Lib/random.py of CPython 3.11 and combines them in the same order of operations;
// python_random_test.cpp compares them with values CPython printed.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <random>

namespace windtunnel::examples {

class PythonRandom {
public:
  /// As random.seed(seed).
  explicit PythonRandom(std::uint32_t seed) {
    InitByArray words{seed};
    twister_.seed(words);
  }

  /// In [0, 1), a multiple of 2^-53.
  double random() {
    const std::uint32_t high = bits() >> 5, low = bits() >> 6;
    return (high * 67108864.0 + low) * (1.0 / 9007199254740992.0);
  }
  double uniform(double a, double b) { return a + (b - a) * random(); }
  double expovariate(double rate) { return -std::log(1.0 - random()) / rate; }
  /// Both ends included.
  int randint(int a, int b) {
    return a + static_cast<int>(below(static_cast<unsigned>(b - a + 1)));
  }
  template <class Items> auto& choice(Items&& items) {
    return items[below(static_cast<std::uint32_t>(items.size()))];
  }
  /// Ratio of uniforms (Kinderman and Monahan 1977).
  double normalvariate(double mu, double sigma) {
    static const double width = 4 * std::exp(-0.5) / std::sqrt(2.0);
    for (;;) {
      const double u = random(), v = 1.0 - random();
      const double z = width * (u - 0.5) / v;
      if (z * z / 4.0 <= -std::log(v)) return mu + z * sigma;
    }
  }

private:
  /// The state that mt19937ar.c makes of the key {seed}.
  struct InitByArray {
    using result_type = std::uint32_t;
    std::uint32_t key;
    template <class Iterator> void generate(Iterator begin, Iterator) const {
      std::array<std::uint32_t, 624> s;
      s[0] = 19650218;
      for (std::uint32_t i = 1; i < 624; ++i) s[i] = 1812433253 * (s[i - 1] ^ s[i - 1] >> 30) + i;
      std::uint32_t at = 1;
      const auto step = [&](std::uint32_t factor) -> std::uint32_t {
        return s[at] ^ (s[at - 1] ^ s[at - 1] >> 30) * factor;
      };
      const auto advance = [&] {
        if (++at < 624) return;
        s[0] = s[623];
        at = 1;
      };
      for (int k = 0; k < 624; ++k, advance()) s[at] = step(1664525) + key;
      for (int k = 0; k < 623; ++k, advance()) s[at] = step(1566083941) - at;
      s[0] = 0x80000000;
      for (const std::uint32_t word : s) *begin++ = word;
    }
  };

  std::uint32_t bits() { return static_cast<std::uint32_t>(twister_()); }
  /// In [0, n): as many leading bits as n has, again until they are below n.
  std::uint32_t below(std::uint32_t n) {
    for (;;)
      if (const std::uint32_t draw = bits() >> (32 - std::bit_width(n)); draw < n) return draw;
  }

  std::mt19937 twister_;
};

} // namespace windtunnel::examples
