#include "calibration/bench/cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>

namespace windtunnel::calibration {
namespace {

TEST(Cases, NoneOccursTwiceAndEachIsWorkOfAKnownKind) {
  std::set<std::string> keys;
  for (const Case& c : all_cases()) {
    EXPECT_TRUE(keys.insert(c.key()).second) << c.key();
    EXPECT_NO_THROW(work_of(c)) << c.key();
    EXPECT_GT(expected_seconds(c), 0) << c.key();
    EXPECT_EQ(c.split, Split::grid);
    for (const auto& [key, value] : c.shape) EXPECT_GE(value, 0) << c.key();
  }
}

TEST(Cases, TheMostValuableComeFirstAndOperationsTakeTurns) {
  const std::vector<Case> cases = all_cases();
  EXPECT_TRUE(std::is_sorted(cases.begin(), cases.end(),
                             [](const Case& a, const Case& b) { return a.group < b.group; }));
  // A tenth of the models' cases has something of each of their operations.
  std::vector<Case> models;
  std::copy_if(cases.begin(), cases.end(), std::back_inserter(models),
               [](const Case& c) { return c.group == Group::models; });
  std::set<std::string> all, early;
  for (const Case& c : models) all.insert(c.op);
  for (std::size_t i = 0; i < models.size() / 10; ++i) early.insert(models[i].op);
  EXPECT_EQ(all, early);
}

TEST(Cases, KeepToTheirTimes) {
  double quick = 0, needed = 0, all = 0;
  for (const Case& c : all_cases()) {
    const double seconds = expected_seconds(c);
    all += seconds;
    if (c.group != Group::rest) needed += seconds;
    if (c.quick) quick += seconds;
  }
  EXPECT_LT(quick, 5 * 60);
  EXPECT_LT(needed, 15 * 60);
  EXPECT_LT(all, 30 * 60);
}

TEST(Cases, EveryOperationOfTheSuiteIsThere) {
  std::map<std::string, std::set<std::string>> variants, dtypes;
  for (const Case& c : all_cases()) {
    variants[c.op].insert(c.variant);
    dtypes[c.op].insert(c.dtype);
  }
  EXPECT_EQ(dtypes["gemm"], (std::set<std::string>{"bf16", "fp16", "fp8_e4m3", "tf32"}));
  EXPECT_EQ(variants["gemm"], (std::set<std::string>{"nn", "nt", "tn"}));
  for (const char* op : {"adam",
                         "attention_backward",
                         "attention_forward",
                         "collective",
                         "convolution",
                         "copy_ceiling",
                         "cross_entropy",
                         "decode_attention",
                         "elementwise",
                         "embedding",
                         "grad_norm",
                         "group_norm",
                         "grouped_gemm",
                         "launch",
                         "layernorm",
                         "matrix_ceiling",
                         "memcpy",
                         "overlap",
                         "rmsnorm",
                         "rope",
                         "softmax"})
    EXPECT_TRUE(variants.contains(op)) << op;
}

TEST(Cases, SidesOfTileEdgesAreBothThere) {
  std::set<std::int64_t> m;
  for (const Case& c : all_cases())
    if (c.op == "gemm" && c.at("n") == 6144 && c.at("k") == 4096) m.insert(c.at("m"));
  for (const std::int64_t edge : {16, 32, 64, 128, 256})
    EXPECT_TRUE(m.contains(edge) && m.contains(edge + 1)) << edge;
}

TEST(Cases, FreshOnesAreNotInTheGridAndRepeat) {
  const std::vector<Case> grid = all_cases();
  std::set<std::string> keys;
  std::map<std::string, std::size_t> in_grid, in_fresh;
  for (const Case& c : grid) {
    keys.insert(c.key());
    ++in_grid[c.op];
  }
  const std::vector<Case> fresh = fresh_cases(grid, 0.05, 3);
  for (const Case& c : fresh) {
    EXPECT_TRUE(keys.insert(c.key()).second) << c.key();
    EXPECT_EQ(c.split, Split::fresh);
    EXPECT_NO_THROW(work_of(c)) << c.key();
    ++in_fresh[c.op];
    if (c.dtype == "fp8_e4m3") {
      for (const char* key : {"m", "n", "k"}) EXPECT_EQ(c.at(key) % 16, 0) << c.key();
    }
  }
  for (const char* op : {"gemm", "attention_forward", "decode_attention", "rmsnorm", "memcpy"})
    EXPECT_EQ(in_fresh[op], static_cast<std::size_t>(std::ceil(0.05 * double(in_grid[op])))) << op;
  const std::vector<Case> again = fresh_cases(grid, 0.05, 3), other = fresh_cases(grid, 0.05, 4);
  ASSERT_EQ(again.size(), fresh.size());
  for (std::size_t i = 0; i < fresh.size(); ++i) EXPECT_EQ(again[i].key(), fresh[i].key());
  EXPECT_NE(other.front().key(), fresh.front().key());
  EXPECT_THROW(fresh_cases(grid, 0, 3), std::invalid_argument);
}

Case gemm(std::int64_t m, std::int64_t n, std::int64_t k, const char* dtype) {
  Case c;
  c.op = "gemm";
  c.variant = "tn";
  c.dtype = dtype;
  c.shape = {{"m", m}, {"n", n}, {"k", k}};
  return c;
}

TEST(Cases, WorkOfAProduct) {
  const Work bf16 = work_of(gemm(2, 3, 5, "bf16"));
  EXPECT_EQ(bf16.flops, 60);
  EXPECT_EQ(bf16.bytes, 2 * (10 + 15 + 6));
  // Eight bits in, sixteen out.
  EXPECT_EQ(work_of(gemm(2, 3, 5, "fp8_e4m3")).bytes, 10 + 15 + 2 * 6);
  EXPECT_EQ(gemm(2, 3, 5, "bf16").key(), "gemm,tn,bf16,m=2 n=3 k=5,cold");
  EXPECT_THROW(gemm(2, 3, 5, "bf16").at("q"), std::out_of_range);
}

TEST(Cases, WorkOfAttentionCountsThePairsThatAreSeen) {
  Case c;
  c.op = "attention_forward";
  c.variant = "cudnn_infer_causal";
  c.dtype = "bf16";
  c.shape = {{"batch", 1}, {"q_len", 2},    {"kv_len", 5},
             {"heads", 1}, {"kv_heads", 1}, {"head_dim", 8}};
  EXPECT_EQ(work_of(c).flops, 4 * 8 * (4 + 5)); // the first of the two sees 4 keys, the last all 5
  c.variant = "cudnn_infer_full";
  EXPECT_EQ(work_of(c).flops, 4 * 8 * 10);
}

TEST(Cases, LoadsOfExpertsSumAndFollowTheSkew) {
  EXPECT_EQ(expert_loads(4, 8, 0), (std::vector<std::int64_t>{2, 2, 2, 2}));
  for (const std::int64_t skew : {0, 50, 100, 300}) {
    const auto loads = expert_loads(128, 1001, skew);
    EXPECT_EQ(std::accumulate(loads.begin(), loads.end(), std::int64_t{0}), 1001);
    EXPECT_TRUE(std::is_sorted(loads.rbegin(), loads.rend()));
  }
  // Shares of 1, 1/2 and 1/3.
  EXPECT_EQ(expert_loads(3, 110, 100), (std::vector<std::int64_t>{60, 30, 20}));
  EXPECT_THROW(expert_loads(0, 1, 0), std::invalid_argument);
}

TEST(Cases, LengthsHaveTheirMean) {
  EXPECT_EQ(sequence_lengths(3, 7, 7, 0), (std::vector<std::int64_t>{7, 7, 7}));
  const auto skewed = sequence_lengths(4, 10, 25, 1);
  EXPECT_EQ(skewed, (std::vector<std::int64_t>{25, 5, 5, 5}));
  EXPECT_THROW(sequence_lengths(4, 10, 41, 1), std::invalid_argument); // the others have nothing
  EXPECT_THROW(sequence_lengths(4, 10, 9, 0), std::invalid_argument);
}

} // namespace
} // namespace windtunnel::calibration
