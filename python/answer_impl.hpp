// What every answer offers (report, plan, comparison, sweep): its renderings, as the CLI prints
// them, and its sheet, from which a notebook is drawn.
#pragma once

#include "python/bindings_impl.hpp"

#include "scenarios/report/sheet.hpp"

namespace windtunnel::python {

/// {"title", "subtitle", "headline", "lines", "sections", "warnings"}, all text.
py::dict sheet_dict(const scenarios::Sheet& sheet);

template <class Class> void bind_renderings(Class& type) {
  using Answer = typename Class::type;
  using scenarios::Format;
  type.def("json", [](const Answer& self) { return render(self, Format::json); })
      .def("html", [](const Answer& self) { return render(self, Format::html); })
      .def("csv", [](const Answer& self) { return render(self, Format::csv); })
      .def(
          "text",
          [](const Answer& self, int width) { return render(self, Format::table, {width}); },
          py::arg("width"))
      .def("sheet", [](const Answer& self) { return sheet_dict(scenarios::sheet_of(self)); });
}

} // namespace windtunnel::python
