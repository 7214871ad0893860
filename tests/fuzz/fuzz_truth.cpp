// Any bytes as a truth table of the suites "training" and "runs": each row is scored or refused.
// Only windtunnel::Error may come out.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "libsim/base/error.hpp"
#include "scenarios/validation/library_runs.hpp"
#include "scenarios/validation/runs_suite.hpp"
#include "scenarios/validation/training_suite.hpp"

/// Rows that tell of a run in the library are simulated by the suite; the fuzzers have no engine.
std::vector<windtunnel::scenarios::ScoreRow>
windtunnel::scenarios::score_library_runs(const CsvTable&, const catalog::Catalog&) {
  return {};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace windtunnel;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const catalog::Catalog& catalog = catalog::Catalog::builtin();
  for (const auto suite : {scenarios::validate_training, scenarios::validate_runs}) try {
      suite(CsvTable::parse(text, "fuzz"), catalog);
    } catch (const Error&) {
    }
  return 0;
}
