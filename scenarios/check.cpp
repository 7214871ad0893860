#include "scenarios/check.hpp"

#include <cmath>
#include <fmt/format.h>
#include <set>

#include "libsim/base/unit_strings.hpp"
#include "models/failures/failure_profile.hpp"
#include "scenarios/issues_impl.hpp"
#include "scenarios/read_scenario.hpp"
#include "scenarios/step_causes.hpp"

namespace windtunnel::scenarios {
namespace {

using catalog::Catalog;

/// "unknown X 'name'; did you mean a, b?" for names looked up in the catalog.
std::string unknown(const char* what, const std::string& name,
                    const std::vector<std::string>& nearest) {
  std::string text = fmt::format("unknown {} '{}'", what, name);
  if (!nearest.empty()) text += fmt::format("; did you mean {}?", fmt::join(nearest, ", "));
  return text;
}

template <class T>
void check_unique_names(Issues& issues, const std::vector<T>& items, const std::string& pointer) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < items.size(); ++i)
    if (!items[i].name.empty() && !seen.insert(items[i].name).second)
      issues.add(fmt::format("{}/{}/name", pointer, i),
                 fmt::format("'{}' is used twice", items[i].name));
}

std::string purchase_item(const NodePool& pool) {
  return pool.purchase.kind == "reserved" ? "on-demand" : pool.purchase.kind;
}

void check_pools(Issues& issues, const Scenario& s, const Catalog& catalog) {
  check_unique_names(issues, s.node_pools, "/cluster/nodePools");
  for (std::size_t i = 0; i < s.node_pools.size(); ++i) {
    const NodePool& pool = s.node_pools[i];
    const std::string at = fmt::format("/cluster/nodePools/{}", i);
    check_zones(issues, at + "/zones", pool, s);
    if (pool.instance_type.empty()) continue; // not read
    if (!catalog.instance_type(pool.instance_type)) {
      issues.add(at + "/instanceType", unknown("instance type", pool.instance_type,
                                               catalog.nearest_instance_types(pool.instance_type)));
    } else if (!s.region.empty() && !issues.broken(at + "/purchase") &&
               !price_of(pool, s, catalog)) {
      issues.add(at + "/purchase/price",
                 fmt::format("the catalog has no {} price of {} in {}; give one, \"$12.34/h\"",
                             purchase_item(pool), pool.instance_type, s.region));
    }
    if (pool.purchase.kind == "spot" && !s.region.empty() &&
        catalog.instance_type(pool.instance_type) &&
        !catalog.spot_advice(pool.instance_type, s.region))
      issues.add(at + "/purchase/kind",
                 fmt::format("the catalog has no spot interruption rate of {} in {}",
                             pool.instance_type, s.region));
    if (pool.purchase.kind == "capacity-block" && pool.count + pool.spares > 256)
      issues.add(at + "/count",
                 fmt::format("{} nodes with spares; capacity blocks hold 256 instances at most",
                             pool.count + pool.spares));
  }
}

void check_storage(Issues& issues, const Scenario& s, const Catalog& catalog) {
  check_unique_names(issues, s.storage, "/cluster/storage");
  for (std::size_t i = 0; i < s.storage.size(); ++i)
    if (!issues.broken(fmt::format("/cluster/storage/{}", i)) && !s.region.empty() &&
        !price_of(s.storage[i], s, catalog))
      issues.add(fmt::format("/cluster/storage/{}/pricePerGBMonth", i),
                 fmt::format("the catalog has no price of {} {} in {}; give one, \"$0.15\"",
                             s.storage[i].kind, s.storage[i].tier, s.region));
}

/// Divisibility and memory of a language model's plan.
void check_language_plan(Issues& issues, const std::string& at, const TrainingWorkload& w,
                         const Scenario& s, const Catalog& catalog, MemoryRule memory) {
  if (w.sequence_length < 1)
    issues.add(at + "/sequenceLength", "missing; a language model needs the tokens per sequence");
  if (w.images > 0)
    issues.add(at + "/images", fmt::format("'{}' is a language model: give 'tokens'", w.model));
  if (w.pixels > 0)
    issues.add(at + "/pixels", fmt::format("'{}' is a language model: it has no pixels", w.model));
  if (w.precomputed_latents)
    issues.add(at + "/precomputedLatents",
               fmt::format("'{}' is a language model: it has no latents", w.model));
  if (w.sequence_length < 1 || w.images > 0) return;
  const training::StepSetup setup = step_setup(w, s, catalog);
  const std::vector<std::string> problems = training::check(setup);
  for (const std::string& problem : problems) issues.add(at + "/plan", problem);
  if (!problems.empty() || memory == MemoryRule::ignore) return;
  const training::MemoryVerdict verdict = training::judge_memory(setup);
  if (!verdict.fits)
    issues.add(at + "/plan", verdict.explanation +
                                 (verdict.nearest_fit
                                      ? "; the nearest plan that fits: " + verdict.nearest_fit_text
                                      : "; no plan near it fits"));
}

