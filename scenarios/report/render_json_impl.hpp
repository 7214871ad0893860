// Pieces of JSON that several renderers write.
#pragma once

#include <string>
#include <vector>

#include "libsim/json/writer.hpp"
#include "models/training/memory.hpp"
#include "models/training/step_model.hpp"
#include "scenarios/report/report.hpp"

namespace windtunnel::scenarios {

void write(json::Writer& w, const char* name, const Distribution& d);
void write(json::Writer& w, const char* name, const training::StepEstimate& step);
void write(json::Writer& w, const char* name, const std::optional<training::MemoryVerdict>& memory);
void write(json::Writer& w, const std::vector<Assumption>& assumptions);
void write(json::Writer& w, const WaterfallItem& item);
void write_numbers(json::Writer& w, const char* name, const std::vector<double>& values);
void write_texts(json::Writer& w, const char* name, const std::vector<std::string>& values);
/// The fields of a report, without braces and format version.
void write_fields(json::Writer& w, const Report& report);

} // namespace windtunnel::scenarios
