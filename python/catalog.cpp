#include "python/bindings_impl.hpp"

#include "scenarios/report/catalog_listing.hpp"
#include "scenarios/validation/validation.hpp"

namespace windtunnel::python {

void bind_catalog(py::module_& m) {
  py::class_<catalog::Catalog, SharedCatalog>(m, "Catalog")
      .def_static("builtin",
                  [] { return std::make_shared<catalog::Catalog>(catalog::Catalog::builtin()); })
      .def_static(
          "with_overlay",
          [](const std::string& folder) {
            return std::make_shared<catalog::Catalog>(catalog::Catalog::with_overlay(folder));
          },
          py::arg("folder"))
      .def(
          "listing",
          [](const catalog::Catalog& self, const std::string& kind) {
            return scenarios::catalog_listing(self, kind, "json");
          },
          py::arg("kind"));
  m.def("catalog_kinds", [] { return scenarios::catalog_listing_kinds(); });
  m.def(
      "validate",
      [](const std::string& suite, const std::optional<std::string>& truth,
         const SharedCatalog& catalog) {
        scenarios::ValidationResult result;
        {
          py::gil_scoped_release unlocked;
          result = scenarios::validate(suite, truth, *catalog);
        }
        return py::make_tuple(to_json(result), to_table(result));
      },
      py::arg("suite"), py::arg("truth"), py::arg("catalog"));
}

} // namespace windtunnel::python
