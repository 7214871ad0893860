#include "models/network/fabric_description.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string_view>

namespace windtunnel::network {
namespace {

bool contains(const std::string& text, const char* word) {
  return text.find(word) != std::string::npos;
}

/// Reads a description from left to right.
struct Cursor {
  std::string_view text;
  std::size_t at = 0;
  double number = 0;

  /// The next run of digits, into `number`; false at the end.
  bool next_number() {
    constexpr std::string_view digits = "0123456789";
    at = text.find_first_of(digits, at);
    if (at == std::string_view::npos) return false;
    const std::size_t end = std::min(text.find_first_not_of(digits, at), text.size());
    constexpr std::size_t most_digits = 6; // more are no number of adapters or gigabits
    number = 0;
    if (end - at <= most_digits) std::from_chars(text.data() + at, text.data() + end, number);
    at = end;
    return true;
  }
  /// Moves past `word`, and past spaces before it, if it is what follows.
  bool take(std::string_view word) {
    std::size_t begin = at;
    while (begin < text.size() && std::isspace(static_cast<unsigned char>(text[begin]))) ++begin;
    if (!text.substr(begin).starts_with(word)) return false;
    at = begin + word.size();
    return true;
  }
  bool at_word_end() const {
    return at == text.size() ||
           !(std::isalnum(static_cast<unsigned char>(text[at])) || text[at] == '_');
  }
};

/// Gb/s of all compute adapters of a node, where the text says it.
std::optional<double> gigabits_per_node(std::string text) {
  // In "Storage: 2x .., Compute: 8x .." only the compute part counts.
  if (const std::size_t at = text.find("compute:");
      at != std::string::npos && !contains(text, "storage&compute"))
    text = text.substr(at);
  for (Cursor cursor{text}; cursor.next_number();)
    if ((cursor.take("gbps") || cursor.take("gb/s") || cursor.take("gbs")) && cursor.take("per") &&
        cursor.take("node"))
      return cursor.number;
  double best = 0;
  for (Cursor cursor{text}; cursor.next_number();) {
    const double adapters = cursor.number;
    if (!cursor.take("x")) continue;
    const std::size_t end = std::min(text.find_first_of(",;", cursor.at), text.size());
    for (Cursor rate{std::string_view(text).substr(0, end), cursor.at}; rate.next_number();) {
      if (!rate.take("g") || !(rate.take("b") || rate.at_word_end())) continue;
      if (rate.number >= 100) best = std::max(best, adapters * rate.number);
      break;
    }
    cursor.at = end;
  }
  if (best > 0) return best;
  return std::nullopt;
}

/// The usual machine: adapters' Gb/s for each GPU.
double usual_gigabits_per_gpu(const std::string& gpu) {
  if (contains(gpu, "A100") || contains(gpu, "A800")) return 200;
  if (contains(gpu, "V100")) return 100;
  if (contains(gpu, "B300") && !contains(gpu, "GB300")) return 800;
  if (contains(gpu, "GB300")) return 800;
  if (contains(gpu, "H100") || contains(gpu, "H200") || contains(gpu, "B200") ||
      contains(gpu, "GH200") || contains(gpu, "H800") || contains(gpu, "MI300X"))
    return 400;
  return 25;
}

} // namespace

Fabric describe_fabric(const std::string& description, const std::string& gpu, Bandwidth nvlink,
                       int gpus_per_node, bool* assumed) {
  constexpr std::size_t longest = 500; // more is no description of a network
  std::string text = description.substr(0, longest);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  Fabric fabric;
  gpus_per_node = std::max(1, gpus_per_node);
  const bool rack = contains(text, "nvl72") || contains(gpu, "GB200") || contains(gpu, "GB300");
  fabric.domain_size = rack ? 72 : gpus_per_node;
  fabric.nvlink = nvlink > Bandwidth{} ? nvlink / 2 : gigabytes_per_second(32); // PCIe 4 x16
  fabric.kind = "infiniband";
  if (contains(text, "efa")) fabric.kind = "efa";
  if (contains(text, "roce")) fabric.kind = "roce";
  if (contains(text, "opa")) fabric.kind = "opa";
  const std::optional<double> gigabits = gigabits_per_node(text);
  // A lone adapter below 100 Gb/s for each two GPUs of a training machine is its management port.
  const bool plausible = gigabits && *gigabits / gpus_per_node >= 25;
  if (!plausible) *assumed = true;
  fabric.network =
      gigabits_per_second(plausible ? *gigabits / gpus_per_node : usual_gigabits_per_gpu(gpu));
  return fabric;
}

} // namespace windtunnel::network
