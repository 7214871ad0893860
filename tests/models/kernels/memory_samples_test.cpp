// Files of memory-bound operators are read as they are meant, and refused with line and column
// where they are broken.
#include "models/kernels/memory_samples.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <tuple>

#include "libsim/base/error.hpp"
#include "models/kernels/vidur_samples.hpp"

namespace windtunnel::kernels {
namespace {

template <class Read> std::string refusal(const std::string& text, Read read) {
  try {
    read(CsvTable::parse(text, "f"));
  } catch (const InputError& error) {
    std::string all;
    for (const Issue& issue : error.issues()) all += issue.pointer + " " + issue.message + "\n";
    return all;
  }
  return "no error";
}
const MemorySample& find(const std::vector<MemorySample>& all, const char* op) {
  for (const MemorySample& s : all)
    if (s.op == memory_operator(op)) return s;
  throw std::out_of_range(op);
}

TEST(MemoryOperators, AreFoundByName) {
  for (const MemoryOperator& op : memory_operators()) EXPECT_EQ(memory_operator(op.name), &op);
  EXPECT_EQ(memory_operator("gemm"), nullptr);
}

TEST(AiconfiguratorScales, AreReadAndRefusedWithLineAndColumn) {
  const std::string header = "quant_dtype,m,k,latency\n";
  const auto samples =
      read_aiconfigurator_scales(CsvTable::parse(header + "fp8,64,4096,0.002\n", "f"));
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(std::tuple(samples[0].rows, samples[0].width), std::tuple(64, 4096));
  EXPECT_DOUBLE_EQ(samples[0].seconds, 2e-6);

  const auto read = [](const CsvTable& t) { read_aiconfigurator_scales(t); };
  EXPECT_EQ(refusal("quant_dtype,m,latency\nfp8,1,2\n", read), "f has no column 'k'\n");
  EXPECT_EQ(refusal(header + "fp8,1,2,-3\n", read),
            "f:2 column latency: '-3' is no positive number\n");
  EXPECT_EQ(refusal(header + "fp8,1,2,nan\n", read),
            "f:2 column latency: 'nan' is no positive number\n");
  EXPECT_EQ(refusal(header + "int8,1,2,3\n", read), "f:2 column quant_dtype: 'int8' is not fp8\n");
  EXPECT_EQ(refusal(header + "fp8,1,2,3\nfp8,1,2,4\n", read),
            "f:3 column m: 1 x 2 was measured before\n");
  EXPECT_EQ(refusal("device," + header + "A,fp8,1,2,3\nB,fp8,1,3,3\n", read),
            "f:3 column device: 'B' is another device than 'A' above\n");
}

TEST(Neusight, IsReadForOneDeviceAndRefusedWithLineAndColumn) {
  const std::string header = "OPName,Latency,Device,B,H\n";
  const auto samples = read_neusight(
      CsvTable::parse(header + "ln,0.2,T4,512,768\nln,0.4,T4,512,768\nln,9,L4,512,768\n", "f"),
      "T4");
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(samples[0].op, memory_operator("layernorm"));
  EXPECT_DOUBLE_EQ(samples[0].seconds, 3e-4) << "the median of two";

  const auto read = [](const CsvTable& t) { read_neusight(t, "T4"); };
  EXPECT_EQ(refusal(header + "conv,1,T4,1,1\n", read),
            "f:2 column OPName: 'conv' is no operator that is read\n");
  EXPECT_EQ(refusal(header + "ln,1,T4,1,1.5\n", read), "f:2 column H: '1.5' is no whole number\n");
}

const std::string vidur_header =
    "time_stats.input_layernorm.mean,time_stats.post_attention_layernorm.mean,"
    "time_stats.attn_pre_proj.mean,time_stats.attn_post_proj.mean,time_stats.attn_rope.mean,"
    "time_stats.mlp_up_proj.mean,time_stats.mlp_act.mean,time_stats.mlp_down_proj.mean,"
    "time_stats.add.mean,time_stats.emb.mean,n_head,n_kv_head,n_embd,n_expanded_embd,"
    "use_gated_mlp,num_tokens,num_tensor_parallel_workers\n";

TEST(VidurMlp, ShapesFollowFromTheModelAndItsTensorParallelism) {
  // 64 heads of 128, 8 of keys and of values, cut in two.
  const CsvTable file =
      CsvTable::parse(vidur_header + "1,3,10,11,2,12,4,13,5,6,64,8,8192,28672,True,256,2\n", "f");
  const VidurSamples samples = read_vidur_mlp({file});
  std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t>> shapes;
  for (const GemmSample& s : samples.gemm) shapes.insert({s.m, s.n, s.k});
  EXPECT_EQ(shapes,
            (std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t>>{
                {256, 5120, 8192}, {256, 8192, 4096}, {256, 28672, 8192}, {256, 8192, 14336}}));
  const auto expect = [&](const char* op, std::int64_t width, double milliseconds) {
    const MemorySample& s = find(samples.memory, op);
    EXPECT_EQ(s.width, width) << op;
    EXPECT_DOUBLE_EQ(s.seconds, milliseconds * 1e-3) << op;
  };
  EXPECT_EQ(samples.memory.size(), 5U);
  expect("rmsnorm", 8192, 2); // of the two norms, 1 and 3
  expect("rope", 4608, 2);
  expect("silu_mul", 14336, 4);
  expect("add", 8192, 5);
  expect("embedding", 8192, 6);
}

TEST(VidurMlp, BlankIsNotMeasuredAndWhatIsBrokenIsRefused) {
  const CsvTable file =
      CsvTable::parse(vidur_header + ",,,,2,12,4,13,,,32,32,4096,16384,False,1,1\n", "f");
  const VidurSamples samples = read_vidur_mlp({file});
  EXPECT_EQ(samples.gemm.size(), 2U);
  EXPECT_EQ(samples.memory.size(), 2U);
  EXPECT_EQ(find(samples.memory, "gelu").width, 16384);

  const auto read = [](const CsvTable& t) { read_vidur_mlp({t}); };
  EXPECT_EQ(refusal(vidur_header + "1,3,10,11,2,0,4,13,5,6,64,8,8192,28672,True,256,2\n", read),
            "f:2 column time_stats.mlp_up_proj.mean: '0' is no positive number\n");
  EXPECT_EQ(refusal(vidur_header + "1,3,10,11,2,12,4,13,5,6,64,8,8192,28672,True,256,16\n", read),
            "f:2 column n_kv_head: 8 cannot be split over 16 ranks\n");
  EXPECT_EQ(refusal("n_head\n1\n", read).substr(0, 28), "f has no column 'n_kv_head'\n");
}

} // namespace
} // namespace windtunnel::kernels