void check_diffusion_plan(Issues& issues, const std::string& at, const TrainingWorkload& w,
                          const Scenario& s, const Catalog& catalog) {
  const auto& p = w.plan;
  if (w.tokens > 0)
    issues.add(at + "/tokens", fmt::format("'{}' is a diffusion model: give 'images'", w.model));
  for (const auto& [name, value] : {std::pair{"tensor", p.tensor},
                                    {"pipeline", p.pipeline},
                                    {"context", p.context},
                                    {"expert", p.expert},
                                    {"virtualStages", p.virtual_stages}})
    if (value != 1)
      issues.add(
          fmt::format("{}/plan/{}", at, name),
          fmt::format("must be 1, got {}: diffusion models are trained data parallel", value));
  if (w.sequence_length > 0)
    issues.add(at + "/sequenceLength",
               fmt::format("'{}' is a diffusion model: it has no sequences", w.model));
  if (w.framework != "fsdp")
    issues.add(at + "/framework",
               fmt::format("must be fsdp, got {}: diffusion models are modelled on it alone",
                           w.framework));
  if (p.recompute != training::Recompute::none)
    issues.add(at + "/plan/recompute", fmt::format("must be none, got {}: not modelled for "
                                                   "diffusion models",
                                                   training::to_string(p.recompute)));
  if (p.sharding_group > 0)
    issues.add(
        at + "/plan/shardingGroup",
        fmt::format("must be 0, got {}: not modelled for diffusion models", p.sharding_group));
  const std::int64_t gpus = diffusion_setup(w, s, catalog).system.gpus;
  if (gpus < 1 || w.global_batch < 1 || w.global_batch % (gpus * p.micro_batch) != 0)
    issues.add(at + "/globalBatch",
               fmt::format("{} images are not a multiple of {} GPUs x microBatch {}",
                           w.global_batch, gpus, p.micro_batch));
}

void check_workload(Issues& issues, std::size_t index, const Scenario& s, const Catalog& catalog,
                    MemoryRule memory) {
  const TrainingWorkload& w = s.workloads[index];
  const std::string at = fmt::format("/workloads/{}", index);
  const NodePool* pool = s.node_pool(w.node_pool);
  if (!pool && !w.node_pool.empty() && !issues.broken("/cluster/nodePools"))
    issues.add(at + "/nodePool", fmt::format("there is no node pool '{}'; there are: {}",
                                             w.node_pool, names_of(s.node_pools)));
  if (!s.storage_named(w.checkpoint.to) && !w.checkpoint.to.empty() &&
      !issues.broken("/cluster/storage"))
    issues.add(at + "/checkpoint/to", fmt::format("there is no storage '{}'; there are: {}",
                                                  w.checkpoint.to, names_of(s.storage)));
  const bool language = catalog.language_model(w.model) != nullptr;
  const bool diffusion = catalog.diffusion_model(w.model) != nullptr;
  if (!language && !diffusion && !w.model.empty())
    issues.add(at + "/model", unknown("model", w.model, catalog.nearest_models(w.model)));
  const bool read = !issues.broken(at) && !issues.broken("/cluster/nodePools");
  if (read && pool && w.nodes && *w.nodes > pool->count)
    issues.add(at + "/nodes", fmt::format("node pool '{}' has {} nodes, got {}", pool->name,
                                          pool->count, *w.nodes));
  const catalog::InstanceType* type = pool ? catalog.instance_type(pool->instance_type) : nullptr;
  if (!read || !type || (!language && !diffusion)) return;
  if (type->accelerators == 0 || !catalog.gpu(type->accelerator)) {
    issues.add(at + "/nodePool",
               fmt::format("training needs GPUs; {} has none the catalog knows", type->name));
    return;
  }
  if (!catalog.gpu(type->accelerator)->peak(w.plan.dtype)) {
    issues.add(at + "/plan/dtype", fmt::format("{} has no known peak at {}", type->accelerator,
                                               catalog::to_string(w.plan.dtype)));
    return;
  }
  const std::size_t before = issues.size();
  if (language)
    check_language_plan(issues, at, w, s, catalog, memory);
  else
    check_diffusion_plan(issues, at, w, s, catalog);
  if (issues.size() == before) check_duration(issues, at, w, s, catalog);
}

