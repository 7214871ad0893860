// ProcessorSharing: the capacity goes to the jobs present, by weight, all of it; a job goes on when
// it has received its work, all but what is negligible, and at most a nanosecond later; the work of
// all is the capacity integrated over the time when there were jobs.
#include "libsim/engine/processor_sharing.hpp"

#include "tests/libsim/engine/conservation/ledgers.hpp"

namespace windtunnel::engine::conservation {
namespace {

class ProcessorSharingLedger final : public Ledger {
public:
  explicit ProcessorSharingLedger(Population& population)
      : Ledger(population), server_(population.sim(), draw_capacity()) {}

  Task<> use(Member& member, int depth) override {
    const double work = draw(6), weight = 0.5 + draw(3);
    Job job(*this, member, work, weight);
    co_await population_.ask(job, server_.serve(work, weight));
    if (population_.chance(0.2)) co_await population_.stay(member, depth);
  }

  void meddle() override {
    advance();
    server_.set_capacity(draw_capacity());
  }

  void scan() override {
    advance();
    Ledger::scan();
  }
  void check() override {
    EXPECT_EQ(server_.jobs(), count(Request::Status::waits));
    EXPECT_NEAR(server_.work_done(), work_done_, rounding(work_done_));
  }
  void check_instant() override {
    for (Request* const request : requests_) {
      auto& job = static_cast<Job&>(*request);
      if (job.seen != Request::Status::waits || job.received < job.work - rounding(job.work))
        continue;
      if (!job.due) job.due = population_.now();
      EXPECT_LE(population_.now(), *job.due + nanoseconds(1)) << "has its work and waits";
    }
  }
  void check_end() override { EXPECT_EQ(server_.jobs(), 0U); }

private:
  class Job final : public Request {
  public:
    Job(Ledger& books, Member& its_member, double its_work, double its_weight)
        : Request(books, its_member), work(its_work), weight(its_weight) {}
    double work, weight, received = 0;
    std::optional<Time> due;
  };

  double draw(std::uint64_t below) {
    return population_.ties() ? static_cast<double>(population_.random().below(below))
                              : population_.random().uniform(0, static_cast<double>(below));
  }
  static constexpr int highest_capacity = 5;
  double draw_capacity() { return draw(highest_capacity); }
  /// Of sums of doubles.
  static double rounding(double sum) { return 1e-12 * (1 + sum); }

  /// Shares out what was served since the last event.
  void advance() {
    const Time now = population_.now();
    const double work = (now - std::exchange(updated_, now)).seconds() * server_.capacity();
    double weights = 0;
    for (const Request* const request : requests_)
      if (request->seen == Request::Status::waits)
        weights += static_cast<const Job*>(request)->weight;
    if (weights == 0) return;
    work_done_ += work;
    for (Request* const request : requests_) {
      auto& job = static_cast<Job&>(*request);
      if (job.seen == Request::Status::waits) job.received += work * job.weight / weights;
    }
  }
  std::optional<int> queue_of(const Request&) const override { return std::nullopt; }
  void changed(Request& request, Request::Status) override {
    const auto& job = static_cast<Job&>(request);
    if (job.seen != Request::Status::served) return;
    // At the highest capacity: it may have changed since, in the same instant.
    constexpr double nanosecond = highest_capacity * 1e-9;
    const double negligible = nanosecond / 1000;
    EXPECT_GE(job.received, job.work - rounding(job.work) - negligible)
        << "went on with its work undone";
    EXPECT_LE(job.received, job.work + rounding(job.work) + nanosecond) << "went on late";
  }
  void given(Request& request) override {
    const auto& job = static_cast<Job&>(request);
    EXPECT_EQ(job.at_once(), job.work == 0);
  }

  ProcessorSharing server_;
  double work_done_ = 0;
  Time updated_{};
};

} // namespace

std::unique_ptr<Ledger> processor_sharing_ledger(Population& population) {
  return std::make_unique<ProcessorSharingLedger>(population);
}

} // namespace windtunnel::engine::conservation
