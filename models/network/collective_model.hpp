// CollectiveModel: what NCCL does on one machine, and how long it takes.
//
// The AWS tuner's regions choose the algorithm and protocol where they apply (tuner_regions.hpp),
// else NCCL's model does (nccl_tuning.hpp); the time is the fitted curve's of that choice
// (collective_curve.hpp). Answers are remembered by (operation, bytes, ranks, ranks per domain):
// asking again costs a look-up. Not shared between threads; copies are independent.
//
//   const CollectiveSystem p5 = describe_system("p5.48xlarge", Catalog::builtin());
//   CollectiveModel model(p5);
//   double us = model.predict(Op::all_reduce, 1_GiB, 128).us; // 16 nodes
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "libsim/base/units.hpp"
#include "models/network/collective_table.hpp"
#include "models/network/nccl_tuning.hpp"

namespace windtunnel::network {

/// `domains` are the link domains that `ranks` GPUs lie in.
Choice choose(const CollectiveSystem& system, Op op, double bytes, int ranks, int domains,
              const Restriction& restriction = {});
/// How many link domains so many GPUs of the system fill, packed. Throws ModelError for a number
/// that is no positive count.
int domains_of(const CollectiveSystem& system, int ranks);

struct Prediction {
  double us = 0;
  double low_us = 0, high_us = 0; ///< four of five calls lie between
  Choice choice;
};

class CollectiveModel {
public:
  /// Throws ModelError for a class that `table` lacks.
  explicit CollectiveModel(const CollectiveSystem& system,
                           const CollectiveTable& table = built_in_collective_table(),
                           const Restriction& restriction = {});

  const CollectiveSystem& system() const { return system_; }
  /// `per_domain`: ranks that lie in one link domain; 0: as many as fit.
  Prediction predict(Op op, Bytes size, int ranks, int per_domain = 0);

private:
  struct Key {
    std::int64_t bytes = -1;
    int ranks = 0;
    std::int16_t per_domain = 0;
    std::int16_t op = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Entry {
    Key key;
    Prediction prediction;
  };

  CollectiveSystem system_;
  Restriction restriction_;
  LinkParameters link_;
  NetworkParameters network_;
  std::array<RatioBand, 3> link_bands_, network_bands_;
  std::vector<Entry> memo_; ///< direct mapped: a collision forgets the older answer
};

} // namespace windtunnel::network
