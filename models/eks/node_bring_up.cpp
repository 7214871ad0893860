#include "models/eks/node_bring_up.hpp"

#include <span>

#include "libsim/base/embedded_file.hpp"
#include "libsim/base/error.hpp"

namespace windtunnel::eks {
std::span<const EmbeddedFile> embedded_bring_up();

namespace {

void read_provenance(json::Reader& r, std::string& source, std::string* retrieved,
                     std::string* note) {
  r.object("provenance", "Where the figures come from.", [&](json::Reader& o) {
    source = o.text("source", "Publication.");
    o.optional_text("url", "Address.");
    const std::string date = o.text("retrieved", "ISO date.");
    if (retrieved) *retrieved = date;
    o.optional_text("licence", "Licence.");
    o.choice("method", {"measured", "published", "estimated"}, "How.");
    const auto remark = o.optional_text("note", "Remarks.");
    if (note) *note = remark.value_or("");
  });
}

BringUpModel read_model(json::Reader& r) {
  BringUpModel m;
  r.text("schema", "\"node-bring-up/1\"");
  read_provenance(r, m.source, &m.retrieved, &m.note);
  r.objects("stages", 1, "Stages in order.", [&](json::Reader& o) {
    BringUpStage stage;
    stage.name = o.text("name", "Name.");
    o.object("delay", "Duration.", [&](json::Reader& d) { stage.delay = failures::read_delay(d); });
    m.stages.push_back(stage);
  });
  r.objects("pulls", 1, "Ways to pull an image.", [&](json::Reader& o) {
    PullMode pull;
    pull.mode = o.text("mode", "Name.");
    pull.throughput = o.bandwidth("throughput", "Of one node.");
    pull.share_before_start = o.number("shareBeforeStart", {.min = 0, .max = 1},
                                       "Part of the image pulled before the container starts.");
    pull.sigma_ln = o.number("sigmaLn", {.min = 0, .max = 3}, "Spread of the duration.");
    read_provenance(o, pull.source, nullptr, nullptr);
    m.pulls.push_back(pull);
  });
  return m;
}

} // namespace

const BringUpModel& bring_up_model() {
  static const BringUpModel model = [] {
    const EmbeddedFile& file = embedded_bring_up().front();
    return json::read(json::parse(file.text, std::string(file.name)), "node bring-up table",
                      read_model);
  }();
  return model;
}

Time sample_bring_up(Bytes image, const std::string& pull, RandomStream& random) {
  const BringUpModel& model = bring_up_model();
  Time total;
  for (const BringUpStage& stage : model.stages) total += stage.delay.sample(random);
  for (const PullMode& mode : model.pulls)
    if (mode.mode == pull) {
      const Time median = image * mode.share_before_start / mode.throughput;
      return total + median * random.lognormal(1, mode.sigma_ln);
    }
  throw ModelError("unknown image pull mode '" + pull + "'");
}

} // namespace windtunnel::eks
