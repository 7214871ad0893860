// Provenance: where a number comes from. Every row of data/ carries one; reports print them.
//
// measured: read off a device or a log by us or by the source. published: stated by its vendor or
// a named publication. estimated: derived, the note says how. A row inherits from its file's
// default what it does not say itself, so source, retrieved and method are never empty.
#pragma once

#include <string>

namespace windtunnel::catalog {

/// How a figure was obtained, best first.
enum class Method { measured, published, estimated };
const char* to_string(Method); ///< "measured", "published", "estimated"

struct Provenance {
  std::string source;    ///< publication or repository:path@commit
  std::string url;       ///< may be empty
  std::string retrieved; ///< ISO date
  std::string licence;
  Method method = Method::published;
  std::string note;
};

} // namespace windtunnel::catalog
