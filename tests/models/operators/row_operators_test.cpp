// The memory-bound operators of an inference layer, by the dimensions of the model.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "models/catalog/catalog.hpp"
#include "models/operators/transformer.hpp"

namespace windtunnel::operators {
namespace {

std::map<std::string, std::pair<double, double>> of(const char* model, int tensor) {
  std::map<std::string, std::pair<double, double>> all;
  const auto* const found = catalog::Catalog::builtin().language_model(model);
  for (const RowOperator& op : row_operators(*found, tensor)) all[op.name] = {op.width, op.count};
  return all;
}
using Expected = std::map<std::string, std::pair<double, double>>;

TEST(RowOperators, OfALlamaAreSplitByTensorParallelismExceptNormsAndSums) {
  EXPECT_EQ(of("Llama-2-70B", 2), (Expected{{"rmsnorm", {8192, 2}},
                                            {"add", {8192, 2}},
                                            {"rope", {4608, 1}},
                                            {"silu_mul", {14336, 1}}}));
  // 8 key-value heads on 16 ranks: one on each.
  EXPECT_EQ(of("Llama-2-70B", 16).at("rope").first, 5 * 128);
}

TEST(RowOperators, OfAGptHaveLayerNormAndNoRotaryPositions) {
  const auto gpt = of("GPT-3-175B", 8);
  EXPECT_EQ(gpt.at("layernorm").second, 2);
  EXPECT_EQ(gpt.count("rope"), 0U);
  EXPECT_EQ(gpt.at("gelu").first, 4 * 12288 / 8);
}

} // namespace
} // namespace windtunnel::operators
