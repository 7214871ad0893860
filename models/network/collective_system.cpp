#include "models/network/collective_system.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "libsim/base/error.hpp"
#include "models/network/network_data.hpp"

namespace windtunnel::network {
namespace {

/// A family of instance types, as the plugin's table tells them apart.
struct Platform {
  std::string family, fabric, tuner;
  Time latency;
  bool amd = false;
};

const Platform* platform_of(const std::string& instance_type) {
  static const std::vector<Platform> all = json::read(
      network_table("collective-platforms.json"), "collective platforms", [](json::Reader& r) {
        std::vector<Platform> list;
        read_table_head(r, "collective-platforms/1");
        r.objects("rows", 1, "Families.", [&](json::Reader& o) {
          Platform p;
          p.family = o.text("family", "Before the dot of the instance type.");
          p.fabric = o.choice("fabric", {"efa-sendrecv", "efa-rdma"}, "Transport of the plugin.");
          p.latency = o.time("latency", "Reported to NCCL.");
          p.tuner = o.text("tuner", "", "Platform of its regions.");
          p.amd = o.boolean("amd", false, "Whether its CPUs are AMD's.");
          list.push_back(p);
        });
        return list;
      });
  const std::string family = instance_type.substr(0, instance_type.find('.'));
  for (const Platform& p : all)
    if (p.family == family) return &p;
  return nullptr;
}

/// Runs of letters, digits and dots; of hyphens too when `hyphens`.
std::vector<std::string> words(std::string_view text, bool hyphens = false) {
  std::vector<std::string> list(1);
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '.' || (hyphens && c == '-'))
      list.back() += c;
    else if (!list.back().empty())
      list.emplace_back();
  if (list.back().empty()) list.pop_back();
  return list;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// The longest run of words that the catalog knows as a GPU.
const catalog::GpuSpec* gpu_in(const std::vector<std::string>& machine,
                               const catalog::Catalog& catalog) {
  for (std::size_t length = std::min<std::size_t>(machine.size(), 6); length > 0; --length)
    for (std::size_t first = 0; first + length <= machine.size(); ++first) {
      std::string name;
      for (std::size_t i = first; i < first + length; ++i)
        name += (name.empty() ? "" : " ") + machine[i];
      if (const catalog::GpuSpec* const found = catalog.gpu(name)) return found;
    }
  return nullptr;
}

/// Gb/s of "8x400G" or "8x400Gbps", all adapters together.
std::optional<double> rate_of(const std::string& word) {
  double adapters = 0, rate = 0;
  const char* const end = word.data() + word.size();
  const auto count = std::from_chars(word.data(), end, adapters);
  if (count.ec != std::errc{} || count.ptr == end || *count.ptr != 'x') return std::nullopt;
  const auto each = std::from_chars(count.ptr + 1, end, rate);
  if (each.ec != std::errc{} || each.ptr == end || *each.ptr != 'g') return std::nullopt;
  constexpr double most_adapters = 256, most_rate = 1e5;
  if (!(adapters > 0 && adapters <= most_adapters && rate > 0 && rate <= most_rate))
    return std::nullopt;
  return adapters * rate;
}

bool contains(const std::string& text, const char* word) {
  return text.find(word) != std::string::npos;
}

Generation generation_of(const catalog::GpuSpec& gpu) {
  if (contains(gpu.architecture, "Blackwell")) return Generation::blackwell;
  if (contains(gpu.architecture, "Hopper") || contains(gpu.architecture, "CDNA"))
    return Generation::hopper;
  if (contains(gpu.architecture, "Volta") || contains(gpu.architecture, "Turing"))
    return Generation::volta;
  return Generation::ampere; // Ada counts as Ampere in NCCL's tables
}

/// PCIe, 16 lanes, one direction, after 128b/130b encoding.
Bandwidth pcie_rate(int generation) {
  constexpr double third = 15.754;
  return gigabytes_per_second(third * static_cast<double>(1 << std::clamp(generation - 3, 0, 3)));
}

const char* word_of(Generation generation) {
  constexpr const char* names[] = {"volta", "ampere", "hopper", "blackwell"};
  return names[static_cast<int>(generation)];
}

/// The adapters of the usual machine with this GPU, Gb/s for each GPU.
double usual_gigabits_per_gpu(const catalog::GpuSpec& gpu) {
  const std::string& name = gpu.name;
  if (contains(name, "V100")) return 100;
  if (contains(name, "A100")) return 200;
  if (contains(name, "B300")) return 800;
  if (gpu.nvlink) return 400;
  return 100;
}

void set_gpu(CollectiveSystem& s, const catalog::GpuSpec& gpu) {
  if (gpu.vendor == "AWS") throw ModelError("nccom of " + gpu.name + " is not modelled: " + s.name);
  s.gpu = gpu.name;
  s.generation = generation_of(gpu);
  s.nvlink = gpu.nvlink.has_value();
  const bool rack = gpu.name.starts_with("GB");
  s.gpus_per_node = rack ? 4 : 8;
  s.domain_size = rack ? 72 : s.gpus_per_node;
}

void set_link(CollectiveSystem& s, const catalog::GpuSpec& gpu) {
  const int pcie = gpu.pcie_generation.value_or(4);
  s.link = s.nvlink ? *gpu.nvlink / 2 : pcie_rate(pcie);
  s.link_class = contains(gpu.architecture, "CDNA") ? "xgmi-cdna3"
                 : s.nvlink                         ? std::string("nvlink-") + word_of(s.generation)
                            : "pcie-" + std::to_string(std::clamp(pcie, 3, 6));
}

} // namespace

CollectiveSystem describe_system(const std::string& text, const catalog::Catalog& catalog) {
  constexpr std::size_t longest = 200;
  const std::string given = text.substr(0, longest);
  const std::size_t open = given.find('(');
  const std::vector<std::string> machine = words(given.substr(0, open));
  const std::vector<std::string> fabric =
      open == std::string::npos ? std::vector<std::string>{} : words(lower(given.substr(open)));
  CollectiveSystem s;
  s.name = given;
  const catalog::InstanceType* instance = nullptr;
  for (const std::string& word : words(given.substr(0, open), true))
    if (!instance) instance = catalog.instance_type(lower(word));
  if (instance && instance->accelerators == 0) instance = nullptr;
  const catalog::GpuSpec* const gpu =
      instance ? catalog.gpu(instance->accelerator) : gpu_in(machine, catalog);
  if (!gpu) throw ModelError("unknown system '" + given + "'");
  set_gpu(s, *gpu);

  bool kind_given = false, rate_given = false;
  s.network_class = "ib";
  s.network = gigabits_per_second(usual_gigabits_per_gpu(*gpu) * s.gpus_per_node);
  if (instance) {
    const Platform* const platform = platform_of(instance->name);
    s.gpus_per_node = instance->accelerators;
    if (s.domain_size < 72) s.domain_size = s.gpus_per_node;
    s.network = instance->network;
    s.network_class = platform ? platform->fabric : "efa-sendrecv";
    if (platform) {
      s.reported_latency = platform->latency;
      s.tuner = platform->tuner;
      s.amd_cpu = platform->amd;
    }
    kind_given = rate_given = true;
  }
  for (const std::string& word : fabric) {
    if (const std::optional<double> rate = rate_of(word)) {
      s.network = gigabits_per_second(*rate);
      rate_given = true;
    } else if (word == "pcie") {
      s.nvlink = false;
    } else if (word == "nvl72") {
      s.gpus_per_node = 4;
      s.domain_size = 72;
    } else if (word == "nccom") {
      throw ModelError("nccom is not modelled: " + given);
    } else if (word == "efa") {
      if (!instance) s.network_class = "efa-rdma";
      kind_given = true;
    } else if (word == "roce" || word == "ib" || word == "tcpx" || word == "tcpxo") {
      s.network_class = word;
      kind_given = true;
    }
  }
  s.fabric_known = kind_given;
  s.assumed = !kind_given || !rate_given;
  s.ll128 = s.network_class != "efa-sendrecv" && s.network_class != "tcpx";
  set_link(s, *gpu);
  return s;
}

} // namespace windtunnel::network
