// Where a number comes from. Every row of data/ carries one; reports print them.
#pragma once

#include <string>

namespace windtunnel::catalog {

/// How a figure was obtained, best first.
enum class Method { measured, published, estimated };

struct Provenance {
  std::string source;    ///< publication or repository:path@commit
  std::string url;       ///< may be empty
  std::string retrieved; ///< ISO date
  std::string licence;
  Method method = Method::published;
  std::string note;
};

} // namespace windtunnel::catalog
