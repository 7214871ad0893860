#include "models/kernels/gemm_transfer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

constexpr double share_of_peak = 0.82, share_of_bandwidth = 0.80;
constexpr double l2_bytes_a_clock_and_sm = 7.6;
constexpr double start_cycles = 5750, cycles_of_k = 0.38;
constexpr double rotated_copies = 6; ///< of the weights, in aiconfigurator's collectors
constexpr double l2_edge = 0.3;      ///< octaves over which the L2 overflows
constexpr std::size_t scored_nodes = 2000;

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

/// Relatives with their machines, and the prediction from them; from the machine alone when there
/// are none.
class Transfer {
public:
  Transfer(const catalog::GpuSpec& gpu, const GemmFormat& format,
           std::span<const MeasuredGemm> measured, const std::vector<Relative>& relatives)
      : machine_(gpu, format, relatives.empty() ? nullptr : measured[relatives.front().index].gpu) {
    for (const Relative& relative : relatives) {
      const MeasuredGemm& from = measured[relative.index];
      sources_.push_back({Machine(*from.gpu, format), from.table, relative.weight});
    }
  }
  double seconds(double m, double n, double k) const {
    double log_ratio = 0;
    for (const Source& source : sources_)
      log_ratio += source.weight *
                   std::log(source.table->time(m, n, k).seconds / source.machine.seconds(m, n, k));
    return machine_.seconds(m, n, k) * std::exp(log_ratio);
  }

private:
  struct Source {
    Machine machine;
    const GemmTable* table;
    double weight;
  };
  Machine machine_;
  std::vector<Source> sources_;
};

/// m, n and k of a node of the grid.
std::array<double, 3> site(const GemmGrid& grid, std::size_t node) {
  const std::size_t shape = node / grid.m.size();
  return {static_cast<double>(grid.m[node % grid.m.size()]),
          static_cast<double>(grid.n[shape / grid.k.size()]),
          static_cast<double>(grid.k[shape % grid.k.size()])};
}

/// Logs of measured / predicted on some measured nodes.
void score(const GemmTable& table, const Transfer& transfer, std::vector<double>& logs) {
  const GemmGrid& grid = table.grid();
  const std::size_t step = std::max<std::size_t>(1, grid.log_ratio.size() / scored_nodes) | 1U;
  for (std::size_t node = 0; node < grid.log_ratio.size(); node += step) {
    if (!grid.measured[node]) continue;
    const auto [m, n, k] = site(grid, node);
    logs.push_back(std::log(table.roofline().seconds(m, n, k) / transfer.seconds(m, n, k)) +
                   static_cast<double>(grid.log_ratio[node]));
  }
}

} // namespace

GemmTable transfer_gemm(const catalog::GpuSpec& gpu, const GemmFormat& format,
                        std::span<const MeasuredGemm> measured) {
  const GemmRoofline roofline = roofline_of(gpu, format);
  std::vector<const catalog::GpuSpec*> gpus;
  for (const MeasuredGemm& gemm : measured) gpus.push_back(gemm.gpu);
  const std::vector<Relative> relatives = relatives_of(gpu, format.peak, gpus);
  const LogBand band = band_of_transfer(
      gpu, format.peak, gpus,
      [&](std::size_t held_out, const std::vector<Relative>& from, std::vector<double>& logs) {
        score(*measured[held_out].table, Transfer(*gpus[held_out], format, measured, from), logs);
      });
  const Transfer transfer(gpu, format, measured, relatives);
  GemmGrid grid = measured[relatives.front().index].table->grid();
  for (std::size_t node = 0; node < grid.log_ratio.size(); ++node) {
    const auto [m, n, k] = site(grid, node);
    grid.log_ratio[node] =
        static_cast<float>(std::log(transfer.seconds(m, n, k) / roofline.seconds(m, n, k)));
  }
  grid.measured.assign(grid.measured.size(), false);
  return GemmTable(roofline, std::move(grid), band, true);
}

} // namespace windtunnel::kernels
