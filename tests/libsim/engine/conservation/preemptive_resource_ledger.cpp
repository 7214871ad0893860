// PreemptiveResource: what Resource keeps; and who loses a place is the least urgent, and less
// urgent than who takes it, and hears of it once, at once; a cut with preemption leaves no more
// than fit; no request waits that could have taken a place when it came.
#include "libsim/engine/preemptive_resource.hpp"

#include <tuple>

#include "tests/libsim/engine/conservation/ledgers.hpp"

namespace windtunnel::engine::conservation {
namespace {

class PreemptiveResourceLedger final : public Ledger {
public:
  explicit PreemptiveResourceLedger(Population& population)
      : Ledger(population), resource_(population.sim(), population.random().integer(0, 4)) {}

  Task<> use(Member& member, int depth) override {
    const int priority = static_cast<int>(population_.random().integer(0, 3));
    const Preempt preempt = population_.chance(0.7) ? Preempt::yes : Preempt::no;
    Claim claim(*this, member, priority, preempt);
    begin_taking("'" + name_of(member.process) + "'", &claim);
    std::optional<Hold> hold;
    try {
      hold = co_await population_.ask(claim, resource_.request(priority, preempt));
    } catch (const Interrupt&) {
      end_taking();
      throw;
    }
    claim.hold = hold ? &*hold : nullptr;
    end_taking();
    if (!hold) co_return;
    try {
      co_await population_.stay(member, depth);
    } catch (const Interrupt& interrupt) {
      if (population_.chance(0.5)) throw;
      population_.caught(member, interrupt);
    }
    if (population_.chance(0.5)) co_return;
    std::erase(places_, &claim);
    claim.hold = nullptr;
    if (population_.chance(0.5))
      hold->release();
    else
      *hold = Hold();
    co_await population_.stay(member, depth);
  }

  void meddle() override {
    const std::int64_t capacity = population_.random().integer(0, 4);
    check_capacity();
    if (population_.chance(0.5)) {
      resource_.set_capacity(capacity);
      check_capacity();
      return;
    }
    begin_taking("a cut of 'resource'", nullptr);
    resource_.set_capacity(capacity, OnCut::preempt_holders);
    end_taking();
    check_capacity();
    const auto own = std::count_if(places_.begin(), places_.end(),
                                   [this](const Claim* claim) { return of_runner(*claim); });
    EXPECT_LE(resource_.in_use(), std::max<std::int64_t>(capacity, own));
  }

  void scan() override {
    const std::uint64_t last_before = last_;
    lost_.clear();
    Ledger::scan();
    for (Claim* const claim : places_)
      if (claim->hold && !*claim->hold) lost_.push_back(claim);
    if (!lost_.empty()) note_lost(last_before);
  }

  void check() override {
    end_taking();
    EXPECT_EQ(resource_.queue_length(), count(Request::Status::waits));
    EXPECT_EQ(resource_.in_use(), static_cast<std::int64_t>(places_.size()));
    check_capacity();
    if (resource_.queue_length() > 0) {
      EXPECT_GE(resource_.in_use(), resource_.capacity()) << "somebody waits beside a free place";
    }
  }
  void check_end() override {
    EXPECT_TRUE(places_.empty());
    EXPECT_EQ(resource_.in_use(), 0);
    EXPECT_EQ(resource_.queue_length(), 0U);
  }

private:
  /// A request and, from the grant until it is released or lost, a place. Dies behind the Hold.
  class Claim final : public Request {
  public:
    Claim(PreemptiveResourceLedger& books, Member& its_member, int its_priority,
          Preempt its_preempt)
        : Request(books, its_member, its_priority), preempt(its_preempt), books_(books) {}
    ~Claim() override { std::erase(books_.places_, this); }
    /// The greatest loses its place first.
    std::tuple<int, std::uint64_t> urgency() const { return {priority, came}; }

    Preempt preempt;
    const Hold* hold = nullptr; ///< once it has gone on
    std::uint64_t came = 0;     ///< in this order, from 1
    Time since{};

