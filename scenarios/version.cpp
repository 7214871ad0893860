#include "scenarios/version.hpp"

namespace windtunnel::scenarios {
const char* version() { return WINDTUNNEL_VERSION; }
} // namespace windtunnel::scenarios
