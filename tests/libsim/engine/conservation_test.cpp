// Nothing that processes wait for is lost, made or withheld, whatever mix of requests, time-outs,
// interrupts, kills and changes of capacity they live through: conservation/population.hpp says
// how, each ledger beside it says which laws.
#include "tests/libsim/engine/conservation/ledgers.hpp"

namespace windtunnel::engine::conservation {
namespace {

struct Case {
  const char* name;
  std::vector<MakeLedger> things; ///< that the population uses
  std::uint64_t seeds;
  friend void PrintTo(const Case& which, std::ostream* out) { *out << which.name; }
};

const std::vector<Case> cases{
    {"Resource", {resource_ledger}, 100},
    {"PreemptiveResource", {preemptive_resource_ledger}, 100},
    {"Container", {container_ledger}, 100},
    {"Store", {store_ledger}, 100},
    {"PriorityStore", {priority_store_ledger}, 100},
    {"TokenBucket", {token_bucket_ledger}, 100},
    {"ProcessorSharing", {processor_sharing_ledger}, 100},
    {"Condition", {condition_ledger}, 100},
    {"Gate", {gate_ledger}, 100},
    {"AllTogether",
     {resource_ledger, preemptive_resource_ledger, container_ledger, store_ledger,
      priority_store_ledger, token_bucket_ledger, processor_sharing_ledger, condition_ledger,
      gate_ledger},
     200},
};

class Conservation : public testing::TestWithParam<std::tuple<Case, bool>> {};

TEST_P(Conservation, HoldsAfterEveryEvent) {
  const auto& [which, ties] = GetParam();
  for (std::uint64_t seed = 1; seed <= which.seeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Population population(ties, seed);
    for (const MakeLedger make : which.things) population.add(make(population));
    population.run(1000);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Mixes, Conservation,
                         testing::Combine(testing::ValuesIn(cases), testing::Bool()),
                         [](const auto& test) {
                           return std::string(std::get<0>(test.param).name) +
                                  (std::get<1>(test.param) ? "WithTies" : "");
                         });

} // namespace
} // namespace windtunnel::engine::conservation
