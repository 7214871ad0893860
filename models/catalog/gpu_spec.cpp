#include "models/catalog/gpu_spec.hpp"

#include <array>
#include <utility>

namespace windtunnel::catalog {

namespace {

struct DtypeRow {
  Dtype dtype;
  const char* name;
  double bytes;
};

// Bytes of an element are a property of the format; mxfp8's shared scales (one byte in 32) are left
// to the models that care.
constexpr std::array<DtypeRow, 9> dtypes{{{Dtype::fp64, "fp64", 8},
                                          {Dtype::fp32, "fp32", 4},
                                          {Dtype::tf32, "tf32", 4},
                                          {Dtype::fp16, "fp16", 2},
                                          {Dtype::bf16, "bf16", 2},
                                          {Dtype::fp8, "fp8", 1},
                                          {Dtype::mxfp8, "mxfp8", 1},
                                          {Dtype::int8, "int8", 1},
                                          {Dtype::fp4, "fp4", 0.5}}};

const DtypeRow& row_of(Dtype dtype) { return dtypes[static_cast<std::size_t>(dtype)]; }

} // namespace

const char* to_string(Dtype dtype) { return row_of(dtype).name; }

std::optional<Dtype> parse_dtype(std::string_view name) {
  for (const DtypeRow& row : dtypes)
    if (name == row.name) return row.dtype;
  return std::nullopt;
}

double element_bytes(Dtype dtype) { return row_of(dtype).bytes; }

std::optional<FlopRate> GpuSpec::peak(Dtype dtype) const {
  switch (dtype) {
  case Dtype::fp64:
    return fp64;
  case Dtype::fp32:
    return fp32;
  case Dtype::tf32:
    return tf32;
  case Dtype::fp16:
    return fp16;
  case Dtype::bf16:
    return bf16;
  case Dtype::fp8:
    return fp8;
  case Dtype::mxfp8: // scaled blocks came with the matrix units that also do FP4
    return fp4 ? fp8 : std::nullopt;
  case Dtype::int8:
    return int8;
  case Dtype::fp4:
    return fp4;
  }
  return std::nullopt;
}

} // namespace windtunnel::catalog
