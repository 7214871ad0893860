#include "schedule.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "cases.hpp"

namespace windtunnel::calibration {

std::vector<Case> chosen_cases(const Arguments& arguments, const std::set<std::string>& done) {
  std::vector<Case> cases = all_cases();
  std::set<std::string> operations;
  for (const Case& c : cases) operations.insert(c.op);
  for (const std::string& op : arguments.only)
    if (!operations.contains(op)) {
      std::string known;
      for (const std::string& name : operations) known += (known.empty() ? "" : ", ") + name;
      throw std::invalid_argument("no operation '" + op + "'; there are " + known);
    }
  if (arguments.fresh_sample) cases = fresh_cases(cases, *arguments.fresh_sample, arguments.seed);
  const auto unwanted = [&](const Case& c) {
    const auto& only = arguments.only;
    return (arguments.quick && !c.quick) || done.contains(c.key()) ||
           (!only.empty() && std::find(only.begin(), only.end(), c.op) == only.end());
  };
  std::erase_if(cases, unwanted);
  return cases;
}

double Slice::ratio() const {
  // The first cases load libraries; the weight of ten seconds keeps them from telling too much.
  constexpr double weight = 10;
  return (spent_ + weight) / (expected_ + weight);
}

bool Slice::fits(const Case& c, double seconds_elapsed) const {
  return !minutes_ || seconds_elapsed + corrected(expected_seconds(c)) <= *minutes_ * 60;
}

void Slice::spent(const Case& c, double seconds) {
  spent_ += seconds;
  expected_ += expected_seconds(c);
}

std::string listing(const std::vector<Case>& cases) {
  std::string text = "group      seconds  minutes  case\n";
  double sum = 0;
  for (const Case& c : cases) {
    sum += expected_seconds(c);
    char line[64];
    std::snprintf(line, sizeof line, "%-9s %8.2f %8.2f  ", to_string(c.group), expected_seconds(c),
                  sum / 60);
    text += line + c.op + ' ' + c.variant + ' ' + c.dtype + ' ' + c.shape_text() +
            (c.cache == Cache::hot ? " hot" : "") + (c.quick ? " *" : "") + '\n';
  }
  return text + "* also in --quick. " + std::to_string(cases.size()) + " cases\n";
}

} // namespace windtunnel::calibration
