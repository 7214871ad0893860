// `run --trace`: the timeline of one replication changes no result and agrees with it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "libsim/base/error.hpp"
#include "libsim/trace/timeline.hpp"
#include "scenarios/read_scenario.hpp"
#include "scenarios/report/report.hpp"
#include "scenarios/runner.hpp"

namespace windtunnel::scenarios {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const std::string library = SOURCE_DIR "/scenarios/library/";

Scenario scenario_of(const std::string& name, int replications) {
  Scenario scenario = load_scenario(library + name + ".json");
  scenario.replications = replications;
  return scenario;
}

TEST(RunTrace, TheReportIsByteEqualWithAndWithoutOnAnyThreads) {
  const catalog::Catalog catalog = catalog::Catalog::builtin();
  const Scenario scenario = scenario_of("pretrain-llama3.1-405b-p5", 4);
  const std::string plain = render(run(scenario, catalog), Format::json);
  std::string first;
  for (const int threads : {1, 2}) {
    trace::Timeline timeline;
    RunOptions options;
    options.threads = threads;
    options.timeline = &timeline;
    options.timeline_replication = 2;
    EXPECT_EQ(render(run(scenario, catalog, options), Format::json), plain);
    if (first.empty()) first = timeline.chrome_json();
    EXPECT_EQ(timeline.chrome_json(), first);
  }
  EXPECT_GT(first.size(), 10'000u);
}

TEST(RunTrace, EveryEventLiesWithinTheReplicationAskedFor) {
  const catalog::Catalog catalog = catalog::Catalog::builtin();
  const Scenario scenario = scenario_of("pretrain-llama3-70b-p5", 3);
  for (const int replication : {0, 2}) {
    trace::Timeline timeline;
    RunOptions options;
    options.timeline = &timeline;
    options.timeline_replication = replication;
    const Report report = run(scenario, catalog, options);
    const double duration_us = report.finish_samples_s[static_cast<std::size_t>(replication)] * 1e6;
    double last = 0;
    const Json file = Json::parse(timeline.chrome_json());
    for (const Json& event : file["traceEvents"]) {
      if (event["ph"] == "M") continue;
      const double at = event["ts"];
      EXPECT_GE(at, 0);
      last = std::max(last, at);
    }
    // The last training span ends with its replication.
    EXPECT_NEAR(last, duration_us, 1);
  }
}

TEST(RunTrace, AReplicationThatIsNotRunIsRefused) {
  const catalog::Catalog catalog = catalog::Catalog::builtin();
  trace::Timeline timeline;
  RunOptions options;
  options.timeline = &timeline;
  for (const int replication : {-1, 2, 1000}) {
    options.timeline_replication = replication;
    EXPECT_THROW(run(scenario_of("pretrain-llama3-8b-p5", 2), catalog, options), InputError);
  }
  EXPECT_TRUE(timeline.spans().empty());
}

/// A folder of its own for what the command writes.
class Command : public testing::Test {
protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("run_trace." + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// Exit status of `windtunnel run <8B> arguments`, with its output in out.txt and err.txt.
  int run_command(const std::string& arguments) const {
    const std::string command = "cd '" + folder_.string() +
                                "' && '" BINARY_DIR "/bin/windtunnel' run '" + library +
                                "pretrain-llama3-8b-p5.json' --replications 2 -q -o json " +
                                arguments + " > out.txt 2> err.txt";
    return WEXITSTATUS(std::system(command.c_str()));
  }
  std::string text(const std::string& name) const {
    std::ifstream stream(folder_ / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  fs::path folder_;
};

TEST_F(Command, WritesTheTimelineBesideAnUnchangedReport) {
  ASSERT_EQ(run_command(""), 0) << text("err.txt");
  const std::string plain = text("out.txt");
  ASSERT_EQ(run_command("--trace t.json"), 0) << text("err.txt");
  EXPECT_EQ(text("out.txt"), plain);
  const std::string first = text("t.json");
  const Json file = Json::parse(first);
  EXPECT_EQ(file["otherData"]["scenario"], "pretrain-llama3-8b-p5");
  EXPECT_EQ(file["otherData"]["replication"], "0");
  EXPECT_EQ(files(), 3u) << "no temporary file stays";
  ASSERT_EQ(run_command("--trace deeper/t.json --trace-replication 1"), 0) << text("err.txt");
  EXPECT_NE(text("deeper/t.json"), first);
}

TEST_F(Command, RefusalsWriteNothing) {
  for (const char* arguments : {"--trace t.json --trace-replication 2", "--trace-replication 0",
                                "--trace t.json --trace-replication -1", "--trace folder/"}) {
    EXPECT_EQ(run_command(arguments), 1) << arguments;
    EXPECT_EQ(files(), 2u) << arguments;
    EXPECT_TRUE(text("out.txt").empty());
    EXPECT_FALSE(text("err.txt").empty());
  }
}

} // namespace
} // namespace windtunnel::scenarios