/// The estimate of one micro-batch as that of `n` accumulated ones before one optimizer step.
void accumulate(training::StepEstimate& estimate, int n) {
  const Time once = estimate.parts.optimizer + estimate.parts.data_parallel;
  const double stretch = (estimate.step * n - once * (n - 1)) / estimate.step;
  for (const StepCause& cause : step_causes)
    if (cause.part != &training::StepParts::optimizer &&
        cause.part != &training::StepParts::data_parallel)
      estimate.parts.*cause.part = (estimate.parts.*cause.part) * n;
  estimate.step = estimate.parts.total();
  estimate.model_flops *= n;
  estimate.mfu *= n / stretch;
  estimate.tokens_per_s_per_gpu *= n / stretch;
}

/// The estimate stretched to a step time the user measured; the parts keep their proportions and
/// rounding goes to `host`.
void rescale(training::StepEstimate& estimate, Time measured) {
  const double factor = measured / estimate.step;
  for (const StepCause& cause : step_causes)
    estimate.parts.*cause.part = (estimate.parts.*cause.part) * factor;
  estimate.parts.host += measured - estimate.parts.total();
  estimate.step = measured;
  estimate.mfu /= factor;
  estimate.tokens_per_s_per_gpu /= factor;
  estimate.sigma_ln = 0;
  estimate.assumptions.push_back(
      "step time measured by the user; its parts are the model's shares");
}

ResolvedPrice user_price(Money usd, std::string unit) {
  return {.usd = usd, .unit = std::move(unit), .source = "scenario", .method = "user"};
}

ResolvedPrice catalog_price(const catalog::PriceRow& row) {
  const catalog::Provenance& p = row.provenance;
  const bool estimated = p.method == catalog::Method::estimated;
  return {.usd = row.usd,
          .unit = row.unit,
          .source = p.source,
          .date = row.date,
          .method = estimated ? "estimated" : "published",
          .note = p.note,
          .estimated = estimated};
}

} // namespace

double parameters_of(const TrainingWorkload& w, const Catalog& catalog) {
  if (const auto* model = catalog.language_model(w.model)) return model->parameters();
  if (const auto* model = catalog.diffusion_model(w.model)) return model->parameters;
  return 0;
}

int nodes_of(const TrainingWorkload& w, const Scenario& s) {
  const NodePool* pool = s.node_pool(w.node_pool);
  return w.nodes.value_or(pool ? pool->count : 0);
}

training::System system_of(const catalog::InstanceType& type, int nodes, const Catalog& catalog) {
  const catalog::GpuSpec* gpu = catalog.gpu(type.accelerator);
  if (!gpu || type.accelerators == 0)
    throw ModelError("instance type " + type.name + " has no GPU the catalog knows");
  training::System system;
  system.gpu = *gpu;
  system.gpus = nodes * type.accelerators;
  system.fabric.kind = type.efa_interfaces > 0 ? "efa" : "ethernet";
  system.fabric.network = type.network / type.accelerators;
  system.fabric.domain_size = type.accelerators;
  // NVLink is quoted with both directions added; PCIe x16 moves 2 GB/s per generation step of 16.
  const double pcie_gigabytes = 2.0 * static_cast<double>(1 << gpu->pcie_generation.value_or(4));
  system.fabric.nvlink = gpu->nvlink ? *gpu->nvlink / 2 : gigabytes_per_second(pcie_gigabytes);
  return system;
}

bool is_diffusion(const TrainingWorkload& w, const Catalog& catalog) {
  return !catalog.language_model(w.model) && catalog.diffusion_model(w.model);
}

training::StepSetup step_setup(const TrainingWorkload& w, const Scenario& s,
                               const Catalog& catalog) {
  training::StepSetup setup;
  setup.model = *catalog.language_model(w.model);
  setup.system = system_of(*catalog.instance_type(s.node_pool(w.node_pool)->instance_type),
                           nodes_of(w, s), catalog);
  setup.plan = w.plan;
  setup.sequence_length = w.sequence_length;
  setup.global_batch = w.global_batch;
  setup.framework = w.framework;
  return setup;
}

training::DiffusionSetup diffusion_setup(const TrainingWorkload& w, const Scenario& s,
                                         const Catalog& catalog) {
  training::DiffusionSetup setup;
  setup.model = *catalog.diffusion_model(w.model);
  setup.system = system_of(*catalog.instance_type(s.node_pool(w.node_pool)->instance_type),
                           nodes_of(w, s), catalog);
  setup.pixels = w.pixels > 0 ? w.pixels : setup.model.native_pixels;
  setup.micro_batch = w.plan.micro_batch;
  setup.dtype = w.plan.dtype;
  setup.sharding = w.plan.sharding;
  setup.precomputed_latents = w.precomputed_latents;
  return setup;
}

