// Container: level + taken = put + initial; the level is never negative and never above the
// capacity, unless a get was undone when its room was taken, and then only falls; nobody waits at
// the head of a side whose move is possible; each side in order. A put that was served has
// happened: its process hears of it and not of an interrupt. A get that was not gone on with has
// not.
#include "libsim/engine/container.hpp"

#include "tests/libsim/engine/conservation/ledgers.hpp"

namespace windtunnel::engine::conservation {
namespace {

enum Side : int { put, get };

class ContainerLedger final : public Ledger {
public:
  explicit ContainerLedger(Population& population)
      : Ledger(population), capacity_(population.random().integer(1, 10)),
        initial_(population.random().integer(0, capacity_)),
        container_(population.sim(), capacity_, initial_) {}

  Task<> use(Member& member, int depth) override {
    const Side side = population_.chance(0.5) ? put : get;
    Move move(*this, member, side, draw_amount());
    try {
      if (side == put)
        co_await population_.ask(move, container_.put(move.units));
      else
        co_await population_.ask(move, container_.get(move.units));
    } catch (const Interrupt&) {
      EXPECT_FALSE(move.counted) << "a put that has happened was interrupted";
      throw;
    }
    if (population_.chance(0.2)) co_await population_.stay(member, depth);
  }

  void meddle() override {
    const std::int64_t units = draw_amount();
    if (population_.chance(0.5)) {
      const bool possible = container_.level() + units <= capacity_ && !anybody_waits(put, 0);
      const bool done = container_.try_put(units);
      EXPECT_EQ(done, possible);
      if (done) put_ += units;
    } else {
      const bool possible = container_.level() >= units && !anybody_waits(get, 0);
      const bool done = container_.try_get(units);
      EXPECT_EQ(done, possible);
      if (done) taken_ += units;
    }
  }

  void check() override {
    std::int64_t in_hands = 0;
    bool head[] = {true, true};
    for (const Request* const request : requests_) {
      const auto& move = static_cast<const Move&>(*request);
      if (move.side == get && move.seen == Request::Status::served) in_hands += move.units;
      if (move.seen != Request::Status::waits || !std::exchange(head[move.side], false)) continue;
      if (move.side == put) {
        EXPECT_GT(container_.level() + move.units, capacity_) << "a put waits beside room";
      } else {
        EXPECT_LT(container_.level(), move.units) << "a get waits beside what it wants";
      }
    }
    EXPECT_EQ(container_.level(), initial_ + put_ - taken_ - in_hands);
    EXPECT_GE(container_.level(), 0);
    EXPECT_LE(container_.level(), std::max(capacity_, level_before_) + std::exchange(undone_, 0));
    level_before_ = container_.level();
  }
  void check_end() override { EXPECT_EQ(container_.level(), initial_ + put_ - taken_); }

private:
  class Move final : public Request {
  public:
    Move(ContainerLedger& books, Member& its_member, Side its_side, std::int64_t its_units)
        : Request(books, its_member), side(its_side), units(its_units) {}
    ~Move() override { drop(); }
    Side side;
    std::int64_t units;
  };

  std::int64_t draw_amount() {
    return population_.random().integer(0, population_.chance(0.5) ? capacity_ : capacity_ / 3);
  }
  std::optional<int> queue_of(const Request& request) const override {
    return static_cast<const Move&>(request).side;
  }
  void changed(Request& request, Request::Status was) override {
    auto& move = static_cast<Move&>(request);
    if (move.side == put && move.seen == Request::Status::served) {
      put_ += move.units;
      move.counted = true;
    }
    if (move.side == get && was == Request::Status::served) undone_ += move.units;
  }
  void given(Request& request) override {
    const auto& move = static_cast<Move&>(request);
    if (move.at_once()) {
      EXPECT_FALSE(anybody_waits(move.side, 0)) << "went before the queue";
    }
    if (move.side == get) taken_ += move.units;
    if (move.side == put && !move.counted) put_ += move.units;
  }
  void dropped(Request& request) override {
    const auto& move = static_cast<Move&>(request);
    if (move.side == get && move.seen == Request::Status::served) undone_ += move.units;
  }

  std::int64_t capacity_, initial_;
  Container container_;
  std::int64_t put_ = 0, taken_ = 0, undone_ = 0, level_before_ = capacity_;
};

} // namespace

std::unique_ptr<Ledger> container_ledger(Population& population) {
  return std::make_unique<ContainerLedger>(population);
}

} // namespace windtunnel::engine::conservation
