#include "models/kernels/relatives.hpp"

#include <algorithm>
#include <cmath>

#include "libsim/base/error.hpp"
#include "models/kernels/held_out.hpp"

namespace windtunnel::kernels {
namespace {

/// NVIDIA's compute capability, by the catalog's architecture; CUDA C++ programming guide.
struct Architecture {
  const char* prefix;
  double compute_capability;
};
constexpr Architecture architectures[] = {
    {"Volta", 7.0},     {"Turing", 7.5}, {"Ampere GA100", 8.0},    {"Ampere", 8.6},
    {"Ada", 8.9},       {"Hopper", 9.0}, {"Blackwell GB20", 12.0}, {"Blackwell Ultra", 10.3},
    {"Blackwell", 10.0}};

double compute_capability(const catalog::GpuSpec& gpu) {
  for (const Architecture& known : architectures)
    if (gpu.architecture.starts_with(known.prefix)) return known.compute_capability;
  throw ModelError("kernel costs do not carry over to " + gpu.name + " (" + gpu.vendor + " " +
                   gpu.architecture + "): only architectures of NVIDIA from Volta on are related");
}

bool same_architecture(const catalog::GpuSpec& a, const catalog::GpuSpec& b) {
  const auto family = [](const catalog::GpuSpec& gpu) {
    return gpu.architecture.substr(0, gpu.architecture.find(' '));
  };
  return family(a) == family(b) &&
         std::floor(compute_capability(a)) == std::floor(compute_capability(b));
}

std::vector<std::size_t> others_of(const catalog::GpuSpec& gpu,
                                   std::span<const catalog::GpuSpec* const> measured) {
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < measured.size(); ++i)
    if (measured[i]->name != gpu.name) others.push_back(i);
  return others;
}

} // namespace

std::vector<Relative> relatives_of(const catalog::GpuSpec& gpu, catalog::Dtype peak,
                                   std::span<const catalog::GpuSpec* const> measured, Kin kin) {
  const double capability = compute_capability(gpu);
  const auto balance = [&](const catalog::GpuSpec& of) {
    const auto flops = of.peak(peak);
    if (!flops) throw ModelError(of.name + " has no known peak at " + catalog::to_string(peak));
    return std::log2(flops->per_second() / of.memory_bandwidth.bytes_per_second());
  };
  std::vector<Relative> relatives;
  double sum = 0;
  for (const std::size_t i : others_of(gpu, measured)) {
    const catalog::GpuSpec& other = *measured[i];
    if (same_architecture(other, gpu) != (kin == Kin::same_architecture)) continue;
    const double distance =
        std::hypot(compute_capability(other) - capability, balance(other) - balance(gpu));
    relatives.push_back({i, 1 / (distance * distance + 1.0 / 64)});
    sum += relatives.back().weight;
  }
  for (Relative& relative : relatives) relative.weight /= sum;
  std::ranges::stable_sort(relatives, std::ranges::greater{}, &Relative::weight);
  return relatives;
}

std::vector<Relative> relatives_of(const catalog::GpuSpec& gpu, catalog::Dtype peak,
                                   std::span<const catalog::GpuSpec* const> measured) {
  for (const Kin kin : {Kin::same_architecture, Kin::other_architectures})
    if (std::vector<Relative> found = relatives_of(gpu, peak, measured, kin); !found.empty())
      return found;
  throw ModelError("no GPU related to " + gpu.name + " was measured");
}

LogBand band_of_transfer(const catalog::GpuSpec& gpu, catalog::Dtype peak,
                         std::span<const catalog::GpuSpec* const> measured,
                         const ScoreTransfer& score) {
  const std::vector<std::size_t> others = others_of(gpu, measured);
  std::vector<const catalog::GpuSpec*> rest;
  for (const std::size_t i : others) rest.push_back(measured[i]);
  std::vector<double> logs;
  const auto add = [&](std::size_t held_out, Kin kin) {
    std::vector<Relative> from = relatives_of(*rest[held_out], peak, rest, kin);
    for (Relative& relative : from) relative.index = others[relative.index];
    if (!from.empty()) score(others[held_out], from, logs);
  };
  for (std::size_t i = 0; i < rest.size(); ++i)
    if (same_architecture(*rest[i], gpu)) add(i, Kin::same_architecture);
  for (std::size_t i = 0, count = logs.empty() ? rest.size() : 0; i < count; ++i)
    add(i, Kin::other_architectures);
  if (logs.empty() && !others.empty()) score(others.front(), {}, logs);
  if (logs.empty()) throw ModelError("no measurement to carry over to " + gpu.name);
  std::ranges::sort(logs);
  return {quantile(logs, 0.1), quantile(logs, 0.9)};
}

} // namespace windtunnel::kernels
