#include "libsim/engine/recording.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <system_error>

#include "libsim/base/unit_strings.hpp"

namespace windtunnel::engine {
namespace {

constexpr const char* first_line = "windtunnel recording 1";

/// A process may be called anything, a line break included.
std::string escaped(const std::string& name) {
  std::string text;
  for (const char c : name)
    if (c == '\n')
      text += "\\n";
    else if (c == '\\')
      text += "\\\\";
    else
      text += c;
  return text;
}

std::string described(Time at, std::string_view process) {
  return process.empty() ? "a callback at " + to_string(at)
                         : "'" + std::string(process) + "' at " + to_string(at);
}

/// Reads the lines of a recording; errors name the line.
class Reader {
public:
  explicit Reader(const std::filesystem::path& file) : name_(file.string()), in_(file) {
    if (!in_) fail_to("read", file);
  }

  [[noreturn]] static void fail_to(const char* what, const std::filesystem::path& file) {
    throw std::system_error(errno, std::generic_category(),
                            std::string("cannot ") + what + " " + file.string());
  }
  [[noreturn]] void refuse(const std::string& message) const {
    throw InputError("recording " + name_, {{std::to_string(line_), message}});
  }
  bool next(std::string& line) {
    ++line_;
    return static_cast<bool>(std::getline(in_, line));
  }
  /// The number that `text` begins with, which then begins behind it and a space.
  std::int64_t number(std::string_view& text) const {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || value < 0 || end == text.data() + text.size() || *end != ' ')
      refuse("expected nanoseconds, a space and the name of a process or nothing");
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    return value;
  }
  std::string unescaped(std::string_view text) const {
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\') {
        name += text[i];
        continue;
      }
      const char next = ++i < text.size() ? text[i] : ' ';
      if (next != 'n' && next != '\\') refuse("\\ is followed by n or \\ only");
      name += next == 'n' ? '\n' : '\\';
    }
    return name;
  }

private:
  std::string name_;
  std::ifstream in_;
  std::size_t line_ = 0;
};

} // namespace

void Recording::add(Time at, std::string_view process) {
  const auto [place, added] =
      numbers_.try_emplace(std::string(process), static_cast<std::uint32_t>(names_.size()));
  if (added) names_.push_back(&place->first);
  events_.push_back({at, place->second});
}

void Recording::record(Simulation& sim) {
  sim.trace_events([this](const FiredEvent& event) { add(event.at, event.process); });
}

void Recording::save(const std::filesystem::path& file) const {
  std::ofstream out(file, std::ios::trunc);
  out << first_line << '\n';
  for (const Entry& event : events_)
    out << event.at.ns() << ' ' << escaped(*names_[event.name]) << '\n';
  out << "end " << events_.size() << '\n';
  if (!out.flush()) Reader::fail_to("write", file);
}

Recording Recording::load(const std::filesystem::path& file) {
  Reader reader(file);
  Recording recording;
  std::string line;
  if (!reader.next(line) || line != first_line)
    reader.refuse("expected \"" + std::string(first_line) + "\"");
  while (reader.next(line)) {
    if (line.starts_with("end ")) {
      if (line != "end " + std::to_string(recording.size()))
        reader.refuse("the count differs from the " + std::to_string(recording.size()) +
                      " events before it");
      if (reader.next(line)) reader.refuse("nothing may follow the end");
      return recording;
    }
    std::string_view rest = line;
    const Time at = nanoseconds(reader.number(rest));
    if (recording.size() > 0 && at < recording[recording.size() - 1].at)
      reader.refuse("time goes backwards");
    recording.add(at, reader.unescaped(rest));
  }
  reader.refuse("the file ends before its end line: it was cut short");
}

void replay(Simulation& sim, const Recording& recording, Time time) {
  std::size_t done = 0;
  const auto refuse = [&done](const std::string& message) {
    throw SimulationError("replay: event " + std::to_string(done + 1) + " " + message);
  };
  sim.trace_events([&](const FiredEvent& event) {
    if (done == recording.size())
      refuse("is " + described(event.at, event.process) + ", but the recording ends before it");
    const Recording::Event recorded = recording[done];
    if (recorded.at != event.at || recorded.process != event.process)
      refuse("is " + described(event.at, event.process) + ", recorded was " +
             described(recorded.at, recorded.process));
    ++done;
  });
  struct TraceOff {
    Simulation& sim;
    ~TraceOff() { sim.trace_events({}); }
  } const off{sim};
  sim.run_until(time);
  if (done < recording.size() && recording[done].at <= time)
    refuse("never came, recorded was " + described(recording[done].at, recording[done].process));
}

} // namespace windtunnel::engine