  private:
    PreemptiveResourceLedger& books_;
  };

  void check_capacity() {
    EXPECT_LE(resource_.in_use(), std::max(resource_.capacity(), in_use_before_));
    in_use_before_ = resource_.in_use();
  }
  bool of_runner(const Claim& claim) const {
    return &claim.member.process.state() == population_.sim().running();
  }
  /// From here to end_taking() places may be lost, to `taking` or, none, to a cut.
  void begin_taking(const std::string& by, const Claim* taking) {
    population_.scan();
    taker_ = by;
    taking_ = taking;
  }
  void end_taking() {
    population_.scan();
    taker_.clear();
    taking_ = nullptr;
  }
  /// lost_ were taken from those that came up to `last`.
  void note_lost(std::uint64_t last) {
    EXPECT_FALSE(taker_.empty()) << "places are gone, and nobody took them";
    std::sort(lost_.begin(), lost_.end(),
              [](const Claim* a, const Claim* b) { return b->urgency() < a->urgency(); });
    std::vector<const Claim*> taken;
    for (const Claim* const claim : lost_) {
      // Who has lost one has given back what it had been granted and not gone on with.
      const bool undone =
          !claim->hold && std::any_of(taken.begin(), taken.end(), [&](const Claim* other) {
            return &other->member == &claim->member;
          });
      if (undone) continue;
      taken.push_back(claim);
      std::erase(places_, claim);
      claim->member.causes.push_back({"preempted by " + taker_, population_.now(), claim->since});
      EXPECT_FALSE(of_runner(*claim)) << "preempted itself";
    }
    for (const Claim* const claim : places_)
      if (claim->came <= last && !of_runner(*claim)) {
        EXPECT_LT(claim->urgency(), taken.back()->urgency()) << "lost before the least urgent";
      }
    if (taking_) {
      EXPECT_EQ(taking_->preempt, Preempt::yes);
      EXPECT_EQ(taken.size(), 1U);
      EXPECT_GT(taken.front()->priority, taking_->priority);
    }
  }
  void enter(Claim& claim) {
    claim.came = ++last_;
    claim.since = population_.now();
    places_.push_back(&claim);
  }

  void changed(Request& request, Request::Status was) override {
    auto& claim = static_cast<Claim&>(request);
    if (claim.seen == Request::Status::served) {
      enter(claim);
    } else if (was == Request::Status::served) { // undone, or lost before it went on
      if (!taker_.empty()) lost_.push_back(&claim);
      std::erase(places_, &claim);
    } else if (claim.seen == Request::Status::waits && claim.preempt == Preempt::yes) {
      check_why_it_waits(claim);
    }
  }
  void check_why_it_waits(const Claim& claim) const {
    const bool first = std::none_of(requests_.begin(), requests_.end(), [&](const Request* other) {
      return other != &claim && other->status() == Request::Status::waits &&
             other->priority <= claim.priority;
    });
    if (!first || resource_.in_use() > resource_.capacity()) return;
    for (const Claim* const place : places_)
      if (&place->member != &claim.member) {
        EXPECT_LE(place->priority, claim.priority) << "it should have taken that place";
      }
  }
  void given(Request& request) override {
    auto& claim = static_cast<Claim&>(request);
    if (!claim.at_once()) return;
    EXPECT_FALSE(anybody_waits(0, claim.priority)) << "went before the queue";
    EXPECT_LE(resource_.in_use(), resource_.capacity()) << "came in above the capacity";
    end_taking(); // who lost a place to this one
    enter(claim);
  }

  PreemptiveResource resource_;
  std::vector<Claim*> places_, lost_;
  std::string taker_;
  const Claim* taking_ = nullptr;
  std::uint64_t last_ = 0;
  std::int64_t in_use_before_ = 0;
};

} // namespace

std::unique_ptr<Ledger> preemptive_resource_ledger(Population& population) {
  return std::make_unique<PreemptiveResourceLedger>(population);
}

} // namespace windtunnel::engine::conservation
