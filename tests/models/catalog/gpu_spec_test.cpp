#include "models/catalog/gpu_spec.hpp"

#include <gtest/gtest.h>

namespace windtunnel::catalog {
namespace {

TEST(Dtype, NamesRoundTripAndUnknownIsNothing) {
  for (const Dtype dtype : {Dtype::fp64, Dtype::fp32, Dtype::tf32, Dtype::fp16, Dtype::bf16,
                            Dtype::fp8, Dtype::mxfp8, Dtype::int8, Dtype::fp4})
    EXPECT_EQ(parse_dtype(to_string(dtype)), dtype);
  EXPECT_EQ(parse_dtype("bfloat16"), std::nullopt);
  EXPECT_EQ(parse_dtype(""), std::nullopt);
}

TEST(Dtype, BytesOfAnElement) {
  EXPECT_EQ(element_bytes(Dtype::fp32), 4);
  EXPECT_EQ(element_bytes(Dtype::tf32), 4);
  EXPECT_EQ(element_bytes(Dtype::bf16), 2);
  EXPECT_EQ(element_bytes(Dtype::mxfp8), 1);
  EXPECT_EQ(element_bytes(Dtype::fp4), 0.5);
}

TEST(GpuSpec, PeakIsOfItsDtypeAndUnknownWhereThereIsNone) {
  GpuSpec gpu;
  gpu.bf16 = teraflops(100);
  gpu.fp8 = teraflops(200);
  EXPECT_EQ(gpu.peak(Dtype::bf16)->teraflops(), 100);
  EXPECT_EQ(gpu.peak(Dtype::mxfp8), std::nullopt) << "fp8 hardware without block scales";
  gpu.fp4 = teraflops(400);
  EXPECT_EQ(gpu.peak(Dtype::mxfp8)->teraflops(), 200);
  EXPECT_EQ(gpu.peak(Dtype::fp16), std::nullopt);
}

TEST(GpuSpec, UsableMemoryPrefersWhatTheDriverReports) {
  GpuSpec gpu;
  gpu.memory = gigabytes(80);
  EXPECT_EQ(gpu.usable_memory(), gigabytes(80));
  gpu.device_memory = 81090_MiB;
  EXPECT_EQ(gpu.usable_memory(), 81090_MiB);
}

} // namespace
} // namespace windtunnel::catalog
