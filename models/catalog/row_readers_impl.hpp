// What each kind of catalog row looks like as JSON: one reading function a kind, which is also its
// documentation (json::describe). Fields are described in the functions; contradictions between the
// fields of a row are recorded as problems of that row.
#pragma once

#include <optional>

#include "libsim/json/reader.hpp"
#include "models/catalog/diffusion_model.hpp"
#include "models/catalog/gpu_spec.hpp"
#include "models/catalog/instance_type.hpp"
#include "models/catalog/language_model.hpp"
#include "models/catalog/price.hpp"

namespace windtunnel::catalog {

/// A price as read: one with `known` false says that nobody knows it.
struct PriceReading {
  PriceRow row;
  bool known = false;
};

/// The provenance of a file, which its rows inherit.
Provenance read_file_provenance(json::Reader& r);

InstanceType read_instance_type(json::Reader& r, const Provenance& file);
GpuSpec read_gpu(json::Reader& r, const Provenance& file);
LanguageModel read_language_model(json::Reader& r, const Provenance& file);
DiffusionModel read_diffusion_model(json::Reader& r, const Provenance& file);
PriceReading read_price(json::Reader& r, const Provenance& file);
SpotAdvice read_spot_advice(json::Reader& r, const Provenance& file);

} // namespace windtunnel::catalog
