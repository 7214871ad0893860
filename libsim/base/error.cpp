#include "libsim/base/error.hpp"

namespace windtunnel {
namespace {

/// `text` with its control characters spelt out: input must neither cut a message short (NUL) nor
/// reach the terminal.
std::string printable(const std::string& text) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f)
      out += c;
    else
      out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

std::string render(const std::string& what_kind, const std::vector<Issue>& issues) {
  std::string text = "invalid " + what_kind + " (" + std::to_string(issues.size()) +
                     (issues.size() == 1 ? " problem)" : " problems)");
  for (const Issue& issue : issues) {
    text += "\n  ";
    if (!issue.pointer.empty()) text += printable(issue.pointer) + ": ";
    text += printable(issue.message);
  }
  return text;
}

} // namespace

InputError::InputError(std::string what_kind, std::vector<Issue> issues)
    : Error(render(what_kind, issues)), issues_(std::move(issues)) {}

} // namespace windtunnel
