// Errors that end an operation. Exceptions stand at the edges (parse, load, build, run); inside,
// expected failures are values (Result). All are derived from Error, and those about input carry
// every problem found, not the first.
#pragma once

#include <stdexcept>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace windtunnel {

/// A value or the reason there is none, for outcomes a caller expects (no node fits, refused).
template <class T, class Reason> using Result = tl::expected<T, Reason>;

/// One problem in an input: where (JSON pointer, or line:column for syntax), what, and the help.
struct Issue {
  std::string pointer; ///< "/workloads/0/plan/tensor"; empty for the whole document
  std::string message; ///< "must be in [1, 8], got 16 (did you mean ...?)"
  friend bool operator==(const Issue&, const Issue&) = default;
};

/// Base of everything windtunnel throws on purpose.
class Error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// An input document (scenario, catalog overlay, truth table) with one or more problems.
class InputError : public Error {
public:
  /// `what_kind` is "scenario", "catalog", ...: what() reads "invalid scenario (2 problems)\n ...".
  InputError(std::string what_kind, std::vector<Issue> issues);
  const std::vector<Issue>& issues() const { return issues_; }

private:
  std::vector<Issue> issues_;
};

/// A model was asked for something outside its validity; the text names the combination.
class ModelError : public Error {
public:
  using Error::Error;
};

/// A simulation could not go on (deadlock, an exception in a process): time and process are named.
class SimulationError : public Error {
public:
  using Error::Error;
};

} // namespace windtunnel
