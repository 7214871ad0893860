#include "python/bindings_impl.hpp"

#include "scenarios/check.hpp"
#include "scenarios/read_scenario.hpp"

namespace windtunnel::python {
namespace {

ScenarioFile read(json::Document document) {
  scenarios::Scenario values = json::read(document, "scenario", scenarios::read_scenario);
  return {std::move(document), std::move(values)};
}

ScenarioFile with_settings(const ScenarioFile& file,
                           const std::vector<scenarios::Setting>& settings) {
  json::Document document = file.document;
  for (const auto& [pointer, value] : settings) document = json::set(document, pointer, value);
  return read(std::move(document));
}

std::vector<std::pair<std::string, std::string>> issues_of(const ScenarioFile& file,
                                                           const SharedCatalog& catalog) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const Issue& issue : scenarios::check(file.values, *catalog))
    pairs.emplace_back(issue.pointer, issue.message);
  return pairs;
}

} // namespace

void bind_scenario(py::module_& m) {
  using Settings = std::vector<scenarios::Setting>;
  py::class_<ScenarioFile>(m, "Scenario")
      .def_static(
          "from_file",
          [](const std::string& path, const Settings& settings) {
            return read(scenarios::load_document(path, settings));
          },
          py::arg("path"), py::arg("settings"))
      .def_static(
          "from_text",
          [](const std::string& text, const Settings& settings) {
            json::Document document = json::parse(text, "scenario");
            for (const auto& [pointer, value] : settings)
              document = json::set(document, pointer, value);
            return read(std::move(document));
          },
          py::arg("text"), py::arg("settings"))
      .def("with_settings", &with_settings, py::arg("settings"))
      .def("json", [](const ScenarioFile& self) { return self.document.dump(); })
      .def("issues", &issues_of, py::arg("catalog"))
      .def_property_readonly("name", [](const ScenarioFile& self) { return self.values.name; })
      .def_property_readonly("region", [](const ScenarioFile& self) { return self.values.region; })
      .def_property_readonly("replications",
                             [](const ScenarioFile& self) { return self.values.replications; })
      .def_property_readonly("seed", [](const ScenarioFile& self) { return self.values.seed; });
  m.def(
      "set_in_text",
      [](const std::string& text, const std::string& pointer, const std::string& value) {
        return json::set(json::parse(text, "scenario"), pointer, value).dump();
      },
      py::arg("text"), py::arg("pointer"), py::arg("value"));
  m.def(
      "explain",
      [](const std::string& path) { return json::explain(scenarios::scenario_schema(), path); },
      py::arg("path"));
  m.def("schema",
        [] { return json::to_json_schema(scenarios::scenario_schema(), "windtunnel scenario"); });
}

} // namespace windtunnel::python
