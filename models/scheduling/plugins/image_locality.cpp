// ImageLocality: prefers nodes that have the pod's images already. Each image counts with its size
// times the share of nodes that have it, so that pods do not all follow an image to one node:
//
//   score = 100 x (clamp(sum, 23 MB, n x 1000 MB) - 23 MB) / (n x 1000 MB - 23 MB), n containers
//
// (imagelocality/image_locality.go; MB are 2^20 bytes).
#include <algorithm>

#include "models/scheduling/plugins/plugins.hpp"

namespace windtunnel::scheduling {
namespace {

constexpr std::int64_t megabyte = std::int64_t{1} << 20;
constexpr std::int64_t least = 23 * megabyte;
constexpr std::int64_t most_per_container = 1000 * megabyte;

/// With ":latest" where it has no tag.
std::string with_tag(const std::string& image) {
  const auto position = [&](char c) {
    const std::size_t at = image.rfind(c);
    return at == std::string::npos ? -1 : static_cast<std::int64_t>(at);
  };
  return position(':') <= position('/') ? image + ":latest" : image;
}

class ImageLocality : public Plugin {
public:
  std::string_view name() const override { return "ImageLocality"; }

  PreScoreAnswer pre_score(const Snapshot&, const PodInfo&,
                           const std::vector<const NodeInfo*>&) const override {
    return {};
  }

  std::int64_t score(const PluginState*, const Snapshot& snapshot, const PodInfo& pod,
                     const NodeInfo& node) const override {
    std::int64_t sum = 0;
    for (const auto* containers : {&pod.pod.init_containers, &pod.pod.containers})
      for (const cluster::Container& container : *containers) {
        const auto state = snapshot.images().find(with_tag(container.image));
        if (state == snapshot.images().end() || !state->second.nodes.contains(node.name()))
          continue;
        const double share = static_cast<double>(state->second.nodes.size()) /
                             static_cast<double>(snapshot.nodes().size());
        sum += static_cast<std::int64_t>(static_cast<double>(state->second.size_bytes) * share);
      }
    const auto containers =
        static_cast<std::int64_t>(pod.pod.init_containers.size() + pod.pod.containers.size());
    const std::int64_t most = std::max(least + 1, most_per_container * containers);
    return max_node_score * (std::clamp(sum, least, most) - least) / (most - least);
  }
};

} // namespace

std::unique_ptr<Plugin> make_image_locality() { return std::make_unique<ImageLocality>(); }

} // namespace windtunnel::scheduling
