#include "models/inference/engine_host.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "libsim/base/embedded_file.hpp"
#include "libsim/json/reader.hpp"

namespace windtunnel::inference {
std::span<const EmbeddedFile> embedded_hosts();

namespace {

EngineHost read_row(json::Reader& r) {
  EngineHost host;
  host.engine = r.text("engine", "Serving engine and version.");
  host.gpu = r.text("gpu", "Of the machine, the catalog's name.");
  host.preparation = r.time("preparation", "Of a step, before its first kernel.").seconds();
  host.decode_launch = r.time("decodeLaunch", "Of one layer's kernels.").seconds();
  host.prefill_launch = r.time("prefillLaunch", "The same in a prefill step.").seconds();
  host.sampling = r.time("sampling", "Of one sequence, after the GPU.").seconds();
  r.object("provenance", "Where the figures come from.", [&](json::Reader& o) {
    host.source = o.text("source", "What they were fitted to.");
    o.text("retrieved", "ISO date.");
    o.optional_text("licence", "Licence.");
    o.choice("method", {"measured", "published", "estimated"}, "How.");
    host.note = o.optional_text("note", "Remarks.").value_or("");
  });
  return host;
}

const std::vector<EngineHost>& table() {
  static const std::vector<EngineHost> rows = [] {
    const EmbeddedFile& file = embedded_hosts().front();
    return json::read(json::parse(file.text, std::string(file.name)), "hosts table",
                      [](json::Reader& r) {
                        std::vector<EngineHost> all;
                        r.text("schema", "\"engine-hosts/1\"");
                        r.objects("rows", 1, "Engines on machines.",
                                  [&](json::Reader& o) { all.push_back(read_row(o)); });
                        return all;
                      });
  }();
  return rows;
}

} // namespace

const EngineHost* engine_host(const std::string& engine, const std::string& gpu) {
  const auto found = std::ranges::find_if(
      table(), [&](const EngineHost& h) { return h.engine == engine && h.gpu == gpu; });
  return found == table().end() ? nullptr : &*found;
}

} // namespace windtunnel::inference
