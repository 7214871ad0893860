// Catalog: instance types, GPUs, models and prices, read from data/*.json with their provenance.
//
// The tables are embedded in the library, so an installed binary or wheel needs no files. Lookups
// by unknown name return nullptr; nearest_*() helps the message. An unknown price is nullptr, never
// zero. Immutable after loading; safe to share between threads. Lookups scan or bisect tables of a
// few hundred rows: do them once while building, not per event.
//
// An overlay folder holds *.json files of the same form, told apart by their "schema"
// ("instance-types/1", "gpus/1", "language-models/1", "diffusion-models/1", "prices/1",
// "spot/1"), under any names:
//   {"schema": "prices/1", "provenance": {"source": "our contract", "retrieved": "2026-11-24",
//    "method": "published"}, "rows": [{"item": "p5.48xlarge", "region": "us-east-1",
//    "purchase": "on-demand", "unit": "instance-hour", "usd": "$41.20", "date": "2026-11-01"}]}
// A row replaces the row of the same name, or is added. Prices are replaced by item, region and
// purchase: all dated rows of the builtin table give way to the overlay's; "usd": null makes a
// price unknown. Errors (InputError, kind "catalog", all of them): whatever the reader rejects,
// unknown fields, names or aliases used twice, an accelerator that is no GPU of the catalog,
// negative prices, a dimension that contradicts another.
//
// Model and GPU names are found whatever their case, spaces, hyphens or underscores, and by the
// aliases of their rows.
//
//   const Catalog& catalog = Catalog::builtin();
//   const InstanceType* p5 = catalog.instance_type("p5.48xlarge");
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/catalog/diffusion_model.hpp"
#include "models/catalog/gpu_spec.hpp"
#include "models/catalog/instance_type.hpp"
#include "models/catalog/language_model.hpp"
#include "models/catalog/price.hpp"

namespace windtunnel::json {
class Reader;
}

namespace windtunnel::catalog {

/// The form of a catalog file, for json::describe(): all kinds of rows with their fields.
void describe_catalog_file(json::Reader& r);

class Catalog {
public:
  static const Catalog& builtin();
  /// builtin() with the *.json of `folder` laid over it. Throws InputError with all problems.
  static Catalog with_overlay(const std::string& folder);

  const std::vector<InstanceType>& instance_types() const { return instance_types_; }
  const std::vector<GpuSpec>& gpus() const { return gpus_; }
  const std::vector<LanguageModel>& language_models() const { return language_models_; }
  const std::vector<DiffusionModel>& diffusion_models() const { return diffusion_models_; }
  const std::vector<PriceRow>& prices() const { return prices_; }
  const std::vector<SpotAdvice>& spot_advice() const { return spot_advice_; }

  const InstanceType* instance_type(std::string_view name) const;
  /// Also by alias ("h100", "H100"), case and punctuation ignored.
  const GpuSpec* gpu(std::string_view name) const;
  const LanguageModel* language_model(std::string_view name) const;
  const DiffusionModel* diffusion_model(std::string_view name) const;
  /// The newest row; nullptr when unknown.
  const PriceRow* price(std::string_view item, std::string_view region,
                        std::string_view purchase) const;
  const SpotAdvice* spot_advice(std::string_view instance_type, std::string_view region) const;

  /// Known names nearest to `name`, best first, at most three; for "did you mean".
  std::vector<std::string> nearest_instance_types(std::string_view name) const;
  std::vector<std::string> nearest_models(std::string_view name) const;

private:
  friend struct CatalogLoader;
  /// Normalised name or alias -> row, sorted.
  using Index = std::vector<std::pair<std::string, std::size_t>>;

  std::vector<InstanceType> instance_types_;
  std::vector<GpuSpec> gpus_;
  std::vector<LanguageModel> language_models_;
  std::vector<DiffusionModel> diffusion_models_;
  std::vector<PriceRow> prices_; // by item, region, purchase, then newest first
  std::vector<SpotAdvice> spot_advice_;
  Index gpu_index_, language_model_index_, diffusion_model_index_;
};

} // namespace windtunnel::catalog
