// The suite "oracles": closed forms to 1e-6 of the table's values, and those the engine can
// simulate simulated, with |z| below 3.5. Columns: oracle, value. Rows: source "oracles", group the
// oracle's name; mape is the closed form's relative error. Simulated oracles carry simulated,
// half_width (95 %) and z; the identities (Little's law, flow balance, utilisation; the cost
// identity; the zero-failure limit, scale invariance, reproducibility) are rows of source
// "identities" whose mape is a residual.
#pragma once

#include "libsim/base/csv_table.hpp"
#include "scenarios/validation/validation.hpp"

namespace windtunnel::scenarios {

ValidationResult validate_oracles(const CsvTable& table, const catalog::Catalog& catalog);

} // namespace windtunnel::scenarios
