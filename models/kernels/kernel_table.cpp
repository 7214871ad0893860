#include "models/kernels/kernel_table.hpp"

#include "libsim/base/embedded_file.hpp"
#include "libsim/base/error.hpp"
#include "libsim/json/writer.hpp"

namespace windtunnel::kernels {
std::span<const EmbeddedFile> embedded_tables();

namespace {

constexpr const char* schema = "kernel-table/1";

} // namespace

const MemoryTable* memory_table(const KernelTable& table, std::string_view op,
                                std::string_view dtype) {
  for (const FittedMemory& memory : table.memory)
    if (memory.dtype == dtype)
      for (const FittedOperator& fitted : memory.fit.operators)
        if (fitted.op->name == op) return &fitted.table;
  return nullptr;
}

std::string to_json(const KernelTable& table) {
  json::Writer w(1);
  w.begin_object().field("schema", schema).field("gpu", table.gpu);
  const auto unless_empty = [&w](const char* name, const std::string& text) {
    if (!text.empty()) w.field(name, text);
  };
  const catalog::Provenance& from = table.provenance;
  w.begin_object("provenance").field("source", from.source).field("retrieved", from.retrieved);
  unless_empty("licence", from.licence);
  w.field("method", catalog::to_string(from.method));
  unless_empty("note", from.note);
  w.end();
  unless_empty("command", table.command);
  if (!table.left_out.empty()) {
    w.begin_array("leftOut");
    for (const std::string& what : table.left_out) w.element(what);
    w.end();
  }
  if (!table.gemm.empty()) {
    w.begin_array("gemm");
    for (const FittedGemm& gemm : table.gemm) write_gemm(w, gemm);
    w.end();
  }
  if (!table.memory.empty()) {
    w.begin_array("memory");
    for (const FittedMemory& memory : table.memory) write_memory(w, memory);
    w.end();
  }
  if (!table.attention.empty()) {
    w.begin_array("attention");
    for (const FittedAttention& attention : table.attention) write_attention(w, attention);
    w.end();
  }
  return w.end().str();
}

KernelTable read_kernel_table(json::Reader& r, const catalog::Catalog& catalog) {
  KernelTable table;
  r.choice("schema", {schema}, "What the file is.");
  table.gpu = r.text("gpu", "The catalog's name of the GPU.");
  const catalog::GpuSpec* const gpu = catalog.gpu(table.gpu);
  if (!gpu) r.problem("gpu", "is no GPU of the catalog");
  r.object("provenance", "Where the measurements come from.", [&](json::Reader& o) {
    table.provenance.source = o.text("source", "Publication or repository:path@commit.");
    table.provenance.retrieved = o.text("retrieved", "ISO date.");
    table.provenance.licence = o.optional_text("licence", "Licence.").value_or("");
    o.choice("method", {"measured"}, "How.");
    table.provenance.method = catalog::Method::measured;
    table.provenance.note = o.optional_text("note", "Remarks.").value_or("");
  });
  table.command = r.optional_text("command", "The command that wrote the file.").value_or("");
  if (r.has("leftOut"))
    table.left_out = r.texts("leftOut", "Measurements that no table was made of, and why.");
  r.objects("gemm", 0, "Matrix products, a number format each.",
            [&](json::Reader& o) { read_gemm(o, gpu, table.gemm); });
  r.objects("memory", 0, "Memory-bound operators, a number format each.",
            [&](json::Reader& o) { read_memory(o, gpu, table.memory); });
  r.objects("attention", 0, "Attention, a phase, cache format and window each.",
            [&](json::Reader& o) { read_attention(o, gpu, table.attention); });
  return table;
}

const std::vector<KernelTable>& built_in_tables() {
  static const std::vector<KernelTable> tables = [] {
    std::vector<KernelTable> all;
    for (const EmbeddedFile& file : embedded_tables())
      all.push_back(json::read(
          json::parse(file.text, std::string(file.name)), "kernel table",
          [](json::Reader& r) { return read_kernel_table(r, catalog::Catalog::builtin()); }));
    return all;
  }();
  return tables;
}

} // namespace windtunnel::kernels
