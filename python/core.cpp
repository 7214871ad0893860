#include "python/bindings_impl.hpp"

#include "scenarios/report/report.hpp"
#include "scenarios/version.hpp"

PYBIND11_MODULE(_core, m) {
  using namespace windtunnel;
  m.doc() = "The C++ core of windtunnel; use the package 'windtunnel', which wraps it.";
  m.attr("version") = scenarios::version();
  m.attr("format_version") = scenarios::report_format_version;
  python::bind_errors(m);
  python::bind_catalog(m);
  python::bind_scenario(m);
  python::bind_report(m);
  python::bind_comparison(m);
  python::bind_law(m);
  python::bind_run(m);
}
