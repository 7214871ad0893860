#include "models/network/fabric_description.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <regex>

namespace windtunnel::network {
namespace {

bool contains(const std::string& text, const char* word) {
  return text.find(word) != std::string::npos;
}

/// Gb/s of all compute adapters of a node, where the text says it.
std::optional<double> gigabits_per_node(std::string text) {
  // In "Storage: 2x .., Compute: 8x .." only the compute part counts.
  if (const std::size_t at = text.find("compute:");
      at != std::string::npos && !contains(text, "storage&compute"))
    text = text.substr(at);
  std::smatch match;
  static const std::regex per_node(R"((\d{1,6})\s*gb/?p?s\s*per\s*node)");
  if (std::regex_search(text, match, per_node)) return std::stod(match[1]);
  static const std::regex adapters(R"((\d{1,4})\s*x\s*([^,;]*))"),
      rate(R"((\d{1,6})\s*g(b|\b|\s|$))");
  double best = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), adapters), end; it != end; ++it) {
    const std::string rest = (*it)[2];
    if (std::regex_search(rest, match, rate) && std::stod(match[1]) >= 100)
      best = std::max(best, std::stod((*it)[1]) * std::stod(match[1]));
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
