// What the tables of all operators share in their JSON: errors, and log ratios as texts of whole
// numbers in steps of 0.5 %.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libsim/json/reader.hpp"
#include "libsim/json/writer.hpp"
#include "models/kernels/held_out.hpp"

namespace windtunnel::kernels {

/// An object of that name.
void write_errors(json::Writer& w, const char* name, const FitErrors& errors);
FitErrors read_errors(json::Reader& r, const char* name, const char* doc);
std::optional<FitErrors> read_optional_errors(json::Reader& r, const char* name, const char* doc);
/// An object "heldOut".
void write_held_out(json::Writer& w, const HeldOut& errors);
HeldOut read_held_out(json::Reader& r);

/// Adds " 12" or, where the value was filled by the fit, " ~12" to `text`.
void add_ratio(std::string& text, float log_ratio, bool measured);
/// Takes a whole number, which may have ~ before it when `filled` is given, off the front of
/// `text`; false when there is none.
bool take(std::string_view& text, std::int64_t& value, bool* filled = nullptr);
/// Takes `count` ratios off the front of `text` and appends them; false when there are fewer.
bool take_ratios(std::string_view& text, std::size_t count, std::vector<float>& log_ratio,
                 std::vector<bool>& measured);
/// An axis: whole numbers separated by spaces.
std::string axis_text(const std::vector<std::int64_t>& axis);
std::vector<std::int64_t> read_axis(json::Reader& r, const char* name, const char* doc);

} // namespace windtunnel::kernels
