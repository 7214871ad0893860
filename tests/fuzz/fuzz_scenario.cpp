// Any bytes as a scenario file: parsed, read and checked against the built-in catalog. Only
// windtunnel::Error may come out.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "scenarios/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace windtunnel;
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const catalog::Catalog& catalog = catalog::Catalog::builtin();
    const json::Document document = json::parse(text, "fuzz");
    const scenarios::Scenario scenario = scenarios::read_checked(document, catalog);
    scenarios::require_valid(scenario, catalog);
  } catch (const Error&) {
  }
  return 0;
}
