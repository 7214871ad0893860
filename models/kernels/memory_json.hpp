// FittedMemory: the memory-bound operators of one GPU in one number format, with the errors of
// their fit, and their JSON: one text a width, "512: 12 -5 ~3" for the values of rows in order, ~
// where no measurement is near.
#pragma once

#include <string>
#include <vector>

#include "models/kernels/memory_fit.hpp"
#include "models/kernels/table_json.hpp"

namespace windtunnel::kernels {

struct FittedMemory {
  std::string dtype; ///< "bf16", which stands for fp16 as well, or "fp32": of the elements moved
  MemoryFit fit;
};

/// Bytes of an element of `dtype`.
double memory_element_bytes(const std::string& dtype);

void write_memory(json::Writer& w, const FittedMemory& memory);
/// Adds the tables that `r` holds to `all`; problems are recorded in `r`. `gpu` may be null when it
/// is a problem already.
void read_memory(json::Reader& r, const catalog::GpuSpec* gpu, std::vector<FittedMemory>& all);

} // namespace windtunnel::kernels
