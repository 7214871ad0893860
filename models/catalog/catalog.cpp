#include "models/catalog/catalog.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <tuple>

#include "libsim/base/embedded_file.hpp"
#include "libsim/base/error.hpp"
#include "models/catalog/catalog_loader_impl.hpp"
#include "models/catalog/names.hpp"

namespace windtunnel::catalog {

/// data/*.json, put into the library by the build.
std::span<const EmbeddedFile> data_files();

namespace {

template <class Row> const Row* find(const std::vector<Row>& rows,
                                     const std::vector<std::pair<std::string, std::size_t>>& index,
                                     const std::string& key) {
  const auto at = std::lower_bound(index.begin(), index.end(), std::pair(key, std::size_t{0}));
  return at != index.end() && at->first == key ? &rows[at->second] : nullptr;
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) throw InputError("catalog", {{path.string(), "cannot be read"}});
  return text;
}

/// The *.json of a folder by name, so that problems come in the same order everywhere.
std::vector<std::filesystem::path> json_files(const std::string& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error))
    if (it->path().extension() == ".json") files.push_back(it->path());
  if (error) throw InputError("catalog", {{folder, "cannot be listed: " + error.message()}});
  if (files.empty()) throw InputError("catalog", {{folder, "holds no *.json"}});
  std::sort(files.begin(), files.end());
  return files;
}

template <class Rows> std::vector<std::string> names_and_aliases(const Rows& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) {
    names.push_back(row.name);
    names.insert(names.end(), row.aliases.begin(), row.aliases.end());
  }
  return names;
}

} // namespace

const Catalog& Catalog::builtin() {
  static const Catalog catalog = [] {
    CatalogLoader loader;
    for (const EmbeddedFile& file : data_files())
      loader.add_file(std::string(file.name), file.text);
    return loader.finish();
  }();
  return catalog;
}

Catalog Catalog::with_overlay(const std::string& folder) {
  CatalogLoader loader(builtin());
  for (const auto& path : json_files(folder)) loader.add_file(path.string(), read_text(path));
  return loader.finish();
}

const InstanceType* Catalog::instance_type(std::string_view name) const {
  const auto at = std::find_if(instance_types_.begin(), instance_types_.end(),
                               [&](const InstanceType& t) { return t.name == name; });
  return at == instance_types_.end() ? nullptr : &*at;
}

const GpuSpec* Catalog::gpu(std::string_view name) const {
  return find(gpus_, gpu_index_, normalise_gpu_name(name));
}

const LanguageModel* Catalog::language_model(std::string_view name) const {
  return find(language_models_, language_model_index_, normalise_name(name));
}

const DiffusionModel* Catalog::diffusion_model(std::string_view name) const {
  return find(diffusion_models_, diffusion_model_index_, normalise_name(name));
}

const PriceRow* Catalog::price(std::string_view item, std::string_view region,
                               std::string_view purchase) const {
  // Rows of one key stand together, the newest first.
  const auto key = std::tie(item, region, purchase);
  const auto key_of = [](const PriceRow& p) {
    return std::tuple<std::string_view, std::string_view, std::string_view>(p.item, p.region,
                                                                            p.purchase);
  };
  const auto at = std::lower_bound(prices_.begin(), prices_.end(), key,
                                   [&](const PriceRow& p, const auto& k) { return key_of(p) < k; });
  return at != prices_.end() && key_of(*at) == key ? &*at : nullptr;
}

const SpotAdvice* Catalog::spot_advice(std::string_view instance_type,
                                       std::string_view region) const {
  const auto at = std::find_if(spot_advice_.begin(), spot_advice_.end(), [&](const SpotAdvice& a) {
    return a.instance_type == instance_type && a.region == region;
  });
  return at == spot_advice_.end() ? nullptr : &*at;
}

std::vector<std::string> Catalog::nearest_instance_types(std::string_view name) const {
  std::vector<std::string> names;
  for (const InstanceType& type : instance_types_) names.push_back(type.name);
  return nearest_names(name, names);
}

std::vector<std::string> Catalog::nearest_models(std::string_view name) const {
  std::vector<std::string> names = names_and_aliases(language_models_);
  const std::vector<std::string> images = names_and_aliases(diffusion_models_);
  names.insert(names.end(), images.begin(), images.end());
  return nearest_names(name, names);
}

} // namespace windtunnel::catalog
