#include "models/network/simgrid.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "libsim/base/error.hpp"
#include "libsim/json/reader.hpp"

extern char** environ;

namespace windtunnel::network {
namespace {

constexpr const char* program = "windtunnel-simgrid";
/// Its time grows with the square of the flows at a time: minutes, for these.
constexpr std::size_t most_at_a_time = 20'000, most_flows = 300'000;

bool runs(const std::filesystem::path& file) { return access(file.c_str(), X_OK) == 0; }

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// A file without a name, gone when closed.
File scratch() {
  File file(std::tmpfile(), &std::fclose);
  if (!file) throw ModelError(std::string("no temporary file for SimGrid: ") + strerror(errno));
  return file;
}

std::string content(std::FILE* file) {
  std::string text;
  std::rewind(file);
  char block[1 << 16];
  for (std::size_t n = 0; (n = std::fread(block, 1, sizeof block, file)) > 0;)
    text.append(block, n);
  return text;
}

/// How many flows may be there at a time: those that wait for none, at least.
void require_possible(const FlowPlan& plan) {
  std::size_t at_once = 0;
  for (const PlannedFlow& flow : plan.flows) {
    at_once += flow.after.empty();
    if (flow.size <= Bytes{}) throw ModelError("SimGrid is not asked for empty flows");
    if (std::any_of(flow.route.begin(), flow.route.end(),
                    [](const LinkUse& use) { return use.share != 1; }))
      throw ModelError("SimGrid cannot divide a flow over several ways: every share must be 1");
  }
  if (at_once > most_at_a_time || plan.flows.size() > most_flows)
    throw ModelError("SimGrid is not asked for more than " + std::to_string(most_at_a_time) +
                     " flows at a time or " + std::to_string(most_flows) + " in all; there are " +
                     std::to_string(at_once) + " and " + std::to_string(plan.flows.size()));
}

/// Runs `path` with `input`; its standard output.
std::string answer_of(const std::string& path, const std::string& input) {
  const File in = scratch(), out = scratch(), err = scratch();
  if (std::fwrite(input.data(), 1, input.size(), in.get()) != input.size() ||
      std::fflush(in.get()) != 0)
    throw ModelError("the flows for SimGrid cannot be written: no space for temporary files");
  std::rewind(in.get());
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(in.get()), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(out.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(err.get()), STDERR_FILENO);
  std::string name = path;
  char* arguments[] = {name.data(), nullptr};
  pid_t child = 0;
  const int failed = posix_spawn(&child, path.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw ModelError(path + " cannot be started: " + strerror(failed));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return content(out.get());
  std::string said = content(err.get());
  constexpr std::size_t enough = 600;
  if (said.size() > enough) said = said.substr(0, enough) + " ...";
  throw ModelError(path +
                   (WIFSIGNALED(status) ? " was ended by signal " + std::to_string(WTERMSIG(status))
                                        : " failed") +
                   ": " + said);
}

} // namespace

std::optional<std::string> simgrid_helper() {
  namespace fs = std::filesystem;
  if (const char* const given = std::getenv("WINDTUNNEL_SIMGRID"))
    return runs(given) ? std::optional<std::string>(given) : std::nullopt;
  std::error_code none;
  const fs::path here = fs::read_symlink("/proc/self/exe", none).parent_path();
  std::vector<fs::path> candidates{here / program, here / "../libexec/windtunnel" / program};
  if (const char* const path = std::getenv("PATH")) {
    std::string folders(path);
    for (std::size_t at = 0; at < folders.size();) {
      const std::size_t end = std::min(folders.find(':', at), folders.size());
      candidates.push_back(fs::path(folders.substr(at, end - at)) / program);
      at = end + 1;
    }
  }
  for (const fs::path& candidate : candidates)
    if (runs(candidate)) return candidate.string();
  return std::nullopt;
}

FlowOutcome run_on_simgrid(const FlowPlan& plan) {
  require_possible(plan);
  const std::optional<std::string> helper = simgrid_helper();
  if (!helper)
    throw ModelError(std::string("SimGrid is not here: ") + program +
                     " is built where libsimgrid-dev is installed");
  const std::string text = answer_of(*helper, to_json(plan));
  return json::read(json::parse(text, "SimGrid's answer"), "SimGrid's answer",
                    [&](json::Reader& r) {
                      FlowOutcome outcome;
                      r.text("schema", "\"flow-ends/1\"");
                      outcome.cpu_s = r.number("cpu_s", {.min = 0}, "Of the simulation.");
                      for (const double end : r.numbers("ends_s", {.min = 0}, "Of each flow.")) {
                        outcome.ends.push_back(seconds(end));
                        outcome.makespan = std::max(outcome.makespan, outcome.ends.back());
                      }
                      if (!r.describing() && outcome.ends.size() != plan.flows.size())
                        r.problem("ends_s", "must be as many as the flows");
                      return outcome;
                    });
}

} // namespace windtunnel::network
