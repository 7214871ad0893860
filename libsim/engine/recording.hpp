// Recording: the events of a run, so that it can be gone through again.
//
// A coroutine cannot be copied, so a simulation cannot be saved; but equal seeds give equal runs,
// so it can be repeated. A recording keeps the time and the process of each event; replay() runs a
// freshly built model up to some time and holds each event against the recording. Where the model,
// its seed or its input is not what was recorded, the first event that differs tells.
//
//   Recording recording;
//   recording.record(sim);                                     // before the run
//   sim.run();
//   recording.save("run.events");
//
//   Simulation again(seed, replication);                       // later: what was going on at 0:30?
//   build(again);
//   replay(again, Recording::load("run.events"), minutes(30));
//   for (const ProcessStatus& process : again.processes()) ...
//
// The file is text, a line an event: `nanoseconds process`, with nothing for a callback; two of
// them can be compared with diff.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "libsim/engine/simulation.hpp"

namespace windtunnel::engine {

class Recording {
public:
  struct Event {
    Time at{};
    std::string_view process{}; ///< good as long as the recording
  };

  Recording() = default;
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  Recording(Recording&&) = default;
  Recording& operator=(Recording&&) = default;

  /// Adds the events that `sim` fires from now on, until its trace_events() is set to something
  /// else; neither may move or end before that.
  void record(Simulation& sim);
  void add(Time at, std::string_view process);

  std::size_t size() const { return events_.size(); }
  Event operator[](std::size_t i) const { return {events_[i].at, *names_[events_[i].name]}; }

  /// Throws std::system_error when the file cannot be written.
  void save(const std::filesystem::path& file) const;
  /// Throws InputError for what save() did not write, a file that was cut short included;
  /// std::system_error when it cannot be read.
  static Recording load(const std::filesystem::path& file);

private:
  struct Entry {
    Time at;
    std::uint32_t name;
  };
  std::vector<Entry> events_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<const std::string*> names_; ///< the keys of numbers_
};

/// Runs `sim`, built anew as the recorded one was and not run yet, until `time`, inclusive. Throws
/// SimulationError before the first event that is not as recorded, and when the recording has
/// events until then that do not happen. The trace of events is off afterwards.
void replay(Simulation& sim, const Recording& recording, Time time);

} // namespace windtunnel::engine
