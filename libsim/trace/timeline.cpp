#include "libsim/trace/timeline.hpp"

#include <algorithm>
#include <numeric>

#include "libsim/base/error.hpp"
#include "libsim/base/unit_strings.hpp"

namespace windtunnel::trace {

void Lane::span(std::string_view name, std::string_view category, Time begin, Time end,
                std::initializer_list<Arg> args) const {
  if (!timeline_) return;
  if (begin < Time{} || end < begin)
    throw ModelError("a span '" + std::string(name) + "' cannot go from " + to_string(begin) +
                     " to " + to_string(end));
  timeline_->spans_.push_back(
      {index_, std::string(name), std::string(category), begin, end, Args(args)});
}

void Lane::instant(std::string_view name, std::string_view category, Time at,
                   std::initializer_list<Arg> args) const {
  if (!timeline_) return;
  if (at < Time{}) throw ModelError("an instant '" + std::string(name) + "' before time zero");
  timeline_->instants_.push_back(
      {index_, std::string(name), std::string(category), at, Args(args)});
}

void Counter::set(Time at, std::initializer_list<std::int64_t> values) const {
  if (!timeline_) return;
  const Timeline::CounterName& counter = timeline_->counters_[index_];
  if (values.size() != counter.series.size() || at < Time{})
    throw ModelError("counter '" + counter.name + "' takes " +
                     std::to_string(counter.series.size()) + " values from time zero on");
  timeline_->samples_.push_back({index_, at, values});
}

std::size_t Timeline::group(std::string_view name) {
  const auto found = std::find(groups_.begin(), groups_.end(), name);
  if (found != groups_.end()) return static_cast<std::size_t>(found - groups_.begin());
  groups_.emplace_back(name);
  return groups_.size() - 1;
}

Lane Timeline::lane(std::string_view group_name, std::string_view name) {
  const std::size_t in = group(group_name);
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    if (lanes_[i].group == in && lanes_[i].name == name) return Lane(this, i);
  lanes_.push_back({in, std::string(name)});
  return Lane(this, lanes_.size() - 1);
}

Counter Timeline::counter(std::string_view group_name, std::string_view name,
                          std::vector<std::string> series) {
  counters_.push_back({group(group_name), std::string(name), std::move(series)});
  return Counter(this, counters_.size() - 1);
}

std::vector<std::size_t> Timeline::nested_order() const {
  std::vector<std::size_t> order(spans_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [this](std::size_t i, std::size_t j) {
    const Span &a = spans_[i], &b = spans_[j];
    if (a.lane != b.lane) return a.lane < b.lane;
    if (a.begin != b.begin) return a.begin < b.begin;
    if (a.end != b.end) return a.end > b.end;
    return i > j;
  });
  std::vector<const Span*> open; // around the present span, innermost last
  for (const std::size_t i : order) {
    const Span& span = spans_[i];
    while (!open.empty() && (open.back()->lane != span.lane || open.back()->end <= span.begin))
      open.pop_back();
    if (!open.empty() && open.back()->end < span.end)
      throw ModelError("lane '" + lanes_[span.lane].name + "': '" + open.back()->name +
                       "' ends at " + to_string(open.back()->end) + " within '" + span.name +
                       "', which begins at " + to_string(span.begin));
    open.push_back(&span);
  }
  return order;
}

Lane lane_of(Timeline* timeline, std::string_view group, std::string_view name) {
  return timeline ? timeline->lane(group, name) : Lane();
}

Counter counter_of(Timeline* timeline, std::string_view group, std::string_view name,
                   std::vector<std::string> series) {
  return timeline ? timeline->counter(group, name, std::move(series)) : Counter();
}

} // namespace windtunnel::trace
