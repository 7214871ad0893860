#include "models/catalog/catalog_loader_impl.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "models/catalog/names.hpp"

namespace windtunnel::catalog {

namespace {

// Rows of `layer` replace those of the same key in `table`, in place, or follow them.
template <class Row, class Key>
void lay_over(std::vector<Row>& table, std::vector<Row>& layer, Key key) {
  std::map<std::string, std::size_t> at;
  for (std::size_t i = 0; i < table.size(); ++i) at.emplace(key(table[i]), i);
  for (Row& row : layer) {
    const auto found = at.find(key(row));
    if (found != at.end())
      table[found->second] = std::move(row);
    else
      table.push_back(std::move(row));
  }
}

auto price_key(const PriceRow& p) { return std::tie(p.item, p.region, p.purchase); }

const auto name_of = [](const auto& row) { return normalise_name(row.name); };
const auto gpu_name_of = [](const GpuSpec& row) { return normalise_gpu_name(row.name); };
const auto advice_name_of = [](const SpotAdvice& a) { return a.instance_type + " " + a.region; };

} // namespace

void CatalogLoader::add_file(const std::string& name, std::string_view text) {
  try {
    const json::Document document = json::parse(text, name);
    // The value is of no use: rows go to the layer, and a file with problems is not loaded at all.
    json::read(document, "catalog", [&](json::Reader& r) {
      read_file(r, name);
      return true;
    });
  } catch (const InputError& error) {
    for (const Issue& issue : error.issues()) {
      const bool located = issue.pointer.empty() || issue.pointer.front() == '/';
      issues.push_back({located ? name + "#" + issue.pointer : issue.pointer, issue.message});
    }
  }
}

void CatalogLoader::claim(json::Reader& row, std::string_view field, const std::string& key,
                          const std::string& file) {
  if (row.describing()) return;
  const auto [found, fresh] = layer.seen.emplace(key, file + "#" + row.pointer());
  if (!fresh) row.problem(field, "names a row that already stands in " + found->second);
}

void CatalogLoader::read_file(json::Reader& r, const std::string& file) {
  Provenance from;
  r.object("provenance", "Where the rows come from, unless a row says otherwise.",
           [&](json::Reader& p) { from = read_file_provenance(p); });
  const auto rows = [&](auto read_row) {
    return [=](json::Reader& table) {
      table.objects("rows", 0, "The rows.", [&](json::Reader& row) { read_row(row); });
    };
  };
  r.variant(
      "schema", "What the rows are, and the version of their form.",
      {{"instance-types/1", rows([&](json::Reader& row) {
          layer.instance_types.push_back(read_instance_type(row, from));
          claim(row, "name", "instance type " + layer.instance_types.back().name, file);
        })},
       {"gpus/1", rows([&](json::Reader& row) {
          layer.gpus.push_back(read_gpu(row, from));
          claim(row, "name", "gpu " + gpu_name_of(layer.gpus.back()), file);
        })},
       {"language-models/1", rows([&](json::Reader& row) {
          layer.language_models.push_back(read_language_model(row, from));
          claim(row, "name", "language model " + name_of(layer.language_models.back()), file);
        })},
       {"diffusion-models/1", rows([&](json::Reader& row) {
          layer.diffusion_models.push_back(read_diffusion_model(row, from));
          claim(row, "name", "diffusion model " + name_of(layer.diffusion_models.back()), file);
        })},
       {"prices/1", rows([&](json::Reader& row) {
          layer.prices.push_back(read_price(row, from));
          const PriceRow& p = layer.prices.back().row;
          claim(row, "item", "price " + p.item + "|" + p.region + "|" + p.purchase + "|" + p.date,
                file);
        })},
       {"spot/1", rows([&](json::Reader& row) {
          layer.spot_advice.push_back(read_spot_advice(row, from));
          claim(row, "instanceType", "advice " + advice_name_of(layer.spot_advice.back()), file);
        })}});
}

void describe_catalog_file(json::Reader& r) { CatalogLoader().read_file(r, ""); }

void CatalogLoader::lay_prices() {
  auto& prices = catalog.prices_;
  const auto replaced = [&](const PriceRow& below) {
    return std::any_of(layer.prices.begin(), layer.prices.end(), [&](const PriceReading& above) {
      return price_key(above.row) == price_key(below);
    });
  };
  prices.erase(std::remove_if(prices.begin(), prices.end(), replaced), prices.end());
  for (PriceReading& reading : layer.prices)
    if (reading.known) prices.push_back(std::move(reading.row));
  std::sort(prices.begin(), prices.end(), [](const PriceRow& a, const PriceRow& b) {
    return std::tuple_cat(price_key(a), std::tie(b.date)) <
           std::tuple_cat(price_key(b), std::tie(a.date));
  });
}

void CatalogLoader::check_accelerators() {
  std::vector<std::string> names;
  for (const GpuSpec& gpu : catalog.gpus_) names.push_back(gpu.name);
  for (InstanceType& type : catalog.instance_types_) {
    if (type.accelerator.empty()) continue;
    if (const GpuSpec* gpu = catalog.gpu(type.accelerator)) {
      type.accelerator = gpu->name;
      continue;
    }
    std::string message = "instance type " + type.name + " has the accelerator \"" +
                          type.accelerator + "\", which is no GPU of the catalog";
    const auto nearest = nearest_names(type.accelerator, names);
    if (!nearest.empty()) message += " (did you mean \"" + nearest.front() + "\"?)";
    issues.push_back({"", message});
  }
}

template <class Row, class Key> void CatalogLoader::build_index(const std::vector<Row>& rows,
                                                                Catalog::Index& index, Key key,
                                                                std::string_view kind) {
  index.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    index.emplace_back(key(rows[i].name), i);
    for (const std::string& alias : rows[i].aliases) index.emplace_back(key(alias), i);
  }
  std::sort(index.begin(), index.end());
  // A name and an alias of one row may be spellings of the same key.
  index.erase(std::unique(index.begin(), index.end()), index.end());
  for (std::size_t i = 1; i < index.size(); ++i)
    if (index[i].first == index[i - 1].first)
      issues.push_back({"", std::string(kind) + " name or alias \"" + index[i].first +
                                "\" stands for both \"" + rows[index[i - 1].second].name +
                                "\" and \"" + rows[index[i].second].name + "\""});
}

Catalog CatalogLoader::finish() {
  // Half a layer would only bring problems that are not there.
  if (issues.empty()) {
    lay_over(catalog.instance_types_, layer.instance_types,
             [](const InstanceType& t) { return t.name; });
    lay_over(catalog.gpus_, layer.gpus, gpu_name_of);
    lay_over(catalog.language_models_, layer.language_models, name_of);
    lay_over(catalog.diffusion_models_, layer.diffusion_models, name_of);
    lay_over(catalog.spot_advice_, layer.spot_advice, advice_name_of);
    lay_prices();
    build_index(catalog.gpus_, catalog.gpu_index_, normalise_gpu_name, "GPU");
    build_index(catalog.language_models_, catalog.language_model_index_, normalise_name,
                "language model");
    build_index(catalog.diffusion_models_, catalog.diffusion_model_index_, normalise_name,
                "diffusion model");
    check_accelerators();
  }
  layer = Layer{};
  if (!issues.empty()) throw InputError("catalog", std::exchange(issues, {}));
  return std::move(catalog);
}

} // namespace windtunnel::catalog
