// TokenBucket: tokens spent <= burst + rate * time, to the rounding the header states; never
// negative; what the bucket says it holds is what came less what was taken; in order; nobody waits
// at the end of an instant for tokens that are there.
#include "libsim/engine/token_bucket.hpp"

#include "tests/libsim/engine/conservation/ledgers.hpp"

namespace windtunnel::engine::conservation {
namespace {

class TokenBucketLedger final : public Ledger {
public:
  explicit TokenBucketLedger(Population& population)
      : Ledger(population), rate_(draw_rate()), burst_(draw_burst()),
        bucket_(population.sim(), rate_, burst_), level_(burst_), updated_(population.now()) {}

  Task<> use(Member& member, int depth) override {
    const double tokens = draw_tokens();
    Request request(*this, member, 0, tokens);
    co_await population_.ask(request, bucket_.take(tokens));
    if (population_.chance(0.2)) co_await population_.stay(member, depth);
  }

  void meddle() override {
    advance();
    const double tokens = draw_tokens();
    const bool waits = anybody_waits(0, 0);
    const bool taken = bucket_.try_take(tokens);
    EXPECT_FALSE(taken && waits) << "went before the queue";
    if (!waits) {
      EXPECT_TRUE(taken || level_ < tokens + rounding()) << "refused what is there";
    }
    if (taken) spend(tokens);
  }

  void check() override {
    advance();
    EXPECT_EQ(bucket_.waiting(), count(Request::Status::waits));
    EXPECT_NEAR(bucket_.tokens(), level_, rounding());
    EXPECT_GE(bucket_.tokens(), 0);
    EXPECT_GE(level_, -rounding()) << "spent more than there was";
    EXPECT_LE(spent_, burst_ + rate_ * population_.now().seconds() + rounding());
  }
  void check_instant() override {
    for (const Request* const request : requests_)
      if (request->seen == Request::Status::waits) {
        EXPECT_LT(level_, request->amount + rounding()) << "waits beside what it wants";
        return; // the first alone: those behind it wait for it
      }
  }
  void check_end() override {
    EXPECT_EQ(bucket_.waiting(), 0U);
    advance();
    if (level_ > rounding()) {
      EXPECT_TRUE(bucket_.try_take(level_ - rounding())) << "what is there can be taken";
    }
  }

private:
  // With ties, whole tokens at whole rates that divide a second: no span of time is rounded.
  double draw_rate() {
    constexpr double rates[] = {1, 2, 4, 5, 8, 10};
    return population_.ties() ? rates[population_.random().below(6)]
                              : population_.random().uniform(0.5, 20);
  }
  double draw_burst() {
    return population_.ties() ? static_cast<double>(population_.random().integer(1, 10))
                              : population_.random().uniform(0.5, 10);
  }
  double draw_tokens() {
    return population_.ties() ? static_cast<double>(population_.random().integer(
                                    0, static_cast<std::int64_t>(burst_)))
                              : population_.random().uniform(0, burst_);
  }

  /// Each take, and each undone, is half a nanosecond off at most; and doubles are doubles.
  double rounding() const {
    return (population_.ties() ? 0 : rate_ * 0.5e-9 * static_cast<double>(moves_ + 1)) +
           1e-12 * (spent_ + burst_);
  }
  void advance() {
    level_ = std::min(burst_, level_ + rate_ * (population_.now() - updated_).seconds());
    updated_ = population_.now();
  }
  void spend(double tokens) {
    advance();
    level_ -= tokens;
    spent_ += tokens;
    ++moves_;
  }

  void changed(Request& request, Request::Status was) override {
    if (request.seen == Request::Status::served) spend(request.amount);
    if (was == Request::Status::served) spend(-request.amount);
  }
  void given(Request& request) override {
    if (!request.at_once()) return;
    EXPECT_FALSE(anybody_waits(0, 0)) << "went before the queue";
    spend(request.amount);
  }
  void dropped(Request& request) override {
    if (request.seen == Request::Status::served) spend(-request.amount);
  }

  double rate_, burst_;
  TokenBucket bucket_;
  double level_; ///< what came less what was taken
  Time updated_;
  double spent_ = 0;
  std::uint64_t moves_ = 0;
};

} // namespace

std::unique_ptr<Ledger> token_bucket_ledger(Population& population) {
  return std::make_unique<TokenBucketLedger>(population);
}

} // namespace windtunnel::engine::conservation
