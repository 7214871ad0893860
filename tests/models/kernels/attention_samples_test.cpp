// Files of attention measurements are read as they are meant; broken ones are refused with line and
// column.
#include "models/kernels/attention_samples.hpp"

#include <gtest/gtest.h>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

const std::string header = "batch_size,isl,num_heads,num_key_value_heads,head_dim,kv_cache_dtype,"
                           "step,window_size,latency\n";
const std::string old_header =
    "batch_size,isl,num_heads,num_key_value_heads,head_dim,kv_cache_dtype,step,latency\n";

AttentionSamples read(const std::string& text) {
  return read_aiconfigurator_attention(CsvTable::parse(text, "file.csv"));
}
std::string refusal(const std::string& text) {
  try {
    read(text);
  } catch (const InputError& error) {
    std::string all;
    for (const Issue& issue : error.issues()) all += issue.pointer + " " + issue.message + "\n";
    return all;
  }
  return "no error";
}

TEST(AttentionSamples, PrefillAndDecodeAreToldByTheStep) {
  const AttentionSamples prefill = read(header + "4,1024,32,8,128,bfloat16,0,0,0.5\n"
                                                 "4,1024,32,8,128,fp8,0,128,0.25\n");
  EXPECT_EQ(prefill.phase, AttentionPhase::prefill);
  ASSERT_EQ(prefill.rows.size(), 2U);
  const AttentionSample& first = prefill.rows[0];
  EXPECT_EQ(first.cache, "bf16");
  EXPECT_EQ(first.shape, (AttentionShape{32, 8, 128}));
  EXPECT_EQ(std::tuple(first.batch, first.length, first.window), std::tuple(4, 1024, 0));
  EXPECT_DOUBLE_EQ(first.seconds, 500e-6);
  EXPECT_EQ(std::tuple(prefill.rows[1].cache, prefill.rows[1].window), std::tuple("fp8", 128));

  const AttentionSamples decode = read(header + "4,1,32,8,128,fp8,1023,0,0.02\n");
  EXPECT_EQ(decode.phase, AttentionPhase::decode);
  EXPECT_EQ(decode.rows.at(0).length, 1024);
}

TEST(AttentionSamples, CollectorsWithoutWindowsMeasureEqualHeadsTwice) {
  const std::string twice = "1,64,8,8,128,bfloat16,0,0.01\n1,64,8,8,128,bfloat16,0,0.02\n";
  const AttentionSamples samples = read(old_header + twice);
  ASSERT_EQ(samples.rows.size(), 1U);
  EXPECT_DOUBLE_EQ(samples.rows[0].seconds, 15e-6);
  EXPECT_EQ(samples.rows[0].window, 0);
  const std::string before = "column batch_size: 1 sequences of 64 tokens, 8 heads, 8 key-value "
                             "heads of 128 were measured "
                             "before\n";
  EXPECT_EQ(refusal(old_header + twice + "1,64,8,8,128,bfloat16,0,0.02\n"), "file.csv:4 " + before);
  const std::string grouped = "1,64,8,4,128,bfloat16,0,0.01\n";
  EXPECT_NE(refusal(old_header + grouped + grouped), "no error");
  const std::string with_window = "1,64,8,8,128,bfloat16,0,0,0.01\n";
  EXPECT_EQ(refusal(header + with_window + with_window), "file.csv:3 " + before);
}

TEST(AttentionSamples, WhatIsBrokenIsRefusedWithLineAndColumn) {
  EXPECT_EQ(refusal("batch_size,isl,num_heads,head_dim,kv_cache_dtype,step\n1,1,1,1,fp8,1\n"),
            "file.csv has no column 'num_key_value_heads'\nfile.csv has no column 'latency'\n");
  const auto row = [](const std::string& cells) { return refusal(header + cells + "\n"); };
  EXPECT_EQ(row("1,64,8,4,128,fp8,0,0,0"),
            "file.csv:2 column latency: '0' is no positive number\n");
  EXPECT_EQ(row("1,64,8,4,128,fp8,0,0,-1"),
            "file.csv:2 column latency: '-1' is no positive number\n");
  EXPECT_EQ(row("1,64,8,4,128,fp8,0,0,nan"),
            "file.csv:2 column latency: 'nan' is no positive number\n");
  EXPECT_EQ(row("1,64,8,4,128,fp8,0,0,"), "file.csv:2 column latency: '' is no positive number\n");
  EXPECT_EQ(row("0,64,8,4,128,fp8,0,0,1"),
            "file.csv:2 column batch_size: '0' is no positive number\n");
  EXPECT_EQ(row("1,64,8,4,128.5,fp8,0,0,1"),
            "file.csv:2 column head_dim: '128.5' is no whole number\n");
  EXPECT_EQ(row("1,64,8,3,128,fp8,0,0,1"),
            "file.csv:2 column num_key_value_heads: 3 do not divide 8 heads\n");
  EXPECT_EQ(row("1,64,8,4,128,int3,0,0,1"),
            "file.csv:2 column kv_cache_dtype: 'int3' is not read\n");
  EXPECT_EQ(row("1,64,8,4,128,fp8,0,-1,1"),
            "file.csv:2 column window_size: '-1' is no positive number\n");
  EXPECT_EQ(row("1,64,8,4,128,fp8,5,0,1"),
            "file.csv:2 column isl: 64 new tokens after 5 others are not read\n");
  EXPECT_EQ(row("1,64,8,4,128,fp8,0,0,1\n1,1,8,4,128,fp8,5,0,1"),
            "file.csv:3 column step: 5 in a file of prefill\n");
  EXPECT_EQ(row("1,64,8,4"), "file.csv:2 4 cells under a header of 9\n");
  EXPECT_EQ(refusal("attn_dtype," + header + "fp8,1,64,8,4,128,fp8,0,0,1\n"),
            "file.csv:2 column attn_dtype: 'fp8' is not read, only bfloat16 is\n");
  EXPECT_EQ(
      refusal("device," + header + "H100,1,64,8,4,128,fp8,0,0,1\nA100,1,32,8,4,128,fp8,0,0,1\n"),
      "file.csv:3 column device: 'A100' is another device than 'H100' above\n");
}

} // namespace
} // namespace windtunnel::kernels
