#include <pybind11/numpy.h>

#include "python/answer_impl.hpp"
#include "python/report_state_impl.hpp"

#include "scenarios/report/render_csv.hpp"

namespace windtunnel::python {
namespace {

using scenarios::Report;

/// A view of `values` that keeps their report alive and cannot be written through.
py::array_t<double> view(const std::vector<double>& values, const py::object& owner) {
  py::array_t<double> array(static_cast<py::ssize_t>(values.size()), values.data(), owner);
  array.attr("setflags")(py::arg("write") = false);
  return array;
}

py::dict table_dict(const scenarios::Table& table) {
  py::list columns, rows;
  for (const scenarios::Column& column : table.columns())
    columns.append(py::make_tuple(column.title, column.align == scenarios::Align::right));
  for (const scenarios::Row& row : table.rows())
    rows.append(py::make_tuple(row.cells, row.style.depth,
                               row.style.emphasis == scenarios::Emphasis::total ||
                                   row.style.emphasis == scenarios::Emphasis::group));
  py::dict result;
  result["caption"] = table.caption();
  result["columns"] = columns;
  result["rows"] = rows;
  return result;
}

} // namespace

py::dict sheet_dict(const scenarios::Sheet& sheet) {
  py::list sections;
  for (const scenarios::Section& section : sheet.sections) {
    py::list tables;
    for (const scenarios::Table& table : section.tables) tables.append(table_dict(table));
    py::dict item;
    item["title"] = section.title;
    item["paragraphs"] = section.paragraphs;
    item["tables"] = tables;
    item["notes"] = section.notes;
    sections.append(item);
  }
  py::dict result;
  result["title"] = sheet.title;
  result["subtitle"] = sheet.subtitle;
  result["headline"] = sheet.headline;
  result["lines"] = sheet.lines;
  result["sections"] = sections;
  result["warnings"] = sheet.warnings;
  return result;
}

void bind_report(py::module_& m) {
  py::class_<Report> report(m, "Report");
  bind_renderings(report);
  report.def("csv_files", [](const Report& self) { return scenarios::csv_files(self); })
      .def_property_readonly("bill_nano_usd",
                             [](const Report& self) { return self.bill.nano_dollars(); })
      .def_property_readonly("finish_samples_s",
                             [](const py::object& self) {
                               return view(py::cast<Report&>(self).finish_samples_s, self);
                             })
      .def_property_readonly("cost_samples_usd",
                             [](const py::object& self) {
                               return view(py::cast<Report&>(self).cost_samples_usd, self);
                             })
      .def(pickled<Report>());

  py::class_<scenarios::PlanReport> plan(m, "Plan");
  bind_renderings(plan);
  plan.def(pickled<scenarios::PlanReport>());
}

} // namespace windtunnel::python
