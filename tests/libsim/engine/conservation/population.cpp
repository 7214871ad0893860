#include "tests/libsim/engine/conservation/population.hpp"

#include <limits>
#include <numeric>

#include "libsim/engine/preemptive_resource.hpp"

namespace windtunnel::engine::conservation {

// Request

Request::Request(Ledger& its_ledger, Member& its_member, int its_priority, double its_amount)
    : ledger(its_ledger), member(its_member), priority(its_priority), amount(its_amount),
      asked_at(its_ledger.population_.now()), limit(its_ledger.population_.draw_limit()) {
  auto& all = ledger.requests_;
  all.insert(std::upper_bound(
                 all.begin(), all.end(), this,
                 [](const Request* a, const Request* b) { return a->priority < b->priority; }),
             this);
}

void Request::drop() {
  if (!std::exchange(open, false)) return;
  std::erase(ledger.requests_, this);
  ledger.dropped(*this);
}

Request::Status Request::status() const {
  const ProcessState& state = member.process.state();
  if (state.sim->running() == &state) return Status::asks;
  if (!state.wait) return Status::withdrawn;
  return state.scheduled() ? Status::served : Status::waits;
}

void Request::over(bool given) {
  open = false;
  std::erase(ledger.requests_, this);
  const Time now = ledger.population_.now();
  if (given) {
    EXPECT_TRUE(at_once() || seen == Status::served || counted) << "went on unserved";
    ledger.given(*this);
  } else {
    EXPECT_NE(seen, Status::served) << "was served and is told that it was not";
    EXPECT_EQ(now, asked_at + limit.value_or(Time::max())) << "gave up, but not when it should";
    ledger.dropped(*this);
  }
}

// Ledger

void Ledger::scan() {
  // Nobody who waited and still does may be overtaken by one who is served.
  std::vector<int> held_back;
  for (Request* const request : requests_) {
    const Request::Status now = request->status();
    const std::optional<int> queue = queue_of(*request);
    if (queue && request->seen == Request::Status::waits) {
      const bool behind = std::count(held_back.begin(), held_back.end(), *queue) > 0;
      EXPECT_FALSE(behind && now == Request::Status::served) << "overtook somebody";
      if (now == Request::Status::waits) held_back.push_back(*queue);
    }
  }
  for (Request* const request : requests_) {
    const Request::Status now = request->status();
    if (now == request->seen || now == Request::Status::asks) continue;
    if (now == Request::Status::served) request->served_at = population_.now();
    changed(*request, std::exchange(request->seen, now));
  }
}

void Ledger::check_requests() const {
  for (const Request* const request : requests_) {
    const Time up = request->limit ? request->asked_at + *request->limit : Time::max();
    switch (request->seen) {
    case Request::Status::waits:
      EXPECT_LE(population_.now(), up) << "waits beyond its limit";
      break;
    case Request::Status::served:
      EXPECT_EQ(population_.now(), request->served_at) << "was served and does not go on";
      break;
    case Request::Status::withdrawn:
      if (request->member.causes.empty()) {
        EXPECT_EQ(population_.now(), up) << "neither interrupted nor timed out";
      }
      break;
    case Request::Status::asks:
      ADD_FAILURE() << "asked, and neither waits nor goes on";
    }
  }
}

std::size_t Ledger::count(Request::Status status) const {
  return static_cast<std::size_t>(
      std::count_if(requests_.begin(), requests_.end(),
                    [&](const Request* request) { return request->seen == status; }));
}

bool Ledger::anybody_waits(int queue, int up_to_priority) const {
  return std::any_of(requests_.begin(), requests_.end(), [&](const Request* request) {
    return queue_of(*request) == queue && request->priority <= up_to_priority &&
           request->status() == Request::Status::waits;
  });
}

// Population

Population::Population(bool ties, std::uint64_t seed)
    : ties_(ties), random_(seed, ties ? 1 : 0, "population") {}
Population::~Population() {
  for (const Member& member : members_) kill(member.process); // while the ledgers live
}

void Population::add(std::unique_ptr<Ledger> ledger) { ledgers_.push_back(std::move(ledger)); }

Time Population::draw_time() {
  return ties_ ? seconds(static_cast<double>(random_.below(3))) : seconds(random_.exponential(1));
}

std::optional<Time> Population::draw_limit() {
  if (chance(0.5)) return std::nullopt;
  return draw_time();
}

Task<> Population::stay(Member& member, int depth) {
  if (chance(0.1)) act();
  if (depth < 2 && chance(0.3)) {
    Ledger& ledger = *ledgers_[random_.below(ledgers_.size())];
    co_await ledger.use(member, depth + 1);
  } else {
    const Time span = draw_time();
    co_await span;
  }
}

void Population::caught(Member& member, const Interrupt& interrupt) {
  if (member.causes.empty()) {
    ADD_FAILURE() << "nobody sent this: " << interrupt.cause();
    return;
  }
  const Cause expected = member.causes.front();
  member.causes.pop_front();
  EXPECT_EQ(interrupt.cause(), expected.text);
  EXPECT_EQ(now(), expected.sent_at);
  const auto* const preempted = dynamic_cast<const Preempted*>(&interrupt);
  EXPECT_EQ(preempted != nullptr, expected.held_since.has_value());
  if (preempted && expected.held_since) {
    EXPECT_EQ(preempted->held_since(), *expected.held_since);
  }
}

void Population::scan() {
  for (const auto& ledger : ledgers_) ledger->scan();
}

Process Population::life(Member& member) {
  for (std::uint64_t rounds = random_.below(12); rounds > 0; --rounds) {
    try {
      const Time rest = draw_time();
      co_await rest;
      Ledger& ledger = *ledgers_[random_.below(ledgers_.size())];
      co_await ledger.use(member, 0);
      if (chance(0.1)) act();
    } catch (const Interrupt& interrupt) {
      caught(member, interrupt);
    }
  }
}

/// A member that is alive and does not run; none for want of one.
Member* Population::other_member() {
  Member& member = members_[random_.below(members_.size())];
  if (!alive(member.process) || sim_.running() == &member.process.state()) return nullptr;
  return &member;
}

/// One thing that happens to members or to what they use.
void Population::act() {
  const std::uint64_t kind = random_.below(8);
  if (kind < 4) {
    ledgers_[random_.below(ledgers_.size())]->meddle();
  } else if (Member* const member = other_member()) {
    scan();
    if (kind < 7) {
      member->causes.push_back({"cause " + std::to_string(++interrupts_), now(), std::nullopt});
      interrupt(member->process, member->causes.back().text);
    } else {
      kill(member->process);
    }
    scan();
  }
}

void Population::meddle() {
  for (std::uint64_t acts = 1 + random_.below(3); acts > 0; --acts) act();
  for (Member& member : members_)
    if (!alive(member.process)) {
      member.causes.clear();
      member.process = sim_.spawn(name_of(member.process), life(member));
    }
  sim_.after(draw_time(), [this] { meddle(); });
}

bool Population::check() {
  scan();
  for (const auto& ledger : ledgers_) {
    ledger->check_requests();
    ledger->check();
  }
  if (!testing::Test::HasFailure()) return true;
  ADD_FAILURE() << "after event " << sim_.events_fired() << " at " << now().seconds() << " s";
  return false;
}

void Population::run(std::uint64_t events) {
  members_.resize(2 + random_.below(11));
  for (std::size_t i = 0; i < members_.size(); ++i)
    members_[i].process = sim_.spawn("member " + std::to_string(i), life(members_[i]));
  sim_.after(draw_time(), [this] { meddle(); });
  sim_.trace_events([this](const FiredEvent& event) {
    if (event.at > now())
      for (const auto& ledger : ledgers_) ledger->check_instant();
  });
  while (sim_.events_fired() < events) {
    ASSERT_TRUE(sim_.step());
    if (!check()) return;
  }
  std::vector<std::size_t> order(members_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_.below(i)]);
  for (const std::size_t i : order) {
    scan();
    kill(members_[i].process);
    if (!check()) return;
  }
  for (const auto& ledger : ledgers_) ledger->check_end();
  EXPECT_TRUE(sim_.unfinished_processes().empty());
}

} // namespace windtunnel::engine::conservation
