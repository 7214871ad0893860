// The rules of single fields, for a Scenario that no reader has seen: one built in C++ or Python.
// A file breaks hardly any of them, for read_scenario() asks the same of each field.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "libsim/base/unit_strings.hpp"
#include "models/network/storage_service.hpp"
#include "models/training/step_parameters.hpp"
#include "scenarios/check.hpp"

namespace windtunnel::scenarios {
namespace {

/// The fields of one object, at its pointer.
class Fields {
public:
  Fields(std::vector<Issue>& issues, std::string at) : issues_(issues), at_(std::move(at)) {}

  void range(const char* field, double value, double low, double high) {
    if (value >= low && value <= high) return; // NaN is outside
    add(field, fmt::format("must be in [{:.10g}, {:.10g}], got {:.10g}", low, high, value));
  }
  void one_of(const char* field, const std::string& value,
              const std::vector<std::string>& allowed) {
    if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
    add(field,
        fmt::format("must be one of \"{}\"; got \"{}\"", fmt::join(allowed, "\", \""), value));
  }
  void named(const char* field, const std::string& value) {
    if (value.empty()) add(field, "must not be empty");
  }
  template <class Quantity> void positive(const char* field, Quantity value) {
    if (value <= Quantity{})
      add(field, fmt::format("must be more than nothing, got {}", to_string(value)));
  }
  template <class Quantity> void not_negative(const char* field, Quantity value) {
    if (value < Quantity{})
      add(field, fmt::format("must not be negative, got {}", to_string(value)));
  }
  void add(const char* field, std::string message) {
    issues_.push_back({at_ + field, std::move(message)});
  }

private:
  std::vector<Issue>& issues_;
  std::string at_;
};

void check_purchase(Fields f, const Purchase& p) {
  f.one_of("/kind", p.kind, {"on-demand", "spot", "reserved", "capacity-block"});
  f.range("/discount", p.discount.value(), 0, p.kind == "reserved" ? 1 : 0);
  if (p.price) f.not_negative("/price", *p.price);
  if (p.kind != "capacity-block") return;
  f.range("/days", p.block_days, 1, 182);
  if (p.block_days > 14 && p.block_days % 7 != 0)
    f.add("/days",
          fmt::format("must be 1 to 14 or a multiple of 7 up to 182, got {}", p.block_days));
}

void check_node_pool(Fields f, const NodePool& pool) {
  f.named("/name", pool.name);
  f.named("/instanceType", pool.instance_type);
  f.range("/count", pool.count, 1, 100'000);
  f.range("/spares", pool.spares, 0, 10'000);
  f.not_negative("/image/size", pool.image);
  f.one_of("/image/pull", pool.image_pull, {"full", "soci", "prefetched"});
}

void check_storage(Fields f, const Storage& storage) {
  f.named("/name", storage.name);
  f.one_of("/kind", storage.kind, {"fsx-lustre", "s3"});
  if (!network::storage_tier(storage.kind, storage.tier))
    f.add("/tier", fmt::format("\"{}\" has no tier \"{}\"", storage.kind, storage.tier));
  if (storage.kind == "fsx-lustre") f.positive("/capacity", storage.capacity);
  if (storage.price) f.not_negative("/pricePerGBMonth", *storage.price);
}

void check_plan(Fields f, const training::ParallelismPlan& p) {
  constexpr double most = 1'000'000;
  f.range("/plan/tensor", p.tensor, 1, most);
  f.range("/plan/pipeline", p.pipeline, 1, most);
  f.range("/plan/virtualStages", p.virtual_stages, 1, most);
  f.range("/plan/context", p.context, 1, most);
  f.range("/plan/expert", p.expert, 1, most);
  f.range("/plan/microBatch", p.micro_batch, 1, most);
  f.range("/plan/shardingGroup", p.sharding_group, 0, most);
}

void check_training(Fields f, const TrainingWorkload& w) {
  constexpr double most = 1e9;
  f.named("/name", w.name);
  f.named("/model", w.model);
  f.named("/nodePool", w.node_pool);
  f.one_of("/framework", w.framework, training::frameworks());
  if (w.nodes) f.range("/nodes", *w.nodes, 1, most);
  f.range("/tokens", w.tokens, 0, most_work);
  f.range("/images", w.images, 0, most_work);
  if ((w.tokens > 0) == (w.images > 0))
    f.add("", "give exactly one of 'tokens' (language models) and 'images' (diffusion models)");
  f.range("/sequenceLength", w.sequence_length, 0, 1e8);
  f.range("/globalBatch", w.global_batch, 1, most);
  f.range("/pixels", w.pixels, 0, 16384);
  check_plan(f, w.plan);
  f.named("/checkpoint/to", w.checkpoint.to);
  f.one_of("/checkpoint/mode", w.checkpoint.mode, {"blocking", "async"});
  f.range("/checkpoint/keep", w.checkpoint.keep, 1, 10'000);
  if (w.checkpoint.every) f.positive("/checkpoint/every", *w.checkpoint.every);
  if (w.step_time) f.positive("/stepTime", *w.step_time);
}

} // namespace

std::vector<Issue> check_values(const Scenario& s) {
  std::vector<Issue> issues;
  Fields all(issues, "");
  all.named("/region", s.region);
  all.range("/run/replications", s.replications, 1, 1'000'000);
  all.one_of("/cluster/controlPlane/tier", s.control_plane_tier, {"standard", "extended"});
  if (s.control_plane_price)
    all.not_negative("/cluster/controlPlane/price", *s.control_plane_price);
  all.range("/failures/rateMultiplier", s.failures.rate_multiplier, 0, 1e6);
  all.one_of("/failures/law", s.failures.law, {"exponential", "weibull"});
  if (s.failures.law == "weibull")
    all.range("/failures/law/shape", s.failures.weibull_shape, 0.1, 10);
  for (std::size_t i = 0; i < s.node_pools.size(); ++i) {
    const std::string at = fmt::format("/cluster/nodePools/{}", i);
    check_node_pool(Fields(issues, at), s.node_pools[i]);
    check_purchase(Fields(issues, at + "/purchase"), s.node_pools[i].purchase);
  }
  for (std::size_t i = 0; i < s.storage.size(); ++i)
    check_storage(Fields(issues, fmt::format("/cluster/storage/{}", i)), s.storage[i]);
  for (std::size_t i = 0; i < s.workloads.size(); ++i)
    check_training(Fields(issues, fmt::format("/workloads/{}", i)), s.workloads[i]);
  return issues;
}

} // namespace windtunnel::scenarios
