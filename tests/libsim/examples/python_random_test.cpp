// PythonRandom against CPython 3.11.7: `random.seed(seed)`, then the call named by the test, its
// result by float.hex() where it is a float.
#include "tests/libsim/examples/python_random.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace windtunnel::examples {
namespace {

template <class Draw> auto several(int n, Draw draw) {
  std::vector<decltype(draw())> values;
  for (int i = 0; i < n; ++i) values.push_back(draw());
  return values;
}
using Floats = std::vector<double>;
using Integers = std::vector<int>;

// Each test goes on with the generator where CPython's session stood: one seed(42) for all.
TEST(PythonRandom, DrawsWhatCPythonDraws) {
  PythonRandom random(42);
  EXPECT_EQ(several(4, [&] { return random.random(); }),
            (Floats{0x1.4762f307200c5p-1, 0x1.99c6b5eeb2060p-6, 0x1.19a1491f589dcp-2,
                    0x1.c922b623b8c1cp-3}));
  EXPECT_EQ(several(4, [&] { return random.expovariate(0.1); }),
            (Floats{0x1.aabfe968deb3cp+3, 0x1.6955da5665149p+3, 0x1.645db87676e85p+4,
                    0x1.d1ad22c18e235p-1}));
  EXPECT_EQ(several(3, [&] { return random.uniform(1, 3); }),
            (Floats{0x1.d806230208ba3p+0, 0x1.0f4194c5ff1a5p+0, 0x1.6ff1510ee3ea8p+0}));
  EXPECT_EQ(several(12, [&] { return random.randint(50, 99); }),
            (Integers{82, 88, 51, 85, 62, 95, 91, 94, 84, 76, 64, 78}));
  EXPECT_EQ(several(12,
                    [&] {
                      return random.choice(Integers{10, 20, 30});
                    }),
            (Integers{30, 20, 10, 10, 30, 20, 20, 20, 10, 10, 20, 10}));
  EXPECT_EQ(several(8, [&] { return random.normalvariate(10, 2); }),
            (Floats{0x1.a04754fffbd99p+3, 0x1.bcc48f3b26762p+3, 0x1.d3f41dea41c7dp+3,
                    0x1.223aa3f64237ap+3, 0x1.9ece502c0d7aep+3, 0x1.9df678aa89daap+3,
                    0x1.578a15a5514a9p+3, 0x1.15f56b4e2b645p+3}));
  for (int i = 0; i < 2000; ++i) random.random(); // past the first 624 words
  EXPECT_EQ(random.random(), 0x1.72d822eaf90b9p-1);
}

TEST(PythonRandom, TakesEverySeedOf32Bits) {
  EXPECT_EQ(PythonRandom(0).random(), 0x1.b0580f98a7dbep-1);
  EXPECT_EQ(PythonRandom(4294967295).random(), 0x1.454d9227a7013p-1);
}

} // namespace
} // namespace windtunnel::examples
