// DynamicResources: devices claimed from drivers. Pods with claims are not modelled; for all others
// the plugin has no objection and votes 0 everywhere.
#include "models/scheduling/plugins/plugins.hpp"

namespace windtunnel::scheduling {
namespace {

class DynamicResources : public Plugin {
public:
  std::string_view name() const override { return "DynamicResources"; }

  PreFilterAnswer pre_filter(const Snapshot&, const PodInfo&) const override {
    return {.status = {Code::skip}};
  }

  PreScoreAnswer pre_score(const Snapshot&, const PodInfo&,
                           const std::vector<const NodeInfo*>&) const override {
    return {};
  }
};

} // namespace

std::unique_ptr<Plugin> make_dynamic_resources() { return std::make_unique<DynamicResources>(); }

} // namespace windtunnel::scheduling
