#include "scenarios/report/catalog_listing.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <variant>

#include <fmt/format.h>

#include "libsim/base/error.hpp"
#include "libsim/base/unit_strings.hpp"
#include "libsim/json/writer.hpp"

namespace windtunnel::scenarios {

namespace {

using namespace catalog;

/// One value for machines; monostate: unknown.
using Cell = std::variant<std::monostate, std::string, std::int64_t, double>;

/// A column: its machine name and value, and, if people see it, its heading and text.
template <class Row> struct Field {
  std::string name;
  std::function<Cell(const Row&)> value;
  std::string heading{};                         ///< empty: not in the table
  std::function<std::string(const Row&)> text{}; ///< absent: the value as it is
};

template <class T> Cell cell(const std::optional<T>& value) {
  if (!value) return {};
  if constexpr (std::is_integral_v<T>)
    return std::int64_t{*value};
  else
    return *value;
}
Cell cell(const std::optional<Bytes>& value) { return value ? Cell(value->count()) : Cell(); }
// Dividing by a power of ten rounds once, so that 989.4 prints as 989.4; multiplying by its inverse
// would round twice.
double teraflops_of(FlopRate rate) { return rate.per_second() / 1e12; }
double gigabytes_of(Bandwidth rate) { return rate.bytes_per_second() / 1e9; }
double gigabits_of(Bandwidth rate) { return rate.bytes_per_second() * 8 / 1e9; }
double dollars_of(Money usd) { return static_cast<double>(usd.nano_dollars()) / 1e9; }

std::string csv_quote(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string plain(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return std::to_string(*whole);
  if (const auto* number = std::get_if<double>(&cell)) return json::number(*number);
  return "";
}

template <class Row> using Fields = std::vector<Field<Row>>;

template <class Row> Fields<Row> with_provenance(Fields<Row> columns) {
  columns.push_back({"source", [](const Row& r) { return r.provenance.source; }});
  columns.push_back({"retrieved", [](const Row& r) { return r.provenance.retrieved; }});
  columns.push_back(
      {"method", [](const Row& r) -> Cell { return to_string(r.provenance.method); }});
  columns.push_back({"note", [](const Row& r) { return r.provenance.note; }});
  return columns;
}

template <class Row> std::string to_csv(const Fields<Row>& columns, const std::vector<Row>& rows) {
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) text += (i ? "," : "") + columns[i].name;
  text += '\n';
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < columns.size(); ++i)
      text += (i ? "," : "") + csv_quote(plain(columns[i].value(row)));
    text += '\n';
  }
  return text;
}

template <class Row> std::string to_json(std::string_view kind, const Fields<Row>& columns,
                                         const std::vector<Row>& rows) {
  json::Writer w;
  w.begin_object().field("formatVersion", "1.0").field("kind", kind).begin_array("rows");
  for (const Row& row : rows) {
    w.begin_object();
    for (const Field<Row>& column : columns) {
      const Cell value = column.value(row);
      std::visit(
          [&](const auto& v) {
            if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::monostate>)
              w.null_field(column.name);
            else
              w.field(column.name, v);
          },
          value);
    }
    w.end();
  }
  return w.end().end().str();
}

// An overlay may name things as it likes: no control character reaches the terminal.
std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  return text;
}

std::size_t code_points(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

template <class Row> std::string shown(const Field<Row>& column, const Row& row) {
  const Cell value = column.value(row);
  if (std::holds_alternative<std::monostate>(value)) return "-";
  const std::string text = column.text ? column.text(row) : plain(value);
  return text.empty() ? "-" : printable(text);
}

// Names stand left, figures right, as in kubectl and infracost.
template <class Row>
std::string to_table(const Fields<Row>& columns, const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> lines(1);
  std::vector<bool> left;
  for (const Field<Row>& column : columns) {
    if (column.heading.empty()) continue;
    lines[0].push_back(column.heading);
    left.push_back(!rows.empty() &&
                   std::holds_alternative<std::string>(column.value(rows.front())));
  }
  for (const Row& row : rows) {
    lines.emplace_back();
    for (const Field<Row>& column : columns)
      if (!column.heading.empty()) lines.back().push_back(shown(column, row));
  }
  std::vector<std::size_t> width(lines[0].size());
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i)
      width[i] = std::max(width[i], code_points(line[i]));
  std::string text;
  for (const auto& line : lines) {
    std::string padded;
    for (std::size_t i = 0; i < line.size(); ++i)
      padded += left[i] ? fmt::format("{:<{}}  ", line[i], width[i])
                        : fmt::format("{:>{}}  ", line[i], width[i]);
    padded.erase(padded.find_last_not_of(' ') + 1);
    text += padded + '\n';
  }
  return text;
}

