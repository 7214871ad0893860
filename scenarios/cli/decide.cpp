#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "libsim/base/error.hpp"
#include "scenarios/cli/options.hpp"
#include "scenarios/decide/kube_scheduler.hpp"

namespace windtunnel::cli {
namespace {

struct DecideCommand {
  std::string cases;

  void operator()() const {
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
      throw Error(std::to_string(without_answer) + " of the cases have no answer");
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
  verb->add_option("CASES", command->cases, "Cases, one JSON object a line (-: standard input)")
      ->required();
  verb->callback([command] { (*command)(); });
}

} // namespace windtunnel::cli
