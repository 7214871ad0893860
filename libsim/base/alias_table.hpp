// AliasTable: draws index i with probability weight[i] / sum of weights, in constant time.
//
// Source: A. J. Walker 1977, in the linear-time construction of M. D. Vose 1991. Every index owns
// an equal cell, filled to its height by itself and to the top by one alias; one random word picks
// the cell (high bits) and the height (low bits). Probabilities are right to 2^-53 + n 2^-64; an
// index of weight 0 is never drawn. O(n) to build, 16 bytes an entry.
//
//   const AliasTable kinds({0.7, 0.2, 0.1});
//   const std::size_t kind = kinds.draw(random);
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "libsim/base/random.hpp"

namespace windtunnel {

class AliasTable {
public:
  /// Throws ModelError unless all weights are finite and not negative with a positive, finite sum.
  explicit AliasTable(const std::vector<double>& weights);

  std::size_t draw(RandomStream& random) const;
  std::size_t size() const { return cells_.size(); }

private:
  struct Cell {
    std::uint64_t own = ~std::uint64_t{0}; ///< of 2^64: heights below belong to the index itself
    std::size_t alias = 0;
  };
  std::vector<Cell> cells_;
};

} // namespace windtunnel
