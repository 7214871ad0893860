#include "models/kernels/gemm_transfer.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "libsim/base/error.hpp"
#include "models/kernels/held_out.hpp"

namespace windtunnel::kernels {
namespace {

constexpr double share_of_peak = 0.82, share_of_bandwidth = 0.80;
constexpr double l2_bytes_a_clock_and_sm = 7.6;
constexpr double start_cycles = 5750, cycles_of_k = 0.38;
constexpr double rotated_copies = 6; ///< of the weights, in aiconfigurator's collectors
constexpr double l2_edge = 0.3;      ///< octaves over which the L2 overflows
constexpr std::size_t scored_nodes = 2000;

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

/// The roofline of the header.
struct Machine {
  double flops = 0, memory = 0, input_bytes = 0, sms = 0, clock = 0, l2 = 0;

  /// What the catalog lacks is the `relative`'s, whose die it has or is nearest to.
  Machine(const catalog::GpuSpec& gpu, const GemmFormat& format,
          const catalog::GpuSpec* relative = nullptr) {
    const GemmRoofline peaks = roofline_of(gpu, format);
    flops = peaks.flops_per_second;
    memory = peaks.bytes_per_second;
    input_bytes = format.input_bytes;
    const auto known = [&](auto member, const char* what) {
      if (gpu.*member) return *(gpu.*member);
      if (relative && relative->*member) return *(relative->*member);
      throw ModelError("kernel costs do not carry over to " + gpu.name +
                       ": the catalog lacks its " + what);
    };
    sms = known(&catalog::GpuSpec::sm_count, "SM count");
    clock = known(&catalog::GpuSpec::boost_clock_mhz, "clock") * 1e6;
    l2 = static_cast<double>(known(&catalog::GpuSpec::l2, "L2 size").count());
  }

