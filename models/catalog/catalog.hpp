// Catalog: instance types, GPUs, models and prices, read from data/*.json with their provenance.
//
// The tables are embedded in the library, so an installed binary or wheel needs no files. An
// overlay folder replaces or adds rows by name. Lookups by unknown name return nullptr; nearest()
// helps the message. An unknown price is nullopt, never zero. Immutable after loading; safe to
// share between threads.
//
//   const Catalog& catalog = Catalog::builtin();
//   const InstanceType* p5 = catalog.instance_type("p5.48xlarge");
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/catalog/diffusion_model.hpp"
#include "models/catalog/gpu_spec.hpp"
#include "models/catalog/instance_type.hpp"
#include "models/catalog/language_model.hpp"

namespace windtunnel::catalog {

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

  const InstanceType* instance_type(std::string_view name) const;
  /// Also by alias ("h100", "H100"), case and punctuation ignored.
  const GpuSpec* gpu(std::string_view name) const;
  const LanguageModel* language_model(std::string_view name) const;
  const DiffusionModel* diffusion_model(std::string_view name) const;
  /// The newest row; nullptr when unknown.
  const PriceRow* price(std::string_view item, std::string_view region,
                        std::string_view purchase) const;

  /// Known names nearest to `name`, best first, at most three; for "did you mean".
  std::vector<std::string> nearest_instance_types(std::string_view name) const;
  std::vector<std::string> nearest_models(std::string_view name) const;

private:
  friend struct CatalogLoader;
  std::vector<InstanceType> instance_types_;
  std::vector<GpuSpec> gpus_;
  std::vector<std::pair<std::string, std::string>> gpu_aliases_; // normalised alias -> name
  std::vector<LanguageModel> language_models_;
  std::vector<DiffusionModel> diffusion_models_;
  std::vector<PriceRow> prices_;
};

} // namespace windtunnel::catalog
