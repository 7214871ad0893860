// Resource: places in use are the leases alive and those granted this instant; never more than the
// capacity unless it was lowered under them, and then only fewer; nobody waits while a place is
// free; by priority, then in order; nobody's end takes a place along.
#include "libsim/engine/resource.hpp"

#include "tests/libsim/engine/conservation/ledgers.hpp"

namespace windtunnel::engine::conservation {
namespace {

class ResourceLedger final : public Ledger {
public:
  explicit ResourceLedger(Population& population)
      : Ledger(population), resource_(population.sim(), population.random().integer(0, 4)) {}

  Task<> use(Member& member, int depth) override {
    const int priority = static_cast<int>(population_.random().integer(-1, 1));
    Request request(*this, member, priority);
    std::optional<Lease> given = co_await population_.ask(request, resource_.request(priority));
    if (!given) co_return;
    std::optional<Held> held;
    held.emplace(held_);
    Lease lease = std::move(*given);
    try {
      co_await population_.stay(member, depth);
    } catch (const Interrupt& interrupt) {
      if (population_.chance(0.5)) throw;
      population_.caught(member, interrupt);
    }
    if (population_.chance(0.5)) co_return;
    held.reset();
    if (population_.chance(0.5))
      lease.release();
    else
      lease = Lease();
    co_await population_.stay(member, depth);
  }

  void meddle() override {
    check_capacity();
    resource_.set_capacity(population_.random().integer(0, 4));
    check_capacity();
  }

  void check() override {
    const auto granted = static_cast<std::int64_t>(count(Request::Status::served));
    EXPECT_EQ(resource_.queue_length(), count(Request::Status::waits));
    EXPECT_EQ(resource_.in_use(), held_ + granted);
    check_capacity();
    if (resource_.queue_length() > 0) {
      EXPECT_GE(resource_.in_use(), resource_.capacity()) << "somebody waits beside a free place";
    }
  }
  void check_end() override {
    EXPECT_EQ(held_, 0);
    EXPECT_EQ(resource_.in_use(), 0);
    EXPECT_EQ(resource_.queue_length(), 0U);
  }

private:
  /// Counts a lease while it lives.
  class Held {
  public:
    explicit Held(std::int64_t& count) : count_(count) { ++count_; }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() { --count_; }

  private:
    std::int64_t& count_;
  };

  void check_capacity() {
    EXPECT_LE(resource_.in_use(), std::max(resource_.capacity(), in_use_before_));
    in_use_before_ = resource_.in_use();
  }
  void given(Request& request) override {
    if (request.at_once()) {
      EXPECT_FALSE(anybody_waits(0, std::numeric_limits<int>::max())) << "went before the queue";
    }
  }

  Resource resource_;
  std::int64_t held_ = 0, in_use_before_ = 0;
};

} // namespace

std::unique_ptr<Ledger> resource_ledger(Population& population) {
  return std::make_unique<ResourceLedger>(population);
}

} // namespace windtunnel::engine::conservation
