// Page: a sheet as one HTML file that needs nothing else: styles, script, data and (when the build
// found it) Chart.js are inside, and a content security policy forbids requests. Every text is
// escaped. Tables are plain HTML, so the page says everything without JavaScript and in print;
// charts are drawn from the one JSON block with id "data".
#pragma once

#include <string>
#include <string_view>

#include "scenarios/report/sheet.hpp"

namespace windtunnel::scenarios {

std::string to_page(const Sheet& sheet);

/// `text` with & < > " ' as entities.
std::string escape_html(std::string_view text);
/// JSON that can stand in a <script>: "<" as \u003c, so that no tag can close it.
std::string json_for_script(std::string_view json);

} // namespace windtunnel::scenarios
