#include "scenarios/report/catalog_listing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "libsim/base/error.hpp"
#include "libsim/json/reader.hpp"

namespace windtunnel::scenarios {
namespace {

const catalog::Catalog& builtin() { return catalog::Catalog::builtin(); }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1)
    lines.push_back(text.substr(start, end - start));
  return lines;
}

std::string line_with(const std::string& text, const std::string& start) {
  for (const std::string& line : lines_of(text))
    if (line.starts_with(start)) return line;
  return "";
}

TEST(CatalogListing, TableShowsWhatIsChosenBy) {
  const std::string table = catalog_listing(builtin(), "instances", "table");
  const std::string p5 = line_with(table, "p5.48xlarge ");
  EXPECT_NE(p5.find("H100-SXM-80"), std::string::npos) << p5;
  EXPECT_NE(p5.find("3200Gbps"), std::string::npos) << p5;
  EXPECT_NE(p5.find("2048GiB"), std::string::npos) << p5;
  EXPECT_TRUE(p5.ends_with("55.0400")) << p5;
  // A price nobody knows is a dash, never a zero.
  EXPECT_TRUE(line_with(table, "trn2.48xlarge").ends_with("-"));
  EXPECT_EQ(lines_of(table).size(), builtin().instance_types().size() + 1);
}

TEST(CatalogListing, EstimatesAreSeenInTheTableOfPrices) {
  const std::string table = catalog_listing(builtin(), "prices", "table");
  EXPECT_TRUE(line_with(table, "fsx-lustre-persistent-250").ends_with("estimated"));
  EXPECT_TRUE(line_with(table, "eks-cluster-standard").ends_with("published"));
}

TEST(CatalogListing, EveryKindHasOneLineARowInCsvAndColumnsAlike) {
  const std::vector<std::size_t> sizes{
      builtin().instance_types().size(),  builtin().gpus().size(),
      builtin().language_models().size(), builtin().diffusion_models().size(),
      builtin().prices().size(),          builtin().spot_advice().size()};
  ASSERT_EQ(catalog_listing_kinds().size(), sizes.size());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto lines = lines_of(catalog_listing(builtin(), catalog_listing_kinds()[i], "csv"));
    EXPECT_EQ(lines.size(), sizes[i] + 1) << catalog_listing_kinds()[i];
    EXPECT_TRUE(lines[0].ends_with(",source,retrieved,method,note")) << lines[0];
  }
}

TEST(CatalogListing, CsvQuotesAndLeavesTheUnknownEmpty) {
  const std::string csv = catalog_listing(builtin(), "gpus", "csv");
  const std::string t4 = line_with(csv, "T4,NVIDIA,Turing TU104,40,1590,");
  EXPECT_NE(t4.find(",,65,,,130,,"), std::string::npos) << t4; // no tf32, bf16, fp8, fp4
  const std::string h100 = line_with(csv, "H100-SXM-80,");
  EXPECT_NE(h100.find(",80000000000,85029027840,3350,34,67,494.7,989.4,989.4,1978.9,"),
            std::string::npos)
      << h100;
  EXPECT_NE(h100.find(",\"stas00/ml-engineering"), std::string::npos) << h100;
}

TEST(CatalogListing, JsonParsesAndHasNullForTheUnknown) {
  for (const std::string& kind : catalog_listing_kinds()) {
    const std::string text = catalog_listing(builtin(), kind, "json");
    EXPECT_NO_THROW(json::parse(text, kind)) << kind;
    EXPECT_TRUE(text.starts_with("{\n  \"formatVersion\": \"1.0\",\n  \"kind\": \"" + kind));
    EXPECT_EQ(text, catalog_listing(builtin(), kind, "json"));
  }
  EXPECT_NE(catalog_listing(builtin(), "gpus", "json").find("\"bf16_tflops\": null"),
            std::string::npos);
}

TEST(CatalogListing, UnknownKindAndFormatAreErrors) {
  EXPECT_THROW(catalog_listing(builtin(), "cpus", "table"), InputError);
  EXPECT_THROW(catalog_listing(builtin(), "gpus", "yaml"), InputError);
}

TEST(CatalogListing, NoControlCharacterReachesTheTerminal) {
  const auto folder = std::filesystem::path(BINARY_DIR) / "test_catalog_listing";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "a.json") << R"({"schema": "gpus/1", "provenance": {"source": "s",
      "retrieved": "2026-11-24", "method": "published"}, "rows": [{"name": "X\u001b[31m",
      "vendor": "ACME", "memory": "1GB", "memoryBandwidth": "1GB/s"}]})";
  const auto overlay = catalog::Catalog::with_overlay(folder.string());
  const std::string table = catalog_listing(overlay, "gpus", "table");
  EXPECT_EQ(table.find('\x1b'), std::string::npos);
  EXPECT_NE(table.find("X?[31m"), std::string::npos);
  std::filesystem::remove_all(folder);
}

} // namespace
} // namespace windtunnel::scenarios