training::StepEstimate step_of(const TrainingWorkload& w, const Scenario& s,
                               const Catalog& catalog) {
  training::StepEstimate estimate = is_diffusion(w, catalog)
                                        ? training::estimate_step(diffusion_setup(w, s, catalog))
                                        : training::estimate_step(step_setup(w, s, catalog));
  const int accumulation =
      is_diffusion(w, catalog)
          ? w.global_batch / (diffusion_setup(w, s, catalog).system.gpus * w.plan.micro_batch)
          : 1;
  if (accumulation > 1) accumulate(estimate, accumulation);
  if (w.step_time) rescale(estimate, *w.step_time);
  return estimate;
}

double steps_of(const TrainingWorkload& w, const catalog::Catalog& catalog) {
  const double per_step = is_diffusion(w, catalog)
                              ? static_cast<double>(w.global_batch)
                              : static_cast<double>(w.global_batch) * w.sequence_length;
  return std::ceil((w.tokens + w.images) / per_step);
}

std::optional<ResolvedPrice> price_of(const NodePool& pool, const Scenario& s,
                                      const Catalog& catalog) {
  std::optional<ResolvedPrice> price;
  if (pool.purchase.price) {
    price = user_price(nano_dollars(pool.purchase.price->nano_dollars_per_hour()), "instance-hour");
  } else if (const catalog::PriceRow* row =
                 catalog.price(pool.instance_type, s.region, purchase_item(pool))) {
    price = catalog_price(*row);
  }
  if (price && pool.purchase.discount > ratio(0)) {
    price->usd = price->usd * (1 - pool.purchase.discount.value());
    price->note += fmt::format("{}less {} (scenario)", price->note.empty() ? "" : "; ",
                               to_string(pool.purchase.discount));
  }
  return price;
}

std::optional<ResolvedPrice> price_of(const Storage& storage, const Scenario& s,
                                      const Catalog& catalog) {
  if (storage.price) return user_price(*storage.price, "GB-month");
  const catalog::PriceRow* row = catalog.price(storage.kind + "-" + storage.tier, s.region, "");
  if (!row) return std::nullopt;
  return catalog_price(*row);
}

std::optional<ResolvedPrice> control_plane_price(const Scenario& s, const Catalog& catalog) {
  if (s.control_plane_price)
    return user_price(nano_dollars(s.control_plane_price->nano_dollars_per_hour()), "cluster-hour");
  const catalog::PriceRow* row = catalog.price("eks-cluster-" + s.control_plane_tier, s.region, "");
  if (!row) return std::nullopt;
  return catalog_price(*row);
}

std::vector<Issue> check(const Scenario& s, const Catalog& catalog, MemoryRule memory,
                         const std::vector<Issue>& unread) {
  Issues issues(unread);
  for (Issue& issue : check_values(s))
    if (!issues.spoken_of(issue.pointer)) issues.add(issue.pointer, std::move(issue.message));
  // The rules across fields divide by some of these and look others up.
  if (issues.size() > 0) return issues.take();
  if (!failures::profile(s.failures.profile))
    issues.add("/failures/profile",
               fmt::format("unknown profile '{}'; there are {}", s.failures.profile,
                           fmt::join(failures::profile_names(), ", ")));
  if (!s.region.empty() && !issues.broken("/cluster/controlPlane") &&
      !control_plane_price(s, catalog))
    issues.add("/cluster/controlPlane/price",
               fmt::format("the catalog has no price of an EKS cluster in '{}'; give one, "
                           "\"$0.10/h\" (or is the region misspelt?)",
                           s.region));
  check_pools(issues, s, catalog);
  check_storage(issues, s, catalog);
  check_unique_names(issues, s.workloads, "/workloads");
  for (std::size_t i = 0; i < s.workloads.size(); ++i)
    check_workload(issues, i, s, catalog, memory);
  check_capacity(issues, s, catalog);
  return issues.take();
}

Scenario read_checked(const json::Document& document, const Catalog& catalog, MemoryRule memory) {
  auto [scenario, issues] = json::read_partly(document, read_scenario);
  if (issues.empty()) return std::move(*scenario);
  if (scenario) {
    const std::vector<Issue> more = check(*scenario, catalog, memory, issues);
    issues.insert(issues.end(), more.begin(), more.end());
  }
  throw InputError("scenario", std::move(issues));
}

void require_valid(const Scenario& s, const Catalog& catalog) {
  std::vector<Issue> issues = check(s, catalog);
  if (!issues.empty()) throw InputError("scenario", std::move(issues));
}

} // namespace windtunnel::scenarios