template <class Row> std::string listing(std::string_view kind, std::string_view format,
                                         const Fields<Row>& own, const std::vector<Row>& rows) {
  const Fields<Row> columns = with_provenance(own);
  if (format == "csv") return to_csv(columns, rows);
  if (format == "json") return to_json(kind, columns, rows);
  return to_table(columns, rows);
}

/// The region whose price the listing of instance types shows; all are under "prices".
constexpr std::string_view price_region = "us-east-1";

std::string instances(const Catalog& c, std::string_view format) {
  using Row = InstanceType;
  const auto price = [&c](const Row& t) { return c.price(t.name, price_region, "on-demand"); };
  const Fields<Row> columns{
      {"name", [](const Row& t) { return t.name; }, "INSTANCE TYPE"},
      {"arch", [](const Row& t) { return t.arch; }},
      {"vcpu", [](const Row& t) { return std::int64_t{t.vcpu}; }, "VCPU"},
      {"memory_bytes", [](const Row& t) { return t.memory.count(); }, "MEMORY",
       [](const Row& t) { return fmt::format("{:g}GiB", t.memory.gibibytes()); }},
      {"accelerator", [](const Row& t) { return t.accelerator; }, "ACCELERATOR"},
      {"accelerators", [](const Row& t) { return std::int64_t{t.accelerators}; }, "COUNT"},
      {"accelerator_memory_bytes", [](const Row& t) { return cell(t.accelerator_memory); }},
      {"efa_interfaces", [](const Row& t) { return std::int64_t{t.efa_interfaces}; }, "EFA"},
      {"network_gbps", [](const Row& t) { return gigabits_of(t.network); }, "NETWORK",
       [](const Row& t) { return fmt::format("{:.4g}Gbps", gigabits_of(t.network)); }},
      {"ebs_gbps", [](const Row& t) { return t.ebs ? Cell(gigabits_of(*t.ebs)) : Cell(); }},
      {"local_nvme_bytes", [](const Row& t) { return t.local_nvme.count(); }, "NVME",
       [](const Row& t) {
         return t.local_nvme > Bytes{} ? fmt::format("{:g}GB", t.local_nvme.gigabytes()) : "";
       }},
      {"max_pods", [](const Row& t) { return cell(t.max_pods); }, "PODS"},
      {"max_pods_prefix_delegation",
       [](const Row& t) { return cell(t.max_pods_prefix_delegation); }},
      {"allocatable_cpu_milli", [](const Row& t) { return cell(t.allocatable_cpu_milli); }},
      {"allocatable_memory_bytes", [](const Row& t) { return cell(t.allocatable_memory); }},
      {"usd_per_hour_us_east_1",
       [=](const Row& t) { return price(t) ? Cell(dollars_of(price(t)->usd)) : Cell(); },
       "USD/H us-east-1",
       [=](const Row& t) { return fmt::format("{:.4f}", dollars_of(price(t)->usd)); }},
      {"price_date", [=](const Row& t) { return price(t) ? Cell(price(t)->date) : Cell(); }}};
  return listing("instances", format, columns, c.instance_types());
}

