#include "arguments.hpp"

#include <charconv>
#include <cmath>
#include <stdexcept>

namespace windtunnel::calibration {

const char* const usage =
    R"(Measures what kernels cost on one GPU and writes a raw CSV.

usage: wt_calibrate_bench --output RAW.csv | --resume RAW.csv | --list  [options]

  --output RAW.csv     write a new file
  --resume RAW.csv     go on with a file (made when there is none): cases in it are not repeated
  --minutes M          stop before M minutes are over; go on later with --resume
  --quick              the few hundred cases that matter most, in under five minutes
  --only OP            one operation (may be given several times); --list names them
  --fresh-sample S%    shapes that are not in the grid, S per cent of its number, to score a fit
  --seed N             of the fresh shapes (default 1)
  --device I           which GPU (default 0)
  --cap SECONDS        longest to measure one case (default 0.3)
  --list               print all cases with group, seconds and cumulative minutes; needs no GPU
  --help
)";

namespace {

double number_of(const std::string& option, std::string text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    throw std::invalid_argument(option + " needs a number, not '" + text + "'");
  return value;
}

double positive(const std::string& option, const std::string& text) {
  const double value = number_of(option, text);
  if (value <= 0) throw std::invalid_argument(option + " must be above 0, not " + text);
  return value;
}

std::uint64_t whole(const std::string& option, const std::string& text, double most) {
  const double value = number_of(option, text);
  if (value < 0 || value > most || value != std::floor(value))
    throw std::invalid_argument(option + " needs a whole number of at least 0, not " + text);
  return static_cast<std::uint64_t>(value);
}

} // namespace

Arguments parse_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& option = words[i];
    const auto value = [&]() -> const std::string& {
      if (i + 1 >= words.size()) throw std::invalid_argument(option + " needs a value");
      return words[++i];
    };
    if (option == "--help") {
      arguments.help = true;
    } else if (option == "--list") {
      arguments.list = true;
    } else if (option == "--quick") {
      arguments.quick = true;
    } else if (option == "--output") {
      arguments.output = value();
    } else if (option == "--resume") {
      arguments.resume = value();
    } else if (option == "--minutes") {
      arguments.minutes = positive(option, value());
    } else if (option == "--only") {
      arguments.only.push_back(value());
    } else if (option == "--fresh-sample") {
      std::string text = value();
      if (!text.ends_with('%'))
        throw std::invalid_argument("--fresh-sample needs per cent, such as 5%, not '" + text +
                                    "'");
      text.pop_back();
      const double share = positive(option, text) / 100;
      if (share > 1) throw std::invalid_argument("--fresh-sample is at most 100%");
      arguments.fresh_sample = share;
    } else if (option == "--seed") {
      arguments.seed = whole(option, value(), 0x1p53);
    } else if (option == "--device") {
      arguments.device = static_cast<int>(whole(option, value(), 1023));
    } else if (option == "--cap") {
      arguments.cap_seconds = positive(option, value());
    } else {
      throw std::invalid_argument("no option '" + option + "' (see --help)");
    }
  }
  if (arguments.help || arguments.list) return arguments;
  if (arguments.output.empty() == arguments.resume.empty())
    throw std::invalid_argument("give one of --output RAW.csv and --resume RAW.csv (see --help)");
  return arguments;
}

} // namespace windtunnel::calibration
