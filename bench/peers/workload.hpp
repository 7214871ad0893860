// What the C++ drivers of other engines share: the same work as bench/engine.cpp under the same
// names, its random draws, and how a driver reports.
//
// A driver is called with the name of one benchmark, runs it once and prints one line:
//
//   ITEMS CPU_SECONDS CHECK
//
// where CHECK is a result (a mean sojourn, a count) by which runs can be told to have done the
// work. It exits with status 3 for a benchmark its engine has no means for.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace peers {

constexpr int customers = 100'000;
constexpr double load = 0.9; // of M/M/1; services last 1 on average

inline double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

inline void report(double items, double seconds, double check) {
  std::printf("%.0f %.6f %.8g\n", items, seconds, check);
  std::fflush(stdout);
}

[[noreturn]] inline void not_offered() { std::exit(3); }

/// xorshift64: a generator whose cost disappears beside an event.
class Random {
public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 1) {}
  std::uint64_t bits() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  double exponential(double mean) {
    return -mean * std::log(static_cast<double>((bits() >> 11) + 1) * 0x1p-53);
  }

private:
  std::uint64_t state_;
};

/// Exponential increments of mean 1, drawn beforehand.
class Increments {
public:
  Increments() {
    Random random(1);
    for (double& x : values_) x = random.exponential(1);
  }
  double next() { return values_[at_++ & (size - 1)]; }

private:
  static constexpr std::size_t size = 1 << 14;
  std::array<double, size> values_;
  std::size_t at_ = 0;
};

/// Stops the clock after so many events of a benchmark that would go on for ever: the first
/// `warm_up` are not measured.
class Window {
public:
  Window(std::uint64_t warm_up, std::uint64_t measured)
      : left_(warm_up + measured), measured_(measured) {}
  /// Called at each event; true when it was the last.
  bool last() {
    if (left_ == measured_) begin_ = cpu_seconds();
    if (left_-- > 0) return false;
    seconds_ = cpu_seconds() - begin_;
    return true;
  }
  void report(double check) const {
    peers::report(static_cast<double>(measured_), seconds_, check);
  }

private:
  std::uint64_t left_, measured_;
  double begin_ = 0, seconds_ = 0;
};

/// PHOLD's choices: where the next message of process `at` goes, and when.
class PholdChoices {
public:
  explicit PholdChoices(std::size_t processes) {
    for (std::size_t i = 0; i < processes; ++i) states_.emplace_back(Random(i), 0);
  }
  std::size_t size() const { return states_.size(); }
  double delay(std::size_t at) { return 0.1 + states_[at].random.exponential(0.9); }
  std::size_t receive(std::size_t at) {
    ++states_[at].received;
    const std::uint64_t r = states_[at].random.bits();
    return (r & 3) == 0 ? (r >> 2) % states_.size() : at;
  }

private:
  struct State {
    State(Random its_random, std::uint64_t count) : random(its_random), received(count) {}
    Random random;
    std::uint64_t received;
  };
  std::vector<State> states_;
};

constexpr int timers = 1'000'000;

/// When the timers of timers_bulk are due; every second one is cancelled before the run.
inline std::vector<double> timer_times() {
  Random random(3);
  std::vector<double> times;
  for (int i = 0; i < timers; ++i) times.push_back(random.exponential(1000));
  return times;
}

/// timers_rolling: tick i arms a timer this far ahead and cancels, if even, the one armed 500
/// ticks before.
inline double rolling_delay(int i) { return 1000 + i % 7; }
inline int rolling_cancels(int i) { return i >= 500 && i % 2 == 0 ? i - 500 : -1; }

/// A benchmark's name and the number behind its slash.
class Benchmark {
public:
  explicit Benchmark(const std::string& text)
      : name(text.substr(0, text.find('/'))),
        size(text.find('/') == std::string::npos ? 0 : std::stoul(text.substr(name.size() + 1))) {}
  std::string name;
  std::size_t size;
};

} // namespace peers