std::string gpus(const Catalog& c, std::string_view format) {
  using Row = GpuSpec;
  const auto peak = [](std::optional<FlopRate> GpuSpec::*rate, const char* name,
                       const char* heading) -> Field<Row> {
    return {name,
            [rate](const Row& g) { return g.*rate ? Cell(teraflops_of(*(g.*rate))) : Cell(); },
            heading};
  };
  const Fields<Row> columns{
      {"name", [](const Row& g) { return g.name; }, "GPU"},
      {"vendor", [](const Row& g) { return g.vendor; }, "VENDOR"},
      {"architecture", [](const Row& g) { return g.architecture; }},
      {"sm_count", [](const Row& g) { return cell(g.sm_count); }},
      {"boost_clock_mhz", [](const Row& g) { return cell(g.boost_clock_mhz); }},
      {"l2_bytes", [](const Row& g) { return cell(g.l2); }},
      {"memory_bytes", [](const Row& g) { return g.memory.count(); }, "MEMORY",
       [](const Row& g) { return fmt::format("{:.4g}GB", g.memory.gigabytes()); }},
      {"device_memory_bytes", [](const Row& g) { return cell(g.device_memory); }},
      {"memory_bandwidth_gb_s", [](const Row& g) { return gigabytes_of(g.memory_bandwidth); },
       "GB/S"},
      peak(&GpuSpec::fp64, "fp64_tflops", ""),
      peak(&GpuSpec::fp32, "fp32_tflops", "FP32"),
      peak(&GpuSpec::tf32, "tf32_tflops", "TF32"),
      peak(&GpuSpec::fp16, "fp16_tflops", ""),
      peak(&GpuSpec::bf16, "bf16_tflops", "BF16 TFLOPS"),
      peak(&GpuSpec::fp8, "fp8_tflops", "FP8"),
      peak(&GpuSpec::int8, "int8_tops", ""),
      peak(&GpuSpec::fp4, "fp4_tflops", "FP4"),
      {"nvlink_gb_s",
       [](const Row& g) { return g.nvlink ? Cell(gigabytes_of(*g.nvlink)) : Cell(); },
       "NVLINK GB/S"},
      {"pcie_generation", [](const Row& g) { return cell(g.pcie_generation); }},
      {"tdp_watts", [](const Row& g) { return cell(g.tdp_watts); }, "WATTS"}};
  return listing("gpus", format, columns, c.gpus());
}

std::string models(const Catalog& c, std::string_view format) {
  using Row = LanguageModel;
  const auto whole = [](int LanguageModel::*field, const char* name,
                        const char* heading) -> Field<Row> {
    return {name, [field](const Row& m) { return std::int64_t{m.*field}; }, heading};
  };
  const auto billions = [](double count) { return fmt::format("{:.4g}B", count * 1e-9); };
  const Fields<Row> columns{
      {"name", [](const Row& m) { return m.name; }, "MODEL"},
      {"family", [](const Row& m) { return m.family; }},
      {"parameters", [](const Row& m) { return m.parameters(); }, "PARAMETERS",
       [=](const Row& m) { return billions(m.parameters()); }},
      {"active_parameters", [](const Row& m) { return m.active_parameters(); }, "ACTIVE",
       [=](const Row& m) { return billions(m.active_parameters()); }},
      {"published_parameters", [](const Row& m) { return cell(m.published_parameters); },
       "PUBLISHED", [=](const Row& m) { return billions(*m.published_parameters); }},
      whole(&LanguageModel::layers, "layers", "LAYERS"),
      whole(&LanguageModel::hidden, "hidden", "HIDDEN"),
      whole(&LanguageModel::heads, "heads", "HEADS"),
      whole(&LanguageModel::kv_heads, "kv_heads", "KV"),
      whole(&LanguageModel::head_dim, "head_dim", ""),
      whole(&LanguageModel::ffn_hidden, "ffn_hidden", "FFN"),
      whole(&LanguageModel::vocab, "vocab", "VOCAB"),
      whole(&LanguageModel::experts, "experts", "EXPERTS"),
      whole(&LanguageModel::top_k, "top_k", "TOP-K"),
      {"max_position", [](const Row& m) { return cell(m.max_position); }}};
  return listing("models", format, columns, c.language_models());
}

