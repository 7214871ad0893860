#include "models/training/step_parameters.hpp"

#include <fmt/format.h>

#include <span>

#include "libsim/base/embedded_file.hpp"
#include "libsim/base/error.hpp"
#include "libsim/json/reader.hpp"

namespace windtunnel::training {
std::span<const EmbeddedFile> embedded_stacks();

namespace {

StepParameters read_row(json::Reader& r) {
  const json::NumberRange share{.min = 0, .max = 1};
  const json::NumberRange positive{.min = 0};
  StepParameters p;
  p.framework = r.text("framework", "Name scenarios use.");
  p.flash_attention = r.boolean("flashAttention", true, "Fused attention.");
  p.native_attention = r.boolean("nativeAttention", true, "Kernels made for the GPU.");
  p.sequence_parallel = r.boolean("sequenceParallel", true, "Supported.");
  p.fused = r.boolean("fused", true, "Fused norms and activations.");
  p.score_bytes = r.number("scoreBytes", 0, positive, "Traffic per materialised score.");
  p.gradient_bytes = r.number("gradientBytes", positive, "Reduced per parameter.");
  p.optimizer_bytes = r.number("optimizerBytes", positive, "Adam traffic per parameter.");
  p.tensor_overlap = r.number("tensorOverlap", share, "Hidden share.");
  p.expert_overlap = r.number("expertOverlap", share, "Hidden share.");
  p.reduce_overlap = r.number("reduceOverlap", share, "Share of backward that hides reduction.");
  p.overlap = r.number("fsdpOverlap", share, "Share of compute that hides gathers.");
  p.contention = r.number("contention", share, "Slow-down per second overlapped.");
  p.layer_launch_s = r.time("layerLaunch", "Host time to launch a layer.").seconds();
  p.moe_layer_launch_s = r.time("moeLayerLaunch", "The same with experts.").seconds();
  p.step_overhead_s = r.time("stepOverhead", "Host time, once a step.").seconds();
  p.jitter = r.number("jitterPerDoubling", share, "Relative.");
  p.sigma_ln = r.number("sigmaLn", positive, "Spread of actual over predicted.");
  r.object("provenance", "Where it comes from.", [&](json::Reader& o) {
    p.source = o.text("source", "What it was fitted to.");
    o.text("retrieved", "ISO date.");
    o.optional_text("licence", "Licence.");
    o.choice("method", {"measured", "published", "estimated"}, "How.");
    p.note = o.optional_text("note", "Remarks.").value_or("");
  });
  return p;
}

const std::vector<StepParameters>& table() {
  static const std::vector<StepParameters> rows = [] {
    const EmbeddedFile& file = embedded_stacks().front();
    return json::read(
        json::parse(file.text, std::string(file.name)), "stack table", [](json::Reader& r) {
          std::vector<StepParameters> all;
          r.text("schema", "\"stacks/1\"");
          r.objects("rows", 1, "Frameworks.", [&](json::Reader& o) { all.push_back(read_row(o)); });
          return all;
        });
  }();
  return rows;
}

} // namespace

std::vector<std::string> frameworks() {
  std::vector<std::string> names;
  for (const StepParameters& row : table()) names.push_back(row.framework);
  return names;
}

const StepParameters& step_parameters(const std::string& framework) {
  for (const StepParameters& row : table())
    if (row.framework == framework) return row;
  throw ModelError(fmt::format("unknown framework '{}'; there are {}", framework,
                               fmt::join(frameworks(), ", ")));
}

} // namespace windtunnel::training
