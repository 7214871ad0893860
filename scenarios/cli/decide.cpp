#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "libsim/base/error.hpp"
#include "scenarios/cli/options.hpp"
#include "scenarios/decide/kube_scheduler.hpp"
#include "scenarios/decide/place_pods.hpp"
#include "scenarios/manifests/read_cluster.hpp"

namespace windtunnel::cli {
namespace {

struct DecideCommand {
  std::string cases;
  std::string cluster;
  std::string format = "table";
  int percentage = 0;
  const CLI::App* verb = nullptr;

  void operator()() const {
    if (cases.empty() == cluster.empty())
      throw InputError("options", {{"", "give either CASES or --file CLUSTER"}});
    if (cluster.empty() && verb->count("--output") + verb->count("--percentage") > 0)
      throw InputError("options", {{"", "--output and --percentage belong to --file"}});
    if (cluster.empty())
      answer();
    else
      place();
  }

private:
  void answer() const {
    std::ostringstream answers;
    int without_answer = 0;
    if (cases == "-") {
      without_answer = scenarios::answer_cases(
          std::cin, "standard input", scenarios::answer_kube_scheduler, answers, std::cerr);
    } else {
      std::ifstream file(cases);
      if (!file || file.peek() == std::ifstream::traits_type::eof())
        throw InputError("cases", {{"", "cannot read cases from " + cases}});
      without_answer = scenarios::answer_cases(file, cases, scenarios::answer_kube_scheduler,
                                               answers, std::cerr);
    }
    print(answers.str());
    if (without_answer > 0)
      throw Error(fmt::format("{} of the cases have no answer", without_answer));
  }

  void place() const {
    const json::Document document = json::parse_file(cluster);
    scenarios::ReadCluster read = scenarios::read_cluster(json::Value(document));
    for (const auto& [kind, count] : read.not_modelled)
      std::fprintf(stderr, "not looked at: %d of kind %s\n", count, kind.c_str());
    const auto placements = scenarios::place_pods(std::move(read.objects), percentage);
    print(scenarios::render(placements, format == "json" ? scenarios::PlacementFormat::json
                                                         : scenarios::PlacementFormat::table));
  }
};

} // namespace

void add_decide(CLI::App& app) {
  CLI::App* group =
      app.add_subcommand("decide", "What the real programs would decide, case by case");
  group->require_subcommand(1);
  auto command = std::make_shared<DecideCommand>();
  CLI::App* verb = group->add_subcommand(
      "kube-scheduler", "Nodes for pods, their scores, the reasons against, and evictions");
  verb->add_option("CASES", command->cases, "Cases, one JSON object a line (-: standard input)");
  verb->add_option("-f,--file", command->cluster,
                   "Place the pending pods of this cluster: JSON as 'kubectl get nodes,pods,... -A "
                   "-o json' prints it (-: standard input)");
  verb->add_option("-o,--output", command->format, "Output format, with --file")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  verb->add_option("--percentage", command->percentage,
                   "Per cent of nodes to score, with --file (0: adaptive)")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  command->verb = verb;
  verb->callback([command] { (*command)(); });
}

} // namespace windtunnel::cli
