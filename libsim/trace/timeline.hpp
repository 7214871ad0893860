// Timeline: what happened when in one simulation, for people to look at: spans, instants and
// counters in simulated time, written as Chrome trace JSON for Perfetto and chrome://tracing.
//
// Lanes and counters belong to a named group (a job, a node pool: a "process" to the viewers).
// Spans of one lane nest: two of them are disjoint or one lies within the other; chrome_json()
// refuses what overlaps. A span is recorded when it ends, after those inside it, so of two equal
// ones the later recorded is the outer. Recording moves no clock and draws no random number.
//
// A Lane or Counter of no timeline drops what it is given: off costs a comparison and what the
// caller spends on arguments. A timeline belongs to one simulation on one thread. Equal recordings
// give equal bytes; times are printed from integers as microseconds with three decimals, so
// nanoseconds are exact.
//
// Format: "Trace Event Format" (Google, chrome://tracing). A span is a begin and an end event, not
// a complete one: viewers read `ts` and `dur` as doubles, and Perfetto cuts both to whole
// nanoseconds, after which neighbours overlap by one and it drops them (one span in 140 of a 65 day
// run).
//
//   trace::Timeline timeline;
//   const trace::Lane lane = trace::lane_of(&timeline, "job pretrain", "run"); // nullptr: off
//   lane.span("restart", "recovery", begin, sim.now(), {{"nodes", 64}});
//   std::string json = timeline.chrome_json();
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "libsim/base/units.hpp"

namespace windtunnel::trace {

class Timeline;

/// A named value that a span or an instant carries.
class Arg {
public:
  using Value = std::variant<std::int64_t, double, std::string>;
  Arg(std::string_view name, std::string_view text) : name_(name), value_(std::string(text)) {}
  Arg(std::string_view name, const char* text) : Arg(name, std::string_view(text)) {}
  Arg(std::string_view name, std::integral auto number)
      : name_(name), value_(static_cast<std::int64_t>(number)) {}
  Arg(std::string_view name, double number) : name_(name), value_(number) {}
  const std::string& name() const { return name_; }
  const Value& value() const { return value_; }

private:
  std::string name_;
  Value value_;
};
using Args = std::vector<Arg>;

struct Span {
  std::size_t lane = 0; ///< index into lanes()
  std::string name, category;
  Time begin{}, end{};
  Args args;
};
struct Instant {
  std::size_t lane = 0;
  std::string name, category;
  Time at{};
  Args args;
};
/// Values of all series of a counter from `at` on.
struct Sample {
  std::size_t counter = 0; ///< index into counters()
  Time at{};
  std::vector<std::int64_t> values;
};

/// A row of spans and instants, of a timeline or of none.
class Lane {
public:
  Lane() = default;
  explicit operator bool() const { return timeline_ != nullptr; }
  /// Throws ModelError when it ends before it begins or begins before time zero.
  void span(std::string_view name, std::string_view category, Time begin, Time end,
            std::initializer_list<Arg> args = {}) const;
  void instant(std::string_view name, std::string_view category, Time at,
               std::initializer_list<Arg> args = {}) const;

private:
  friend class Timeline;
  Lane(Timeline* timeline, std::size_t index) : timeline_(timeline), index_(index) {}
  Timeline* timeline_ = nullptr;
  std::size_t index_ = 0;
};

/// Numbers that change in steps, drawn stacked; of a timeline or of none.
class Counter {
public:
  Counter() = default;
  explicit operator bool() const { return timeline_ != nullptr; }
  /// One value for each series, in order; throws ModelError for another number of them.
  void set(Time at, std::initializer_list<std::int64_t> values) const;

private:
  friend class Timeline;
  Counter(Timeline* timeline, std::size_t index) : timeline_(timeline), index_(index) {}
  Timeline* timeline_ = nullptr;
  std::size_t index_ = 0;
};

class Timeline {
public:
  struct LaneName {
    std::size_t group = 0; ///< index into groups()
    std::string name;
  };
  struct CounterName {
    std::size_t group = 0;
    std::string name;
    std::vector<std::string> series;
  };

  Timeline() = default;
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;

  /// Groups, lanes and counters are shown in the order they were first named; equal names give
  /// the same lane.
  Lane lane(std::string_view group, std::string_view name);
  Counter counter(std::string_view group, std::string_view name, std::vector<std::string> series);

  const std::vector<std::string>& groups() const { return groups_; }
  const std::vector<LaneName>& lanes() const { return lanes_; }
  const std::vector<CounterName>& counters() const { return counters_; }
  const std::vector<Span>& spans() const { return spans_; } ///< as recorded
  const std::vector<Instant>& instants() const { return instants_; }
  const std::vector<Sample>& samples() const { return samples_; }
  /// Indices of the spans by lane, begin, outer before inner: the order in which they nest.
  /// Throws ModelError naming the lane and both spans when two overlap.
  std::vector<std::size_t> nested_order() const;

  /// The file; `about` goes into its otherData. Throws as nested_order().
  std::string chrome_json(const std::vector<std::pair<std::string, std::string>>& about = {}) const;

private:
  friend class Lane;
  friend class Counter;
  std::size_t group(std::string_view name);

  std::vector<std::string> groups_;
  std::vector<LaneName> lanes_;
  std::vector<CounterName> counters_;
  std::vector<Span> spans_;
  std::vector<Instant> instants_;
  std::vector<Sample> samples_;
};

/// The lane or counter of a timeline that may be off (nullptr).
Lane lane_of(Timeline* timeline, std::string_view group, std::string_view name);
Counter counter_of(Timeline* timeline, std::string_view group, std::string_view name,
                   std::vector<std::string> series);

} // namespace windtunnel::trace
