// Status: what a plugin says of a pod, or of a pod on a node, in kube-scheduler's words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel::scheduling {

enum class Code : std::uint8_t {
  success,
  unschedulable,                  ///< evicting pods may help
  unschedulable_and_unresolvable, ///< evicting pods cannot help
  skip,                           ///< this plugin has nothing to say of the pod
  error                           ///< the objects contradict each other; the attempt ends
};
std::string_view to_string(Code code); ///< "Success", "Unschedulable", ...

struct Status {
  Code code = Code::success;
  std::vector<std::string> reasons{};
  std::string_view plugin{}; ///< that said it, where it is not success

  bool ok() const { return code == Code::success; }
};

} // namespace windtunnel::scheduling
