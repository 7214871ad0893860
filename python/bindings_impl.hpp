// The themes of module windtunnel._core, one source file each. The module is thin: it hands values
// over, keeps the interpreter answering while C++ works, and turns exceptions into Python's. Words,
// checks of arguments, and data frames are the package's, in Python.
#pragma once

#include <memory>

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "libsim/json/reader.hpp"
#include "models/catalog/catalog.hpp"
#include "scenarios/scenario.hpp"

namespace windtunnel::python {

namespace py = pybind11;

/// A scenario as Python holds it: the JSON it came from, which pickles and can be changed, and the
/// values that JSON means.
struct ScenarioFile {
  json::Document document;
  scenarios::Scenario values;
};

using SharedCatalog = std::shared_ptr<catalog::Catalog>;

void bind_errors(py::module_& m);
void bind_catalog(py::module_& m);
void bind_scenario(py::module_& m);
void bind_report(py::module_& m);
void bind_comparison(py::module_& m);
void bind_law(py::module_& m);
void bind_run(py::module_& m);

} // namespace windtunnel::python
