#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "libsim/base/error.hpp"
#include "models/catalog/catalog.hpp"

namespace windtunnel::catalog {
namespace {

const std::string provenance =
    R"("provenance": {"source": "our contract", "retrieved": "2026-11-24", "method": "published"})";

/// A folder of catalog files that goes with the test.
class Overlay : public testing::Test {
protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(BINARY_DIR) / "test_overlay" / test->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void rows(const std::string& file, const std::string& schema, const std::string& rows) {
    write(file,
          R"({"schema": ")" + schema + R"(", )" + provenance + R"(, "rows": [)" + rows + "]}");
  }
  void write(const std::string& file, const std::string& text) {
    std::ofstream(folder_ / file) << text;
  }
  Catalog load() { return Catalog::with_overlay(folder_.string()); }
  /// All problems of loading, one a line; empty when there are none.
  std::string problems() {
    try {
      load();
    } catch (const InputError& error) {
      std::string text;
      for (const Issue& issue : error.issues()) text += issue.pointer + ": " + issue.message + "\n";
      return text;
    }
    return "";
  }

  std::filesystem::path folder_;
};

std::string price(const std::string& usd, const std::string& date) {
  return R"({"item": "p5.48xlarge", "region": "us-east-1", "purchase": "on-demand",
             "unit": "instance-hour", "usd": )" +
         usd + R"(, "date": ")" + date + R"("})";
}

TEST_F(Overlay, RowsAreAddedAndReplaced) {
  rows("gpus.json", "gpus/1",
       R"({"name": "X1", "aliases": ["X-One"], "vendor": "ACME", "memory": "96GB",
           "memoryBandwidth": "4TB/s", "bf16": "1.5PFLOPS"},
          {"name": "T4", "vendor": "NVIDIA", "memory": "15GB", "memoryBandwidth": "320GB/s"})");
  rows("types.json", "instance-types/1",
       R"({"name": "x1.large", "arch": "amd64", "vcpu": 8, "memory": "64GiB",
           "accelerator": "x-one", "accelerators": 2, "network": "100Gbps"})");
  const Catalog catalog = load();
  const std::size_t gpus = Catalog::builtin().gpus().size();
  EXPECT_EQ(catalog.gpus().size(), gpus + 1);
  EXPECT_DOUBLE_EQ(catalog.gpu("x one")->peak(Dtype::bf16)->teraflops(), 1500);
  EXPECT_EQ(catalog.gpu("T4")->memory, gigabytes(15));
  EXPECT_EQ(catalog.gpu("T4")->fp16, std::nullopt);
  EXPECT_EQ(catalog.gpu("T4")->provenance.source, "our contract");
  EXPECT_EQ(catalog.instance_type("x1.large")->accelerator, "X1"); // the name, not the alias
  EXPECT_NE(catalog.instance_type("p5.48xlarge"), nullptr);
  EXPECT_EQ(Catalog::builtin().gpus().size(), gpus);
  EXPECT_EQ(Catalog::builtin().gpu("T4")->memory, gigabytes(16));
}

TEST_F(Overlay, APriceWinsWhateverItsDate) {
  rows("prices.json", "prices/1", price(R"("$41.20")", "2020-01-01"));
  const Catalog catalog = load();
  const PriceRow* row = catalog.price("p5.48xlarge", "us-east-1", "on-demand");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->usd, dollars(41.20));
  EXPECT_EQ(row->date, "2020-01-01");
  EXPECT_NE(catalog.price("p5.48xlarge", "us-east-2", "on-demand"), nullptr);
}

TEST_F(Overlay, NullMakesAPriceUnknown) {
  rows("prices.json", "prices/1", price("null", "2026-11-24"));
  EXPECT_EQ(load().price("p5.48xlarge", "us-east-1", "on-demand"), nullptr);
}

TEST_F(Overlay, TheNewestOfSeveralDatesWins) {
  rows("prices.json", "prices/1",
       price(R"("$3")", "2026-02-01") + "," + price(R"("$2")", "2026-03-01") + "," +
           price(R"("$1")", "2025-12-31"));
  EXPECT_EQ(load().price("p5.48xlarge", "us-east-1", "on-demand")->usd, dollars(2));
}

TEST_F(Overlay, ARowSaysWhereItComesFrom) {
  rows("gpus.json", "gpus/1",
       R"({"name": "X1", "vendor": "ACME", "memory": "96GB", "memoryBandwidth": "4TB/s",
           "provenance": {"source": "our bench", "method": "measured", "note": "one card"}})");
  const Catalog catalog = load();
  const Provenance& p = catalog.gpu("X1")->provenance;
  EXPECT_EQ(p.source, "our bench");
  EXPECT_EQ(p.retrieved, "2026-11-24");
  EXPECT_EQ(p.method, Method::measured);
  EXPECT_EQ(p.note, "one card");
}

