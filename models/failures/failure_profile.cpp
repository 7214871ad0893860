#include "models/failures/failure_profile.hpp"

#include <span>

#include "libsim/base/embedded_file.hpp"

namespace windtunnel::failures {
std::span<const EmbeddedFile> embedded_profiles();

namespace {

using json::Reader;

struct Tables {
  std::vector<FailureProfile> profiles;
  RecoveryModel recovery;
};

void read_provenance(Reader& r, std::string& source, std::string& retrieved, std::string& note) {
  r.object("provenance", "Where the figures come from.", [&](Reader& o) {
    source = o.text("source", "Publication.");
    o.optional_text("url", "Address.");
    retrieved = o.text("retrieved", "ISO date.");
    o.optional_text("licence", "Licence.");
    o.choice("method", {"measured", "published", "estimated"}, "How.");
    note = o.optional_text("note", "Remarks.").value_or("");
  });
}

void read_stage_delay(Reader& r, std::string_view name, Delay& delay) {
  r.object(name, "Duration.", [&](Reader& o) { delay = read_delay(o); });
}

FailureClass read_class(Reader& r) {
  FailureClass c;
  c.name = r.text("name", "Name of the class.");
  c.per_gpu_hour = r.number("perGpuHour", {.min = 0, .max = 1}, "Interruptions per GPU-hour.");
  c.blast_radius = r.choice("blastRadius", {"gpu", "node", "leaf", "job"}, "What it takes along.");
  const std::string recovery =
      r.choice("recovery", {"restart", "reboot", "replace"}, "What the cluster does.");
  c.recovery = recovery == "restart"  ? Recovery::restart
               : recovery == "reboot" ? Recovery::reboot
                                      : Recovery::replace;
  c.planned = r.boolean("planned", false, "Announced beforehand.");
  read_stage_delay(r, "detection", c.detection);
  return c;
}

FailureProfile read_profile(Reader& r) {
  FailureProfile p;
  r.text("schema", "\"failure-profile/1\"");
  p.name = r.text("name", "Name scenarios refer to.");
  read_provenance(r, p.source, p.retrieved, p.note);
  p.sigma_ln = r.number("sigmaLn", {.min = 0, .max = 3},
                        "Standard deviation of the logarithm of a fleet's rate.");
  r.objects("classes", 0, "Failure classes.",
            [&](Reader& o) { p.classes.push_back(read_class(o)); });
  return p;
}

RecoveryModel read_recovery(Reader& r) {
  RecoveryModel m;
  r.text("schema", "\"recovery/1\"");
  read_provenance(r, m.source, m.retrieved, m.note);
  read_stage_delay(r, "spareSwap", m.spare_swap);
  read_stage_delay(r, "reboot", m.reboot);
  m.nccl_base = r.time("ncclBase", "Rendezvous and communicator set-up.");
  m.nccl_per_gpu = r.time("ncclPerGpu", "Its growth with the job.");
  r.objects("stages", 1, "Stages of a restart.", [&](Reader& o) {
    RestartStage stage;
    stage.name = o.text("name", "Name.");
    stage.success = o.number("success", {.min = 0.01, .max = 1}, "Probability of success.");
    read_stage_delay(o, "delay", stage.delay);
    o.optional_text("note", "Where it comes from.");
    m.stages.push_back(stage);
  });
  return m;
}

const Tables& tables() {
  static const Tables loaded = [] {
    Tables t;
    for (const EmbeddedFile& file : embedded_profiles()) {
      const json::Document document = json::parse(file.text, std::string(file.name));
      if (file.name == "recovery.json")
        t.recovery = json::read(document, "recovery table", read_recovery);
      else
        t.profiles.push_back(json::read(document, "failure profile", read_profile));
    }
    return t;
  }();
  return loaded;
}

} // namespace

double FailureProfile::per_gpu_hour() const {
  double sum = 0;
  for (const FailureClass& c : classes) sum += c.per_gpu_hour;
  return sum;
}

double FailureProfile::unplanned_per_gpu_hour() const {
  double sum = 0;
  for (const FailureClass& c : classes) sum += c.planned ? 0 : c.per_gpu_hour;
  return sum;
}

const FailureProfile* profile(const std::string& name) {
  for (const FailureProfile& p : tables().profiles)
    if (p.name == name) return &p;
  return nullptr;
}

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (const FailureProfile& p : tables().profiles) names.push_back(p.name);
  return names;
}

const RecoveryModel& recovery_model() { return tables().recovery; }

} // namespace windtunnel::failures