std::string diffusion(const Catalog& c, std::string_view format) {
  using Row = DiffusionModel;
  const Fields<Row> columns{
      {"name", [](const Row& m) { return m.name; }, "MODEL"},
      {"backbone", [](const Row& m) { return m.backbone; }, "BACKBONE"},
      {"native_pixels", [](const Row& m) { return std::int64_t{m.native_pixels}; }, "PIXELS"},
      {"latent",
       [](const Row& m) {
         return fmt::format("{}x{}x{}", m.latent_channels, m.latent_height, m.latent_width);
       },
       "LATENT"},
      {"parameters", [](const Row& m) { return m.parameters; }, "PARAMETERS",
       [](const Row& m) { return fmt::format("{:.1f}M", m.parameters * 1e-6); }},
      {"forward_flops", [](const Row& m) { return m.forward_flops.count(); }, "GFLOP A PASS",
       [](const Row& m) { return fmt::format("{:.1f}", m.forward_flops.count() * 1e-9); }},
      {"text_encoders", [](const Row& m) { return m.text_encoders; }, "TEXT ENCODERS"},
      {"text_encoder_parameters", [](const Row& m) { return m.text_encoder_parameters; }},
      {"text_tokens", [](const Row& m) { return std::int64_t{m.text_tokens}; }},
      {"vae_encoder_parameters", [](const Row& m) { return m.vae_encoder_parameters; }},
      {"vae_decoder_parameters", [](const Row& m) { return m.vae_decoder_parameters; }},
      {"vae_decode_flops", [](const Row& m) {
         return m.vae_decode_flops ? Cell(m.vae_decode_flops->count()) : Cell();
       }}};
  return listing("diffusion", format, columns, c.diffusion_models());
}

std::string prices(const Catalog& c, std::string_view format) {
  using Row = PriceRow;
  const Fields<Row> columns{
      {"item", [](const Row& p) { return p.item; }, "ITEM"},
      {"region", [](const Row& p) { return p.region; }, "REGION"},
      {"purchase", [](const Row& p) { return p.purchase; }, "PURCHASE"},
      {"unit", [](const Row& p) { return p.unit; }, "UNIT"},
      {"usd", [](const Row& p) { return dollars_of(p.usd); }, "USD"},
      {"date", [](const Row& p) { return p.date; }, "DATE"},
      // In the table too: an estimate must be seen where it is used.
      {"basis", [](const Row& p) -> Cell { return to_string(p.provenance.method); }, "BASIS"}};
  return listing("prices", format, columns, c.prices());
}

std::string spot(const Catalog& c, std::string_view format) {
  using Row = SpotAdvice;
  const Fields<Row> columns{
      {"instance_type", [](const Row& a) { return a.instance_type; }, "INSTANCE TYPE"},
      {"region", [](const Row& a) { return a.region; }, "REGION"},
      {"interruption_low", [](const Row& a) { return a.interruption_low.value(); }, "INTERRUPTED",
       [](const Row& a) {
         return fmt::format("{:g}-{:g}%", a.interruption_low.value() * 100,
                            a.interruption_high.value() * 100);
       }},
      {"interruption_high", [](const Row& a) { return a.interruption_high.value(); }},
      {"savings", [](const Row& a) { return a.savings.value(); }, "SAVINGS",
       [](const Row& a) { return fmt::format("{:g}%", a.savings.value() * 100); }},
      {"date", [](const Row& a) { return a.date; }, "DATE"}};
  return listing("spot", format, columns, c.spot_advice());
}

struct Kind {
  const char* name;
  std::string (*list)(const Catalog&, std::string_view format);
};
constexpr Kind kinds[] = {{"instances", instances}, {"gpus", gpus},     {"models", models},
                          {"diffusion", diffusion}, {"prices", prices}, {"spot", spot}};

} // namespace

const std::vector<std::string>& catalog_listing_kinds() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Kind& kind : kinds) list.emplace_back(kind.name);
    return list;
  }();
  return names;
}

std::string catalog_listing(const Catalog& catalog, std::string_view kind,
                            std::string_view format) {
  if (format != "table" && format != "json" && format != "csv")
    throw InputError("catalog listing",
                     {{"", fmt::format("format must be table, json or csv, got '{}'", format)}});
  for (const Kind& known : kinds)
    if (kind == known.name) return known.list(catalog, format);
  throw InputError("catalog listing",
                   {{"", fmt::format("kind must be one of {}, got '{}'",
                                     fmt::join(catalog_listing_kinds(), ", "), kind)}});
}

} // namespace windtunnel::scenarios
