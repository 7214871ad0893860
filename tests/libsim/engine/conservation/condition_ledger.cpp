// Condition and Gate: when the state is announced, those whose predicate holds go on, all of them,
// whatever happens to the state afterwards, and nobody else; nobody waits for what held when it
// asked, or waits at an open gate.
#include "libsim/engine/condition.hpp"

#include "tests/libsim/engine/conservation/ledgers.hpp"

namespace windtunnel::engine::conservation {
namespace {

/// What both keep: `amount` of a request is the value from which its predicate holds.
class AnnouncedLedger : public Ledger {
public:
  using Ledger::Ledger;

  void check_end() override { EXPECT_TRUE(requests_.empty()); }

protected:
  bool holds(const Request& request) const { return value_ >= request.amount; }
  /// `announce()` tells the waiting of the value.
  template <class Announce> void announced(Announce announce) {
    population_.scan();
    std::vector<const Request*> expected;
    for (const Request* const request : requests_)
      if (request->seen == Request::Status::waits && holds(*request)) expected.push_back(request);
    announce();
    announcing_ = true;
    population_.scan();
    announcing_ = false;
    for (const Request* const request : expected)
      EXPECT_EQ(request->seen, Request::Status::served) << "was left waiting";
  }
  void changed(Request& request, Request::Status was) override {
    if (was == Request::Status::waits && request.seen == Request::Status::served) {
      EXPECT_TRUE(announcing_ && holds(request)) << "goes on for no reason";
    }
  }
  void given(Request& request) override {
    if (request.at_once()) {
      EXPECT_TRUE(holds(request)) << "went on, but its predicate does not hold";
    }
  }
  std::optional<int> queue_of(const Request&) const override { return std::nullopt; }

  int value_ = 0;

private:
  bool announcing_ = false;
};

class ConditionLedger final : public AnnouncedLedger {
public:
  explicit ConditionLedger(Population& population)
      : AnnouncedLedger(population), condition_(population.sim()) {}

  Task<> use(Member& member, int depth) override {
    const int enough = draw_value();
    Request request(*this, member, 0, enough);
    const Condition::Until until = condition_.until([this, enough] { return value_ >= enough; });
    co_await population_.ask(request, until);
    if (population_.chance(0.2)) co_await population_.stay(member, depth);
  }

  void meddle() override {
    value_ = draw_value();
    told_ = population_.chance(0.8);
    if (told_) announced([this] { condition_.changed(); });
    if (population_.chance(0.3)) value_ = 0; // those who were told go on nevertheless
  }

  void check() override {
    EXPECT_EQ(condition_.waiting(), count(Request::Status::waits));
    for (const Request* const request : requests_)
      if (request->seen == Request::Status::waits) {
        EXPECT_FALSE(told_ && holds(*request)) << "waits for what holds";
      }
  }

private:
  int draw_value() { return static_cast<int>(population_.random().below(6)); }

  Condition condition_;
  bool told_ = true;
};

class GateLedger final : public AnnouncedLedger {
public:
  explicit GateLedger(Population& population)
      : AnnouncedLedger(population), gate_(population.sim()) {}

  Task<> use(Member& member, int depth) override {
    Request request(*this, member, 0, 1);
    co_await population_.ask(request, gate_.pass());
    if (population_.chance(0.2)) co_await population_.stay(member, depth);
  }

  void meddle() override {
    if (population_.chance(0.5)) {
      value_ = 1;
      announced([this] { gate_.open(); });
    }
    if (population_.chance(0.7)) {
      value_ = 0;
      gate_.close();
    }
  }

  void check() override {
    EXPECT_EQ(gate_.is_open(), value_ == 1);
    if (gate_.is_open()) {
      EXPECT_EQ(count(Request::Status::waits), 0U) << "somebody waits at an open gate";
    }
  }

private:
  Gate gate_;
};

} // namespace

std::unique_ptr<Ledger> condition_ledger(Population& population) {
  return std::make_unique<ConditionLedger>(population);
}
std::unique_ptr<Ledger> gate_ledger(Population& population) {
  return std::make_unique<GateLedger>(population);
}

} // namespace windtunnel::engine::conservation
