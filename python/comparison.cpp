#include "python/answer_impl.hpp"

#include "scenarios/compare.hpp"

namespace windtunnel::python {
namespace {

using scenarios::Report;

/// A point as Python gives and takes it: settings, the report or None, the error or "".
using Point = std::tuple<std::vector<std::pair<std::string, std::string>>, std::optional<Report>,
                         std::string>;

scenarios::Sweep make_sweep(const std::string& scenario, const std::vector<Point>& points) {
  scenarios::Sweep sweep{.scenario = scenario, .points = {}};
  for (const auto& [settings, report, error] : points)
    sweep.points.push_back({.settings = settings,
                            .report = report.value_or(Report{}),
                            .error = error,
                            .pareto = false});
  mark_pareto(sweep);
  return sweep;
}

py::list points_of(const scenarios::Sweep& sweep) {
  py::list points;
  for (const scenarios::SweepPoint& point : sweep.points)
    points.append(py::make_tuple(point.settings,
                                 point.error.empty() ? py::cast(point.report) : py::none(),
                                 point.error, point.pareto));
  return points;
}

} // namespace

void bind_comparison(py::module_& m) {
  py::class_<scenarios::Comparison> comparison(m, "Comparison");
  bind_renderings(comparison);
  comparison
      .def(py::init([](const Report& a, const Report& b) { return compare(a, b); }), py::arg("a"),
           py::arg("b"))
      .def_property_readonly("a", [](const scenarios::Comparison& self) { return self.a; })
      .def_property_readonly("b", [](const scenarios::Comparison& self) { return self.b; });

  py::class_<scenarios::Sweep> sweep(m, "Sweep");
  bind_renderings(sweep);
  sweep.def(py::init(&make_sweep), py::arg("scenario"), py::arg("points"))
      .def_readonly("scenario", &scenarios::Sweep::scenario)
      .def("points", &points_of);
}

} // namespace windtunnel::python
