#include "models/catalog/names.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace windtunnel::catalog {

namespace {

// ASCII only and independent of the locale, so that a key is the same on every machine.
bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replace}));
    }
  }
  return row[b.size()];
}

} // namespace

std::string normalise_name(std::string_view name) {
  std::string key;
  for (const char c : name) {
    if (is_letter_or_digit(c) || c == '.' || c == '+')
      key += lower(c);
    else if (!key.empty() && key.back() != '-')
      key += '-';
  }
  if (!key.empty() && key.back() == '-') key.pop_back();
  return key;
}

std::string normalise_gpu_name(std::string_view name) {
  std::string key;
  for (const char c : name)
    if (is_letter_or_digit(c)) key += lower(c);
  constexpr std::array<std::string_view, 5> vendors{"nvidia", "amd", "aws", "google", "tesla"};
  for (const std::string_view vendor : vendors)
    if (key.size() > vendor.size() && key.starts_with(vendor)) key.erase(0, vendor.size());
  return key;
}

std::vector<std::string> nearest_names(std::string_view name,
                                       const std::vector<std::string>& known) {
  // A longer text is no name: the distance would cost length times length.
  constexpr std::size_t longest = 128;
  const std::string key = normalise_name(name.substr(0, longest));
  const std::size_t allowed = std::max<std::size_t>(2, key.size() / 3);
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(key, normalise_name(candidate));
    if (distance <= allowed) found.emplace_back(distance, candidate);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> best;
  for (auto& [distance, candidate] : found) {
    if (best.size() == 3) break;
    best.push_back(std::move(candidate));
  }
  return best;
}

} // namespace windtunnel::catalog
