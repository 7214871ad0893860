#include "models/kernels/table_json.hpp"

#include <charconv>
#include <cmath>

namespace windtunnel::kernels {
namespace {

constexpr double step = 0.005; ///< of the log ratio, one unit of the file

FitErrors read_errors(json::Reader& o) {
  FitErrors errors;
  errors.rows = static_cast<std::size_t>(o.integer("rows", {.min = 1}, "Measurements."));
  errors.mean = o.number("mape", {.min = 0}, "Mean absolute error, a share.");
  errors.median = o.number("median", {.min = 0}, "Median absolute error.");
  errors.p90 = o.number("p90", {.min = 0}, "90th percentile of the absolute error.");
  errors.bias = o.number("bias", {.min = -1}, "Median of predicted / measured - 1.");
  return errors;
}

} // namespace

void write_errors(json::Writer& w, const char* name, const FitErrors& errors) {
  w.begin_object(name)
      .field("rows", static_cast<std::int64_t>(errors.rows))
      .field("mape", errors.mean)
      .field("median", errors.median)
      .field("p90", errors.p90)
      .field("bias", errors.bias)
      .end();
}

FitErrors read_errors(json::Reader& r, const char* name, const char* doc) {
  FitErrors errors;
  r.object(name, doc, [&](json::Reader& o) { errors = read_errors(o); });
  return errors;
}

std::optional<FitErrors> read_optional_errors(json::Reader& r, const char* name, const char* doc) {
  std::optional<FitErrors> errors;
  r.optional_object(name, doc, [&](json::Reader& o) { errors = read_errors(o); });
  return errors;
}

void write_held_out(json::Writer& w, const HeldOut& errors) {
  w.begin_object("heldOut")
      .field("splitSeed", static_cast<std::int64_t>(errors.split_seed))
      .field("shapes", static_cast<std::int64_t>(errors.sites))
      .field("heldOutShapes", static_cast<std::int64_t>(errors.held_out_sites))
      .field("p10", errors.p10)
      .field("p90", errors.p90);
  if (errors.covered) w.field("covered", *errors.covered);
  write_errors(w, "model", errors.model);
  write_errors(w, "roofline", errors.roofline);
  write_errors(w, "inSample", errors.in_sample);
  w.end();
}

HeldOut read_held_out(json::Reader& r) {
  HeldOut errors;
  r.object("heldOut", "Errors on shapes held out of the fit.", [&](json::Reader& h) {
    errors.split_seed =
        static_cast<std::uint64_t>(h.integer("splitSeed", {.min = 0}, "Which fifth."));
    errors.sites = static_cast<std::size_t>(h.integer("shapes", {.min = 1}, "Shapes."));
    errors.held_out_sites =
        static_cast<std::size_t>(h.integer("heldOutShapes", {.min = 1}, "Those held out."));
    errors.p10 = h.number("p10", {.min = -5, .max = 5}, "Of log(measured / predicted).");
    errors.p90 = h.number("p90", {.min = -5, .max = 5}, "Of log(measured / predicted).");
    errors.covered =
        h.optional_number("covered", {.min = 0, .max = 1},
                          "Share of the rows between the p10 and p90 of other shapes.");
    errors.model = read_errors(h, "model", "Of the fit, on held-out shapes.");
    errors.roofline = read_errors(h, "roofline", "Of max(flops / peak, bytes / bandwidth) there.");
    errors.in_sample = read_errors(h, "inSample", "Of the fit, on the shapes it was made from.");
  });
  return errors;
}

void add_ratio(std::string& text, float log_ratio, bool measured) {
  text += measured ? " " : " ~";
  text += std::to_string(std::lround(static_cast<double>(log_ratio) / step));
}

bool take(std::string_view& text, std::int64_t& value, bool* filled) {
  if (const auto begin = text.find_first_not_of(' '); begin != text.npos) text.remove_prefix(begin);
  if (filled && (*filled = text.starts_with('~'))) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc();
}

bool take_ratios(std::string_view& text, std::size_t count, std::vector<float>& log_ratio,
                 std::vector<bool>& measured) {
  std::int64_t value = 0;
  for (bool filled = false; count > 0 && take(text, value, &filled); --count) {
    log_ratio.push_back(static_cast<float>(static_cast<double>(value) * step));
    measured.push_back(!filled);
  }
  return count == 0;
}

std::string axis_text(const std::vector<std::int64_t>& axis) {
  std::string text;
  for (const std::int64_t value : axis) text += (text.empty() ? "" : " ") + std::to_string(value);
  return text;
}

std::vector<std::int64_t> read_axis(json::Reader& r, const char* name, const char* doc) {
  const std::string text = r.text(name, doc);
  std::vector<std::int64_t> axis;
  std::string_view rest = text;
  for (std::int64_t value = 0; take(rest, value);) axis.push_back(value);
  if (!rest.empty()) r.problem(name, "must be whole numbers, separated by spaces");
  return axis;
}

} // namespace windtunnel::kernels
