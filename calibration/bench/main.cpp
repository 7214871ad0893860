// wt_calibrate_bench: measures kernels on one GPU into a raw CSV. See calibration/README.md.
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "arguments.hpp"
#include "progress.hpp"
#include "provenance.hpp"
#include "raw_csv.hpp"
#include "schedule.hpp"
#include "subject.hpp"
#include "timing.hpp"

namespace windtunnel::calibration {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error("cannot read " + path);
  return text.str();
}

/// What a resumed file already says; nothing when there is none.
Resumed resumed_from(const std::string& path, const Header& now) {
  Resumed resumed;
  try {
    resumed = read_raw(contents(path));
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(path + ": " + error.what());
  }
  // Numbers of two machines or libraries in one file could not be told apart.
  for (const char* key : {"gpu", "driver", "cuda_runtime", "cublaslt", "cudnn"})
    for (const auto& [name, value] : now)
      for (const auto& [old_name, old_value] : resumed.header)
        if (name == key && old_name == key && value != old_value)
          throw std::runtime_error(path + " was measured with " + key + " '" + old_value +
                                   "', this is '" + value + "': begin a new file");
  return resumed;
}

Row measure(const Case& c, Device& device, Timer& timer) {
  Row row;
  try {
    device.reset();
    const Prepare prepare = preparer_of(c.op);
    if (!prepare) throw Unsupported("this build has no kernel for it");
    const Subject subject = prepare(c, device);
    row = timer.measure(subject);
    device.synchronize(); // an error of the kernels shows here at the latest
  } catch (const Unsupported& reason) {
    row = {};
    row.reason = reason.what();
  }
  return row;
}

int run(const Arguments& arguments, const std::string& command_line) {
  const auto start = Clock::now();
  Device device(arguments.device);
  Nvml nvml(device);
  const Header header = header_of(device, nvml, command_line);
  const bool resuming = !arguments.resume.empty() && std::filesystem::exists(arguments.resume);
  const Resumed resumed = resuming ? resumed_from(arguments.resume, header) : Resumed{};
  const std::vector<Case> cases = chosen_cases(arguments, resumed.done);
  RawWriter writer =
      resuming ? RawWriter::resume(arguments.resume, resumed)
               : RawWriter::create(arguments.resume.empty() ? arguments.output : arguments.resume,
                                   header);
  Timer timer(device, nvml, arguments.cap_seconds);
  Slice slice(arguments.minutes);
  double left = 0;
  for (const Case& c : cases) left += expected_seconds(c);

  std::size_t done = 0, skipped = 0, failed = 0;
  {
    Progress progress(cases.size());
    for (const Case& c : cases) {
      if (!slice.fits(c, seconds_since(start))) break;
      progress.show(done, c.op + " " + c.variant + " " + c.shape_text(), slice.corrected(left));
      const auto begun = Clock::now();
      Row row;
      try {
        row = measure(c, device, timer);
      } catch (const CallFailed& error) {
        row = {};
        row.reason = error.what();
        ++failed;
        std::fprintf(stderr, "%s: %s\n", c.key().c_str(), error.what());
        if (!device.alive()) {
          writer.write(c, row); // so that a resumed run does not fall over it again
          throw std::runtime_error("the GPU's context is lost; go on with --resume");
        }
      }
      writer.write(c, row);
      slice.spent(c, seconds_since(begun));
      left -= expected_seconds(c);
      ++done;
      skipped += !row.reason.empty();
      if (row.reason.starts_with("wrong result")) {
        ++failed;
        std::fprintf(stderr, "%s: %s\n", c.key().c_str(), row.reason.c_str());
      }
    }
  }
  std::fprintf(stderr, "%zu of %zu cases in %.0f s, %zu of them skipped\n", done, cases.size(),
               seconds_since(start), skipped);
  if (done < cases.size())
    std::fprintf(stderr, "go on with the rest: --resume %s\n",
                 (arguments.resume.empty() ? arguments.output : arguments.resume).c_str());
  if (failed > 0)
    std::fprintf(stderr, "%zu cases failed or gave wrong results; they have no time in the file\n",
                 failed);
  return failed == 0 ? 0 : 1;
}

} // namespace
} // namespace windtunnel::calibration

int main(int argc, char** argv) {
  using namespace windtunnel::calibration;
  try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const Arguments arguments = parse_arguments(words);
    if (arguments.help) {
      std::fputs(usage, stdout);
      return 0;
    }
    if (arguments.list) {
      std::fputs(listing(chosen_cases(arguments, {})).c_str(), stdout);
      return 0;
    }
    std::string command_line = "wt_calibrate_bench";
    for (const std::string& word : words) command_line += " " + word;
    return run(arguments, command_line);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "wt_calibrate_bench: %s\n", error.what());
    return 1;
  }
}
