// A data file that the build put into the library (cmake/embed.cmake).
#pragma once

#include <string_view>

namespace windtunnel {

struct EmbeddedFile {
  std::string_view name; ///< base name, "gpus.json"
  std::string_view text;
};

} // namespace windtunnel
