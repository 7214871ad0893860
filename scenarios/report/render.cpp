#include "scenarios/report/formats_impl.hpp"

namespace windtunnel::scenarios {
namespace {

template <class Answer>
std::string rendered(const Answer& answer, Format format, const RenderOptions& options) {
  switch (format) {
  case Format::json:
    return to_json(answer);
  case Format::csv:
    return to_csv(answer);
  case Format::html:
    return to_page(sheet_of(answer));
  case Format::table:
    break;
  }
  return to_text(sheet_of(answer), options);
}

} // namespace

std::optional<Format> parse_format(const std::string& name) {
  if (name == "table") return Format::table;
  if (name == "json") return Format::json;
  if (name == "csv") return Format::csv;
  if (name == "html") return Format::html;
  return std::nullopt;
}

std::string render(const Report& report, Format format, const RenderOptions& options) {
  return rendered(report, format, options);
}
std::string render(const PlanReport& report, Format format, const RenderOptions& options) {
  return rendered(report, format, options);
}
std::string render(const Comparison& comparison, Format format, const RenderOptions& options) {
  return rendered(comparison, format, options);
}
std::string render(const Sweep& sweep, Format format, const RenderOptions& options) {
  return rendered(sweep, format, options);
}

} // namespace windtunnel::scenarios