TEST_F(Overlay, AllProblemsOfAllFilesAtOnce) {
  rows(
      "a.json", "gpus/1",
      R"({"name": "X1", "vendor": "ACME", "memory": 96, "memoryBandwidth": "0GB/s", "color": "red"})");
  rows("b.json", "prices/1", price(R"("$-3")", "yesterday"));
  write("c.json", R"({"schema": "gpus/1", )");
  rows("d.json", "gpu/1", "");
  write("e.txt", "not looked at");
  const std::string text = problems();
  EXPECT_NE(text.find("a.json#/rows/0/memory:"), std::string::npos) << text;
  EXPECT_NE(text.find("a.json#/rows/0/memoryBandwidth:"), std::string::npos) << text;
  EXPECT_NE(text.find("a.json#/rows/0/color:"), std::string::npos) << text;
  EXPECT_NE(text.find("b.json#/rows/0/usd:"), std::string::npos) << text;
  EXPECT_NE(text.find("b.json#/rows/0/date:"), std::string::npos) << text;
  EXPECT_NE(text.find("c.json"), std::string::npos) << text;
  EXPECT_NE(text.find("d.json#/schema:"), std::string::npos) << text;
}

TEST_F(Overlay, NamesTwiceInOneLayerAreRefused) {
  const std::string x1 =
      R"({"name": "X1", "vendor": "ACME", "memory": "96GB", "memoryBandwidth": "4TB/s"})";
  rows("a.json", "gpus/1", x1);
  rows("b.json", "gpus/1", x1);
  rows("c.json", "prices/1", price(R"("$3")", "2026-02-01") + "," + price(R"("$3")", "2026-02-01"));
  const std::string text = problems();
  EXPECT_NE(text.find("b.json#/rows/0/name: names a row that already stands in"), std::string::npos)
      << text;
  EXPECT_NE(text.find("c.json#/rows/1/item:"), std::string::npos) << text;
}

TEST_F(Overlay, AnAliasOfAnotherRowIsRefused) {
  rows("a.json", "gpus/1",
       R"({"name": "X1", "aliases": ["H100"], "vendor": "ACME", "memory": "96GB",
           "memoryBandwidth": "4TB/s"})");
  EXPECT_NE(problems().find("stands for both"), std::string::npos) << problems();
}

TEST_F(Overlay, UnknownAcceleratorNamesTheNearest) {
  rows("a.json", "instance-types/1",
       R"({"name": "x1.large", "arch": "amd64", "vcpu": 8, "memory": "64GiB",
           "accelerator": "H100-SXN-80", "accelerators": 2, "network": "100Gbps"},
          {"name": "x2.large", "arch": "amd64", "vcpu": 8, "memory": "64GiB",
           "accelerators": 2, "network": "100Gbps"})");
  EXPECT_NE(problems().find("rows/1/accelerator: is missing"), std::string::npos) << problems();
  rows("a.json", "instance-types/1",
       R"({"name": "x1.large", "arch": "amd64", "vcpu": 8, "memory": "64GiB",
           "accelerator": "H100-SXN-80", "accelerators": 2, "network": "100Gbps"})");
  EXPECT_NE(problems().find("did you mean \"H100-SXM-80\"?"), std::string::npos) << problems();
}

TEST_F(Overlay, ContradictingDimensionsAreRefused) {
  rows("a.json", "language-models/1",
       R"({"name": "M", "layers": 2, "hidden": 64, "heads": 7, "kvHeads": 2, "headDim": 16,
           "ffnHidden": 256, "vocab": 1000, "learnedPositions": true,
           "moe": {"experts": 4, "topK": 5, "ffnHidden": 64}})");
  const std::string text = problems();
  EXPECT_NE(text.find("rows/0/kvHeads:"), std::string::npos) << text;
  EXPECT_NE(text.find("rows/0/maxPosition:"), std::string::npos) << text;
  EXPECT_NE(text.find("rows/0/moe/topK:"), std::string::npos) << text;
}

TEST_F(Overlay, ProvenanceIsRequired) {
  write("a.json", R"({"schema": "gpus/1", "rows": []})");
  EXPECT_NE(problems().find("missing required field 'provenance'"), std::string::npos)
      << problems();
  write("a.json",
        R"({"schema": "gpus/1", "provenance": {"source": "s", "retrieved": "soon",
            "method": "guessed"}, "rows": []})");
  const std::string text = problems();
  EXPECT_NE(text.find("/provenance/retrieved:"), std::string::npos) << text;
  EXPECT_NE(text.find("/provenance/method:"), std::string::npos) << text;
}

TEST_F(Overlay, AFolderThatIsNotThereOrEmptyIsAnError) {
  EXPECT_NE(problems().find("holds no *.json"), std::string::npos);
  EXPECT_THROW(Catalog::with_overlay((folder_ / "missing").string()), InputError);
}

} // namespace
} // namespace windtunnel::catalog