  double seconds(double m, double n, double k) const {
    const double compute = 2 * m * n * k / (share_of_peak * flops);
    const double weights = input_bytes * n * k, bytes = weights + input_bytes * m * k + 2 * m * n;
    const double over = std::log2(rotated_copies * weights / l2) / l2_edge;
    const double in_l2 = 1 / (1 + std::exp(over));
    const double rate = share_of_bandwidth * memory;
    const double l2_rate = std::max(rate, l2_bytes_a_clock_and_sm * sms * clock);
    const double moved = bytes * (in_l2 / l2_rate + (1 - in_l2) / rate);
    return std::hypot(compute, moved) + (start_cycles + cycles_of_k * k) / clock;
  }
};

/// Relatives with their machines, and the prediction from them.
class Transfer {
public:
  Transfer(const catalog::GpuSpec& gpu, const GemmFormat& format,
           const std::vector<GemmRelative>& relatives)
      : machine_(gpu, format, relatives.front().gpu) {
    for (const GemmRelative& relative : relatives)
      relatives_.push_back({Machine(*relative.gpu, format), relative.table, relative.weight});
  }
  double seconds(double m, double n, double k) const {
    double log_ratio = 0;
    for (const Relative& relative : relatives_)
      log_ratio += relative.weight * std::log(relative.table->time(m, n, k).seconds /
                                              relative.machine.seconds(m, n, k));
    return machine_.seconds(m, n, k) * std::exp(log_ratio);
  }

private:
  struct Relative {
    Machine machine;
    const GemmTable* table;
    double weight;
  };
  Machine machine_;
  std::vector<Relative> relatives_;
};

/// Which of the measured a GPU may be predicted from.
enum class Kin { same_architecture, other_architectures };

std::vector<GemmRelative> relatives_of(const catalog::GpuSpec& gpu, const GemmFormat& format,
                                       std::span<const GemmRelative> measured, Kin kin) {
  const double capability = compute_capability(gpu);
  const auto balance = [&](const catalog::GpuSpec& of) {
    const GemmRoofline peaks = roofline_of(of, format);
    return std::log2(peaks.flops_per_second / peaks.bytes_per_second);
  };
  std::vector<GemmRelative> relatives;
  double sum = 0;
  for (GemmRelative relative : measured) {
    if (relative.gpu->name == gpu.name ||
        same_architecture(*relative.gpu, gpu) != (kin == Kin::same_architecture))
      continue;
    const double distance = std::hypot(compute_capability(*relative.gpu) - capability,
                                       balance(*relative.gpu) - balance(gpu));
    relative.weight = 1 / (distance * distance + 1.0 / 64);
    sum += relative.weight;
    relatives.push_back(relative);
  }
  for (GemmRelative& relative : relatives) relative.weight /= sum;
  std::ranges::stable_sort(relatives, std::ranges::greater{}, &GemmRelative::weight);
  return relatives;
}

/// Logs of measured / predicted on measured nodes of the relative, some of them.
void score(const GemmRelative& relative, const auto& predict, std::vector<double>& logs) {
  const GemmGrid& grid = relative.table->grid();
  const std::size_t step = std::max<std::size_t>(1, grid.log_ratio.size() / scored_nodes) | 1U;
  for (std::size_t node = 0; node < grid.log_ratio.size(); node += step) {
    if (!grid.measured[node]) continue;
    const std::size_t shape = node / grid.m.size();
    const auto m = static_cast<double>(grid.m[node % grid.m.size()]),
               k = static_cast<double>(grid.k[shape % grid.k.size()]),
               n = static_cast<double>(grid.n[shape / grid.k.size()]);
    const double measured = relative.table->roofline().seconds(m, n, k) *
                            std::exp(static_cast<double>(grid.log_ratio[node]));
    logs.push_back(std::log(measured / predict(m, n, k)));
  }
}

LogBand band_of_transfer(Kin kin, const catalog::GpuSpec& gpu, const GemmFormat& format,
                         std::span<const GemmRelative> measured,
                         const std::vector<GemmRelative>& relatives) {
  std::vector<GemmRelative> others;
  std::ranges::copy_if(measured, std::back_inserter(others),
                       [&](const GemmRelative& r) { return r.gpu->name != gpu.name; });
  std::vector<double> logs;
  // A relative of the same architecture is scored where two are measured; otherwise as if none was.
  for (const Kin tried : {kin, Kin::other_architectures}) {
    for (const GemmRelative& held_out : others) {
      if (tried == Kin::same_architecture && !same_architecture(*held_out.gpu, gpu)) continue;
      const auto from = relatives_of(*held_out.gpu, format, others, tried);
      if (from.empty()) continue;
      const Transfer transfer(*held_out.gpu, format, from);
      score(
          held_out, [&](double m, double n, double k) { return transfer.seconds(m, n, k); }, logs);
    }
    if (!logs.empty()) break;
  }
  if (logs.empty()) { // one GPU measured: as far as it is from its own roofline
    const Machine machine(*relatives.front().gpu, format);
    score(
        relatives.front(), [&](double m, double n, double k) { return machine.seconds(m, n, k); },
        logs);
  }
  std::ranges::sort(logs);
  return {quantile(logs, 0.1), quantile(logs, 0.9)};
}

Kin kin_of(const catalog::GpuSpec& gpu, const GemmFormat& format,
           std::span<const GemmRelative> measured) {
  return relatives_of(gpu, format, measured, Kin::same_architecture).empty()
             ? Kin::other_architectures
             : Kin::same_architecture;
}

} // namespace

std::vector<GemmRelative> relatives_of(const catalog::GpuSpec& gpu, const GemmFormat& format,
                                       std::span<const GemmRelative> measured) {
  std::vector<GemmRelative> relatives =
      relatives_of(gpu, format, measured, kin_of(gpu, format, measured));
  if (relatives.empty())
    throw ModelError("no GPU related to " + gpu.name + " was measured in " + format.name);
  return relatives;
}

GemmTable transfer_gemm(const catalog::GpuSpec& gpu, const GemmFormat& format,
                        std::span<const GemmRelative> measured) {
  const GemmRoofline roofline = roofline_of(gpu, format);
  const std::vector<GemmRelative> relatives = relatives_of(gpu, format, measured);
  const LogBand band =
      band_of_transfer(kin_of(gpu, format, measured), gpu, format, measured, relatives);
  const Transfer transfer(gpu, format, relatives);
  GemmGrid grid = relatives.front().table->grid();
  for (std::size_t node = 0; node < grid.log_ratio.size(); ++node) {
    const std::size_t shape = node / grid.m.size();
    const auto m = static_cast<double>(grid.m[node % grid.m.size()]),
               k = static_cast<double>(grid.k[shape % grid.k.size()]),
               n = static_cast<double>(grid.n[shape / grid.k.size()]);
    grid.log_ratio[node] =
        static_cast<float>(std::log(transfer.seconds(m, n, k) / roofline.seconds(m, n, k)));
  }
  grid.measured.assign(grid.measured.size(), false);
  return GemmTable(roofline, std::move(grid), band, true);
}

} // namespace windtunnel::kernels
