// PublishedRow: one row of a table of measurements, read with the patience such rows need.
//
// Cells come from many hands: numbers with spaces or thousands separators, "n/a" for blank, dtypes
// and GPUs by several names, models by a name with remarks. A reading that had to assume something
// says so in assumed(); what no rule covers is a Refusal with its reason. Rules:
//  number   blank, "-", "n/a", "na", "none", "unknown", "?" and (for counts) 0 are blank; anything
//           else that is no finite number, or a negative count, refuses the row
//  gpu      by the catalog's names and aliases; else with remarks in brackets, "DGX", "HGX" and a
//           count in front ("8x H100") left out; else the words up to the first that is known
//  dtype    by the kind its text names (fp4, fp8, bf16, fp16, tf32, fp32); unknown or blank is
//           bf16; a kind the GPU has no peak for is the next wider one that it has
//  model    by the catalog's names and aliases; else without remarks ("(MLPerf)", "LoRA", "SFT",
//           "pretraining", "replica", "projection"); dimensions given in columns win over the
//           catalog's; a dense model that the catalog lacks is shaped like its nearest dense one,
//           with as many layers as make its size (column params_b, else "7B" or "760M" in the name)
#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "libsim/base/csv_table.hpp"
#include "libsim/base/error.hpp"
#include "models/catalog/catalog.hpp"

namespace windtunnel::scenarios {

/// Why a row cannot be scored.
struct Refusal {
  std::string reason;
};

class PublishedRow {
public:
  PublishedRow(const CsvTable& table, std::size_t index, const catalog::Catalog& catalog);

  const std::string& text(const char* column) const { return table_.text(index_, column); }
  /// Throws Refusal when the cell is neither blank nor a finite number.
  std::optional<double> number(const char* column) const;
  /// A count of at least 1; nullopt when blank or 0.
  std::optional<int> count(const char* column) const;
  /// A measurement above 0.
  std::optional<double> positive(const char* column) const;
  int count_or(const char* column, int fallback);

  const catalog::GpuSpec& gpu() const;
  catalog::Dtype dtype(const catalog::GpuSpec& gpu);
  /// Throws Refusal when neither name nor dimensions nor size say what it is.
  catalog::LanguageModel language_model();
  /// nullptr when the name is no diffusion model's.
  const catalog::DiffusionModel* diffusion_model() const;
  bool lora() const;

  void assume() { assumed_ = true; }
  bool assumed() const { return assumed_; }

private:
  std::string name() const; ///< of the model: the column model_name or model
  const catalog::LanguageModel* named_model() const;
  catalog::LanguageModel sized_model();
  std::optional<double> parameters() const;

  const CsvTable& table_;
  std::size_t index_;
  const catalog::Catalog& catalog_;
  bool assumed_ = false;
};

/// What `task` gives, or the reason why the row is refused: a Refusal, or the error of a
/// model that was asked outside its validity.
template <class Result> struct RowOutcome {
  std::optional<Result> result;
  std::string refused;
};
template <class Task> auto read_row(Task&& task) -> RowOutcome<decltype(task())> {
  try {
    return {task(), ""};
  } catch (const Refusal& refusal) {
    return {std::nullopt, refusal.reason};
  } catch (const Error& error) {
    return {std::nullopt, std::string("outside the model: ") + error.what()};
  } catch (const std::range_error& error) {
    return {std::nullopt, std::string("outside the model: ") + error.what()};
  }
}

} // namespace windtunnel::scenarios
