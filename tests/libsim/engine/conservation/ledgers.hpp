// The ledgers: one thing each, of a size and with a behaviour drawn from the population's stream.
#pragma once

#include "tests/libsim/engine/conservation/population.hpp"

namespace windtunnel::engine::conservation {

using MakeLedger = std::unique_ptr<Ledger> (*)(Population&);

std::unique_ptr<Ledger> resource_ledger(Population& population);
std::unique_ptr<Ledger> preemptive_resource_ledger(Population& population);
std::unique_ptr<Ledger> container_ledger(Population& population);
std::unique_ptr<Ledger> store_ledger(Population& population);
std::unique_ptr<Ledger> priority_store_ledger(Population& population);
std::unique_ptr<Ledger> token_bucket_ledger(Population& population);
std::unique_ptr<Ledger> processor_sharing_ledger(Population& population);
std::unique_ptr<Ledger> condition_ledger(Population& population);
std::unique_ptr<Ledger> gate_ledger(Population& population);

} // namespace windtunnel::engine::conservation
