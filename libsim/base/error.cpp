#include "libsim/base/error.hpp"

namespace windtunnel {
namespace {

std::string render(const std::string& what_kind, const std::vector<Issue>& issues) {
  std::string text = "invalid " + what_kind + " (" + std::to_string(issues.size()) +
                     (issues.size() == 1 ? " problem)" : " problems)");
  for (const Issue& issue : issues) {
    text += "\n  ";
    if (!issue.pointer.empty()) text += issue.pointer + ": ";
    text += issue.message;
  }
  return text;
}

} // namespace

InputError::InputError(std::string what_kind, std::vector<Issue> issues)
    : Error(render(what_kind, issues)), issues_(std::move(issues)) {}

} // namespace windtunnel
