#include "models/usage/usage.hpp"

#include <stdexcept>

namespace windtunnel::usage {

const char* to_string(NodeUse use) {
  switch (use) {
  case NodeUse::bring_up:
    return "bring_up";
  case NodeUse::waiting:
    return "waiting";
  case NodeUse::start:
    return "start";
  case NodeUse::useful:
    return "useful";
  case NodeUse::lost_work:
    return "lost_work";
  case NodeUse::checkpoint:
    return "checkpoint";
  case NodeUse::detection:
    return "detection";
  case NodeUse::restart:
    return "restart";
  case NodeUse::no_nodes:
    return "no_nodes";
  case NodeUse::spare:
    return "spare";
  case NodeUse::idle:
    return "idle";
  }
  throw std::logic_error("no such NodeUse");
}

} // namespace windtunnel::usage
