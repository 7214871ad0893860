// What the parts of check() share. Only check*.cpp include this file.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "libsim/base/error.hpp"
#include "models/catalog/catalog.hpp"
#include "scenarios/scenario.hpp"

namespace windtunnel::scenarios {

/// Problems found, beside those that reading found before.
class Issues {
public:
  explicit Issues(const std::vector<Issue>& unread) : unread_(unread) {}

  /// Could something at or below `pointer` not be read? Then its values are not the user's.
  bool broken(std::string_view pointer) const {
    return std::any_of(unread_.begin(), unread_.end(),
                       [&](const Issue& issue) { return lies_in(issue.pointer, pointer); });
  }
  /// Did reading complain of what is at `pointer`, of a part of it, or of what it lies in? A
  /// missing field is a complaint of the object it is missing from.
  bool spoken_of(std::string_view pointer) const {
    return std::any_of(unread_.begin(), unread_.end(), [&](const Issue& issue) {
      const bool of_root = issue.pointer.empty() && pointer.rfind('/') == 0;
      return of_root || lies_in(issue.pointer, pointer) ||
             (!issue.pointer.empty() && lies_in(pointer, issue.pointer));
    });
  }
  void add(std::string pointer, std::string message) {
    issues_.push_back({std::move(pointer), std::move(message)});
  }
  std::size_t size() const { return issues_.size(); }
  std::vector<Issue> take() { return std::move(issues_); }

private:
  static bool lies_in(std::string_view pointer, std::string_view object) {
    return pointer.starts_with(object) &&
           (pointer.size() == object.size() || pointer[object.size()] == '/');
  }

  const std::vector<Issue>& unread_;
  std::vector<Issue> issues_;
};

/// A pool lies in one zone of the region.
void check_zones(Issues& issues, const std::string& at, const NodePool& pool, const Scenario& s);
/// A valid workload ends within what the clock holds.
void check_duration(Issues& issues, const std::string& at, const TrainingWorkload& w,
                    const Scenario& s, const catalog::Catalog& catalog);
/// Every file system is as large as AWS sells them, and holds the checkpoints that are to be kept
/// on it.
void check_capacity(Issues& issues, const Scenario& s, const catalog::Catalog& catalog);

} // namespace windtunnel::scenarios
