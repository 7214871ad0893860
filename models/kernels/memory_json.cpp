#include "models/kernels/memory_json.hpp"

#include <fmt/format.h>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

constexpr auto digits = [](double value) { return fmt::format("{:.4g}", value); };

void write_operator(json::Writer& w, const FittedOperator& fitted) {
  const MemoryLaw& law = fitted.table.law();
  const MemoryGrid& grid = fitted.table.grid();
  w.begin_object().field("operator", fitted.op->name);
  w.begin_object("law")
      .field("start", fmt::format("{:.3f}us", law.start * 1e6))
      .field("rowRate", digits(law.row_rate / 1e9) + "GB/s")
      .raw_field("cacheShare", digits(law.cache_share))
      .raw_field("memoryShare", digits(law.memory_share))
      .raw_field("knee", digits(law.knee))
      .end();
  w.field("rows", axis_text(grid.rows));
  w.begin_array("widths");
  for (std::size_t width = 0; width < grid.width.size(); ++width) {
    std::string text = std::to_string(grid.width[width]) + ":";
    for (std::size_t rows = 0; rows < grid.rows.size(); ++rows) {
      const std::size_t node = width * grid.rows.size() + rows;
      add_ratio(text, grid.log_ratio[node], grid.measured[node]);
    }
    w.element(text);
  }
  w.end().end();
}

MemoryLaw read_law(json::Reader& r) {
  MemoryLaw law;
  r.object("law", "Start, and rates of a row, of the cache and of memory.", [&](json::Reader& o) {
    const json::NumberRange positive{.min = 1e-9};
    law.start = o.time("start", "Fixed cost of one kernel.").seconds();
    law.row_rate = o.bandwidth("rowRate", "Of one row.").bytes_per_second();
    law.cache_share = o.number("cacheShare", positive, "Cache, of the memory's data sheet.");
    law.memory_share = o.number("memoryShare", positive, "Memory, of its data sheet.");
    law.knee = o.number("knee", positive, "Where data leave the cache, of the L2.");
  });
  return law;
}

MemoryGrid read_grid(json::Reader& r) {
  MemoryGrid grid;
  grid.rows = read_axis(r, "rows", "Values of rows, ascending.");
  for (const std::string& line : r.texts("widths", "\"width: log ratios in steps of 0.5 %\".")) {
    std::int64_t width = 0;
    std::string_view text = line;
    bool good = take(text, width) && text.starts_with(':');
    if (good) {
      text.remove_prefix(1);
      good = take_ratios(text, grid.rows.size(), grid.log_ratio, grid.measured) && text.empty();
    }
    if (!good) {
      r.problem("widths", fmt::format("'{}...' is not \"width:\" and {} whole numbers",
                                      line.substr(0, 12), grid.rows.size()));
      return grid;
    }
    grid.width.push_back(width);
  }
  return grid;
}

} // namespace

double memory_element_bytes(const std::string& dtype) { return dtype == "fp32" ? 4 : 2; }

void write_memory(json::Writer& w, const FittedMemory& memory) {
  w.begin_object().field("dtype", memory.dtype);
  write_held_out(w, memory.fit.errors);
  w.begin_array("operators");
  for (const FittedOperator& fitted : memory.fit.operators) write_operator(w, fitted);
  w.end().end();
}

void read_memory(json::Reader& r, const catalog::GpuSpec* gpu, std::vector<FittedMemory>& all) {
  FittedMemory memory;
  memory.dtype = r.choice("dtype", {"bf16", "fp32"}, "Number format of the elements.");
  memory.fit.errors = read_held_out(r);
  const double element = memory_element_bytes(memory.dtype);
  r.objects("operators", 1, "One table each.", [&](json::Reader& o) {
    const std::string name = o.text("operator", "rmsnorm, silu_mul, add, ...");
    const MemoryOperator* const op = memory_operator(name);
    if (!op && !o.describing()) o.problem("operator", "is no memory-bound operator");
    const MemoryLaw law = read_law(o);
    MemoryGrid grid = read_grid(o);
    if (!gpu || !op) return;
    try {
      memory.fit.operators.push_back(
          {op, MemoryTable(*gpu, element * op->passes, law, std::move(grid), memory.fit.errors.p10,
                           memory.fit.errors.p90)});
    } catch (const Error& error) {
      o.problem("", error.what());
    }
  });
  all.push_back(std::move(memory));
}

} // namespace windtunnel::kernels
