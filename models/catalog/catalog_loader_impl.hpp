// CatalogLoader: layers of catalog files into one Catalog.
//
// A layer is a set of files that stand side by side (the embedded ones, or an overlay folder): no
// name may appear twice in it. Layers lie over each other: a row replaces the row of the same name
// below. Problems are collected over all files and thrown by finish() at once, as InputError of
// kind "catalog", with pointers like "gpus.json#/rows/3/memory".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libsim/json/reader.hpp"
#include "models/catalog/catalog.hpp"
#include "models/catalog/row_readers_impl.hpp"

namespace windtunnel::catalog {

struct CatalogLoader {
  /// Start from nothing, or from the rows of another catalog.
  CatalogLoader() = default;
  explicit CatalogLoader(const Catalog& below) : catalog(below) {}

  /// Read one file of the layer; problems are remembered.
  void add_file(const std::string& name, std::string_view text);
  /// Lay the layer over what is there, check what holds between rows, build the indices. Throws
  /// InputError when anything was wrong.
  Catalog finish();

private:
  friend void describe_catalog_file(json::Reader& r);
  struct Layer {
    std::vector<InstanceType> instance_types;
    std::vector<GpuSpec> gpus;
    std::vector<LanguageModel> language_models;
    std::vector<DiffusionModel> diffusion_models;
    std::vector<PriceReading> prices;
    std::vector<SpotAdvice> spot_advice;
    std::map<std::string, std::string> seen; // key of a row -> the file it stands in
  };

  void read_file(json::Reader& r, const std::string& file);
  void claim(json::Reader& row, std::string_view field, const std::string& key,
             const std::string& file);
  void lay_prices();
  void check_accelerators();
  template <class Row, class Key> void
  build_index(const std::vector<Row>& rows, Catalog::Index& index, Key key, std::string_view kind);

  Catalog catalog;
  Layer layer;
  std::vector<Issue> issues;
};

} // namespace windtunnel::catalog
