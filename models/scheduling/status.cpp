#include "models/scheduling/status.hpp"

namespace windtunnel::scheduling {

std::string_view to_string(Code code) {
  switch (code) {
  case Code::success:
    return "Success";
  case Code::unschedulable:
    return "Unschedulable";
  case Code::unschedulable_and_unresolvable:
    return "UnschedulableAndUnresolvable";
  case Code::skip:
    return "Skip";
  case Code::error:
    break;
  }
  return "Error";
}

} // namespace windtunnel::scheduling
