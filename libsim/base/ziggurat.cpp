#include "libsim/base/ziggurat.hpp"

#include "libsim/base/portable_math.hpp"

namespace windtunnel::detail {
namespace {

struct Exponential {
  static constexpr double edge = 7.69711747013104972; // of the base layer (Marsaglia and Tsang)
  static constexpr double tail = 1;                   // of the tail's mass to f(edge)
  static constexpr int bits = 53;
  static constexpr double height(double x) { return portable::exp(-x); }
  static constexpr double abscissa(double y) { return -portable::log(y); }
};

struct Normal {
  static constexpr double edge = 3.6541528853610088;
  static constexpr double tail = 0.2566050741639071; // Mills ratio at the edge
  static constexpr int bits = 52;                    // and a sign
  static constexpr double height(double x) { return portable::exp(-0.5 * x * x); }
  static constexpr double abscissa(double y) { return portable::pow(-2 * portable::log(y), 0.5); }
};

template <class Density> constexpr Ziggurat build() {
  Ziggurat z{};
  const double area = Density::height(Density::edge) * (Density::edge + Density::tail);
  z.edges[0] = Density::edge + Density::tail;
  z.edges[1] = Density::edge;
  z.heights[1] = Density::height(Density::edge);
  for (std::size_t i = 2; i < 256; ++i) {
    z.edges[i] = Density::abscissa(z.heights[i - 1] + area / z.edges[i - 1]);
    z.heights[i] = Density::height(z.edges[i]);
  }
  z.edges[256] = 0;
  z.heights[256] = 1;
  constexpr double scale = static_cast<double>(std::int64_t{1} << Density::bits);
  for (std::size_t i = 0; i < 256; ++i)
    z.layers[i] = {static_cast<std::int64_t>(z.edges[i + 1] / z.edges[i] * scale),
                   z.edges[i] / scale};
  return z;
}

} // namespace

constinit const Ziggurat exponential_ziggurat = build<Exponential>();
constinit const Ziggurat normal_ziggurat = build<Normal>();

} // namespace windtunnel::detail
