// The version of windtunnel, "0.1.0" (CMakeLists.txt's).
#pragma once

namespace windtunnel::scenarios {
const char* version();
}
