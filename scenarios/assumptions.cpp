#include "scenarios/assumptions.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "libsim/base/unit_strings.hpp"
#include "models/eks/node_bring_up.hpp"
#include "models/failures/failure_profile.hpp"
#include "models/network/storage_service.hpp"
#include "scenarios/check.hpp"

namespace windtunnel::scenarios {
namespace {

Assumption price_row(std::string what, const ResolvedPrice& price) {
  return {.what = std::move(what),
          .value = fmt::format("{} per {}", to_string(price.usd), price.unit),
          .source = price.source,
          .date = price.date,
          .method = price.method,
          .note = price.note};
}

Assumption provenance_row(std::string what, std::string value, const catalog::Provenance& p) {
  const char* method = p.method == catalog::Method::measured    ? "measured"
                       : p.method == catalog::Method::published ? "published"
                                                                : "estimated";
  return {.what = std::move(what),
          .value = std::move(value),
          .source = p.source,
          .date = p.retrieved,
          .method = method,
          .note = p.note};
}

/// Two workloads on one pool share rows; print each once.
void add_once(std::vector<Assumption>& rows, Assumption row) {
  const bool known = std::any_of(rows.begin(), rows.end(), [&](const Assumption& other) {
    return other.what == row.what && other.value == row.value;
  });
  if (!known) rows.push_back(std::move(row));
}

} // namespace

std::vector<Assumption> price_assumptions(const Scenario& s, const catalog::Catalog& catalog) {
  std::vector<Assumption> rows;
  for (const NodePool& pool : s.node_pools)
    add_once(rows, price_row(fmt::format("price of {}, {}", pool.instance_type, pool.purchase.kind),
                             price_of(pool, s, catalog).value()));
  for (const Storage& storage : s.storage)
    add_once(rows, price_row(fmt::format("price of {} {}", storage.kind, storage.tier),
                             price_of(storage, s, catalog).value()));
  add_once(rows, price_row(fmt::format("price of the EKS control plane, {} support",
                                       s.control_plane_tier),
                           control_plane_price(s, catalog).value()));
  return rows;
}

void add_step_assumptions(const Scenario& s, const catalog::Catalog& catalog,
                          std::vector<Assumption>& rows) {
  for (const TrainingWorkload& w : s.workloads) {
    const catalog::InstanceType& type =
        *catalog.instance_type(s.node_pool(w.node_pool)->instance_type);
    const catalog::GpuSpec& gpu = *catalog.gpu(type.accelerator);
    add_once(rows, provenance_row("dense " + std::string(catalog::to_string(w.plan.dtype)) +
                                      " peak of " + gpu.name,
                                  to_string(gpu.peak(w.plan.dtype).value()), gpu.provenance));
    if (const catalog::LanguageModel* model = catalog.language_model(w.model))
      add_once(rows, provenance_row("parameters of " + model->name,
                                    fmt::format("{:.4g}B", model->parameters() * 1e-9),
                                    model->provenance));
    if (const catalog::DiffusionModel* model = catalog.diffusion_model(w.model))
      add_once(rows,
               provenance_row("parameters of " + model->name,
                              fmt::format("{:.4g}B", model->parameters * 1e-9), model->provenance));
    const training::StepEstimate step = step_of(w, s, catalog);
    add_once(rows, {.what = "step time of " + w.name,
                    .value = to_string(step.step),
                    .source = w.step_time ? "scenario" : "step model (models/training)",
                    .date = "",
                    .method = w.step_time ? "user" : "estimated",
                    .note = fmt::format("{}", fmt::join(step.assumptions, "; "))});
  }
}

void add_simulation_assumptions(const Scenario& s, std::vector<Assumption>& rows) {
  const failures::FailureProfile& profile = *failures::profile(s.failures.profile);
  rows.push_back({.what = "failures, profile " + profile.name,
                  .value = fmt::format("{:.3g} per GPU-hour x {:g}, fleet spread {:g}",
                                       profile.unplanned_per_gpu_hour(), s.failures.rate_multiplier,
                                       s.failures.prior ? profile.sigma_ln : 0.0),
                  .source = profile.source,
                  .date = profile.retrieved,
                  .method = profile.name == "llama3-h100" ? "published" : "estimated",
                  .note = profile.note});
  const failures::RecoveryModel& recovery = failures::recovery_model();
  std::string stages;
  for (const failures::RestartStage& stage : recovery.stages)
    stages += fmt::format("{}{} {}", stages.empty() ? "" : ", ", stage.name,
                          to_string(stage.delay.median));
  rows.push_back({.what = "restart stages (medians)",
                  .value = stages,
                  .source = recovery.source,
                  .date = recovery.retrieved,
                  .method = "estimated",
                  .note = recovery.note});
  const eks::BringUpModel& bring_up = eks::bring_up_model();
  std::string launch;
  for (const eks::BringUpStage& stage : bring_up.stages)
    launch += fmt::format("{}{} {}", launch.empty() ? "" : ", ", stage.name,
                          to_string(stage.delay.median));
  rows.push_back({.what = "node bring-up (medians)",
                  .value = launch,
                  .source = bring_up.source,
                  .date = bring_up.retrieved,
                  .method = "estimated",
                  .note = bring_up.note});
  for (const Storage& storage : s.storage)
    if (const network::StorageTier* tier = network::storage_tier(storage.kind, storage.tier))
      add_once(rows, {.what = fmt::format("throughput of {} {}", storage.kind, storage.tier),
                      .value = tier->write_per_tib > Bandwidth{}
                                   ? to_string(tier->write_per_tib) + " write per TiB"
                                   : to_string(tier->per_node) + " per node",
                      .source = tier->source,
                      .date = tier->retrieved,
                      .method = "published",
                      .note = tier->note});
}

} // namespace windtunnel::scenarios
