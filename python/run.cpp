#include <condition_variable>
#include <mutex>
#include <thread>

#include "python/answer_impl.hpp"
#include "python/law_impl.hpp"

#include "scenarios/plan.hpp"
#include "scenarios/runner.hpp"

namespace windtunnel::python {
namespace {

using scenarios::Report;

/// What the running thread tells the calling one.
struct Progress {
  std::mutex mutex;
  std::condition_variable changed;
  int done = 0, total = 0;
  bool finished = false;
};

/// Calls `progress` and answers signals (Ctrl-C) until the run is finished. What either raises asks
/// the run to stop and is returned. The interpreter is locked only while they are called.
std::exception_ptr attend(Progress& state, py::handle progress, std::stop_source& stop) {
  constexpr auto patience = std::chrono::milliseconds(50);
  std::exception_ptr raised;
  int shown = 0;
  for (bool finished = false; !finished;) {
    int done = 0, total = 0;
    {
      std::unique_lock lock(state.mutex);
      state.changed.wait_for(lock, patience, [&] {
        return state.finished || (!progress.is_none() && state.done != shown);
      });
      finished = state.finished;
      done = state.done;
      total = state.total;
    }
    if (raised) continue;
    const py::gil_scoped_acquire locked;
    try {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      if (!progress.is_none() && done != shown) progress(done, total);
    } catch (...) {
      raised = std::current_exception();
      stop.request_stop();
    }
    shown = done;
  }
  return raised;
}

/// The run, on a thread of its own so that this one can attend to the interpreter.
Report simulate(const scenarios::Scenario& scenario, const catalog::Catalog& catalog,
                scenarios::RunOptions options, py::handle progress, py::handle law) {
  std::stop_source stop;
  options.stop = stop.get_token();
  if (!law.is_none()) options.law = law_factory(law, options.stop);
  Progress state;
  options.progress = [&](int done, int total) {
    const std::lock_guard lock(state.mutex);
    state.done = done;
    state.total = total;
    if (!progress.is_none()) state.changed.notify_one();
  };
  Report report;
  std::exception_ptr failure, raised;
  {
    const py::gil_scoped_release unlocked;
    std::jthread worker([&] {
      try {
        report = scenarios::run(scenario, catalog, options);
      } catch (...) {
        failure = std::current_exception();
      }
      const std::lock_guard lock(state.mutex);
      state.finished = true;
      state.changed.notify_one();
    });
    raised = attend(state, progress, stop);
  }
  if (raised) std::rethrow_exception(raised);
  if (failure) std::rethrow_exception(failure);
  return report;
}

Report run(const ScenarioFile& file, const SharedCatalog& catalog,
           std::optional<std::uint64_t> seed, std::optional<int> replications, int threads,
           const py::object& progress, const py::object& law) {
  scenarios::Scenario scenario = file.values;
  scenario.seed = seed.value_or(scenario.seed);
  scenario.replications = replications.value_or(scenario.replications);
  scenarios::RunOptions options;
  options.threads = threads;
  Report report = simulate(scenario, *catalog, std::move(options), progress, law);
  if (!law.is_none())
    report.warnings.push_back("failures follow the Python law " + law_name(law) +
                              " in place of the scenario's; it runs one call at a time, so the "
                              "simulation is slower and threads do not help");
  return report;
}

} // namespace

void bind_run(py::module_& m) {
  m.def("run", &run, py::arg("scenario"), py::arg("catalog"), py::arg("seed"),
        py::arg("replications"), py::arg("threads"), py::arg("progress"), py::arg("law"));
  m.def(
      "plan",
      [](const ScenarioFile& file, const SharedCatalog& catalog) {
        const py::gil_scoped_release unlocked;
        return scenarios::plan(file.values, *catalog);
      },
      py::arg("scenario"), py::arg("catalog"));
}

} // namespace windtunnel::python
