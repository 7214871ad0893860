#include "models/network/network_data.hpp"

#include <span>
#include <string>

#include "libsim/base/embedded_file.hpp"
#include "libsim/base/error.hpp"

namespace windtunnel::network {
std::span<const EmbeddedFile> embedded_collectives();

json::Document network_table(std::string_view file) {
  for (const EmbeddedFile& candidate : embedded_collectives())
    if (candidate.name == file) return json::parse(candidate.text, std::string(file));
  throw Error("the table " + std::string(file) + " is missing from this build");
}

void read_provenance(json::Reader& r) {
  r.object("provenance", "Where it comes from.", [](json::Reader& p) {
    p.text("source", "Publication.");
    p.text("retrieved", "ISO date.");
    p.optional_text("licence", "Licence.");
    p.choice("method", {"measured", "published", "estimated"}, "How.");
    p.optional_text("note", "Remarks.");
  });
}

void read_table_head(json::Reader& r, std::string_view schema) {
  r.choice("schema", {schema}, "Form of the file.");
  read_provenance(r);
}

} // namespace windtunnel::network
