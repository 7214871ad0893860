// Tables of the ziggurat method: a decreasing density covered by 256 layers of equal area.
//
// Layer 0 is the base: a rectangle to the edge r and the tail beyond it, drawn as if it were one
// rectangle of width area / f(r). Layer i > 0 is the rectangle of width edge[i] between the heights
// f(edge[i]) and f(edge[i + 1]). A point of layer i whose abscissa lies below edge[i + 1] is under
// the density without looking: 97.8 % of exponential and 98.5 % of normal draws end there.
//
// The layers are computed at compile time with portable_math.hpp, so they have equal bits
// everywhere. Source: Marsaglia and Tsang, The ziggurat method for generating random variables,
// J. Stat. Software 5 (8), 2000; it prints the 256-layer edges r that close each stack at f(0) = 1.
// Layer and abscissa use different bits of one word, which its 2005 critique (Leong et al.) asks.
#pragma once

#include <array>
#include <cstdint>

namespace windtunnel::detail {

struct Ziggurat {
  struct Layer {
    std::int64_t inside; ///< abscissas below this are under the density; in units of `unit`
    double unit;         ///< edge[i] / 2^53 (exponential) or 2^52 (normal, whose draws are signed)
  };
  std::array<Layer, 256> layers;
  std::array<double, 257> edges;   ///< edges[0] is the base's width; edges[256] = 0
  std::array<double, 257> heights; ///< f(edge); heights[0] is not used
};

extern const Ziggurat exponential_ziggurat; ///< f(x) = e^-x
extern const Ziggurat normal_ziggurat;      ///< f(x) = e^(-x^2 / 2)

} // namespace windtunnel::detail
