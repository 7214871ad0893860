#include "scenarios/cli/options.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <mutex>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "scenarios/check.hpp"

namespace windtunnel::cli {
namespace {

/// JSON numbers are read as signed, and a seed may stand in a file.
constexpr std::uint64_t most_seed = std::numeric_limits<std::int64_t>::max();

int terminal_width() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
    return std::min<int>(size.ws_col, 160);
  return 100;
}

/// One line on stderr, drawn again as replications finish.
class ProgressBar {
public:
  explicit ProgressBar(std::string label) : label_(std::move(label)) {}

  void show(int done, int total) {
    const int percent = done * 100 / std::max(total, 1);
    if (percent == shown_) return;
    shown_ = percent;
    constexpr int width = 30;
    const int filled = percent * width / 100;
    std::fprintf(stderr, "\r%s [%s%s] %3d%%", label_.c_str(), std::string(filled, '=').c_str(),
                 std::string(width - filled, ' ').c_str(), percent);
    if (done >= total) std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
  }

private:
  std::string label_;
  int shown_ = -1;
};

} // namespace

void Common::add_output(CLI::App& verb, const std::vector<std::string>& formats) {
  verb.add_option("-o,--output", format, "Output format")
      ->check(CLI::IsMember(formats))
      ->capture_default_str();
  verb.add_flag("--no-color", no_color, "No colour (also: environment variable NO_COLOR)");
}

void Common::add_catalog(CLI::App& verb) {
  verb.add_option("--catalog", catalog_folder,
                  "Folder of JSON tables laid over the built-in catalog");
}

void Common::add_settings(CLI::App& verb) {
  verb.add_option("--set", settings, "Replace a field: /json/pointer=value (repeatable)")
      ->allow_extra_args(false);
}

void Common::add_simulation(CLI::App& verb) {
  add_settings(verb);
  verb.add_option("--replications", replications, "Independent replications")
      ->check(CLI::Range(1, 1'000'000));
  verb.add_option("--seed", seed, "Seed of all random streams")
      ->check(CLI::Range(std::uint64_t{0}, most_seed));
  verb.add_option("--threads", threads, "Threads; results do not depend on them (0: one a core)")
      ->check(CLI::Range(0, 1024));
  verb.add_option("--out", out, "Folder for the report files");
  verb.add_flag("-q,--quiet", quiet, "No progress on stderr");
}

catalog::Catalog Common::load_catalog() const {
  return catalog_folder.empty() ? catalog::Catalog::builtin()
                                : catalog::Catalog::with_overlay(catalog_folder);
}

scenarios::Setting parse_setting(const std::string& text, const std::string& option) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || text.front() != '/')
    throw InputError("option " + option,
                     {{"", "expected /json/pointer=value, got '" + text + "'"}});
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::vector<scenarios::Setting> Common::parsed_settings() const {
  std::vector<scenarios::Setting> parsed;
  for (const std::string& text : settings) parsed.push_back(parse_setting(text, "--set"));
  return parsed;
}

scenarios::Scenario Common::load(const std::string& path, const catalog::Catalog& catalog,
                                 const std::vector<scenarios::Setting>& extra) const {
  std::vector<scenarios::Setting> all = parsed_settings();
  all.insert(all.end(), extra.begin(), extra.end());
  scenarios::Scenario scenario =
      scenarios::read_checked(scenarios::load_document(path, all), catalog);
  if (replications) scenario.replications = *replications;
  if (seed) scenario.seed = *seed;
  return scenario;
}

scenarios::Format Common::report_format() const { return scenarios::parse_format(format).value(); }

scenarios::RenderOptions Common::render_options() const {
  const bool colour = !no_color && std::getenv("NO_COLOR") == nullptr && isatty(STDOUT_FILENO);
  return {.width = terminal_width(), .colour = colour};
}

scenarios::RunOptions Common::run_options(const std::string& label) const {
  scenarios::RunOptions options;
  options.threads = threads;
  if (!quiet && isatty(STDERR_FILENO))
    options.progress = [bar = std::make_shared<ProgressBar>(label)](int done, int total) {
      bar->show(done, total);
    };
  return options;
}

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw Error("cannot write to standard output");
}

void write_files(const std::string& folder,
                 const std::vector<std::pair<std::string, std::string>>& files) {
  namespace fs = std::filesystem;
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw Error(fmt::format("cannot create {}: {}", folder, failure.message()));
  std::vector<std::pair<fs::path, fs::path>> renames;
  const auto give_up = [&](const fs::path& path) {
    for (const auto& [from, to] : renames) fs::remove(from, failure);
    throw Error(fmt::format("cannot write {}", path.string()));
  };
  for (const auto& [name, text] : files) {
    fs::path target = fs::path(folder) / name;
    if (fs::is_symlink(target, failure)) target = fs::weakly_canonical(target, failure);
    if (fs::exists(target, failure) && !fs::is_regular_file(target, failure))
      throw Error(fmt::format("cannot write {}: it is no ordinary file",
                              (fs::path(folder) / name).string()));
    renames.emplace_back(target.parent_path() / ("." + name + ".partial"), target);
    std::ofstream stream(renames.back().first, std::ios::binary);
    stream.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!stream.flush()) give_up(target);
  }
  for (const auto& [from, to] : renames) {
    fs::rename(from, to, failure);
    if (failure) give_up(to);
  }
}

} // namespace windtunnel::cli
