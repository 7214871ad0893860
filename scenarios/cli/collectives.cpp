#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>

#include "libsim/base/error.hpp"
#include "libsim/base/unit_strings.hpp"
#include "libsim/stats/summary.hpp"
#include "models/network/nccl_tests_log.hpp"
#include "scenarios/cli/options.hpp"
#include "scenarios/report/collective_listing.hpp"

namespace windtunnel::cli {
namespace {

using network::CollectiveSample;
using network::CollectiveTable;
using scenarios::CollectiveListing;

[[noreturn]] void refuse(const std::string& option, const std::string& why) {
  throw InputError("arguments", {{option, why}});
}

double size_of(const std::string& option, const std::string& text) {
  const char* const end = text.data() + text.size();
  std::int64_t plain = 0;
  if (const auto read = std::from_chars(text.data(), end, plain); read.ptr == end && plain > 0)
    return static_cast<double>(plain);
  const auto bytes = parse_bytes(text);
  if (!bytes) refuse(option, bytes.error());
  if (bytes->count() < 1) refuse(option, "must be at least one byte");
  return bytes->as_double();
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw InputError("nccl-tests log", {{path, "cannot read the file"}});
  return text;
}

struct CollectivesCommand : Common {
  std::string instance, op = "all_reduce", smallest = "8", largest = "16GiB", log, algorithm;
  int nodes = 1, per_node = 0;
  bool no_nvls = false;
  const CLI::App* verb = nullptr;

  void operator()() const {
    CollectiveListing list;
    list.system = network::describe_system(instance, load_catalog());
    const auto parsed = network::parse_op(op);
    if (!parsed)
      refuse("--op", "unknown operation '" + op +
                         "'; there are all_reduce, all_gather, reduce_scatter, broadcast, "
                         "all_to_all, send_recv");
    if (nodes < 1 || nodes > 100'000) refuse("--nodes", "must be in [1, 100000]");
    const int most = list.system.gpus_per_node;
    if (per_node < 0 || per_node > most)
      refuse("--gpus-per-node", "must be in [1, " + std::to_string(most) + "]");
    list.op = *parsed;
    list.nodes = nodes;
    list.ranks = nodes * (per_node ? per_node : most);
    if (list.ranks < 2) refuse("--nodes", "a collective needs at least two GPUs");
    network::Restriction restriction;
    restriction.nvls = !no_nvls;
    if (!algorithm.empty()) {
      restriction.only = network::parse_algorithm(algorithm);
      if (!restriction.only) refuse("--algorithm", "unknown algorithm '" + algorithm + "'");
      if (no_nvls && algorithm.starts_with("nvls")) refuse("--no-nvls", "excludes " + algorithm);
    }
    if (verb->count("--calibrate") == 0)
      predict(list, network::built_in_collective_table(), restriction, sizes());
    else if (verb->count("--min") + verb->count("--max") > 0)
      refuse("--calibrate", "takes the sizes of the log: no --min and --max");
    else
      calibrate(list, restriction);
    print(collective_listing(list, format));
  }

private:
  std::vector<double> sizes() const {
    const double first = size_of("--min", smallest), last = size_of("--max", largest);
    if (last < first) refuse("--max", "must not be below --min");
    std::vector<double> all;
    for (double size = first; size <= last; size *= 2) all.push_back(size);
    return all;
  }

  /// Nodes that share a link domain (a rack) count as one.
  int per_domain(const CollectiveListing& list) const {
    const bool rack = list.system.domain_size > list.system.gpus_per_node;
    return rack ? 0 : list.ranks / list.nodes;
  }

  void predict(CollectiveListing& list, const CollectiveTable& table,
               const network::Restriction& restriction, const std::vector<double>& sizes) const {
    network::CollectiveModel model(list.system, table, restriction);
    for (const double size : sizes)
      list.rows.push_back(
          {size, model.predict(list.op, bytes_from(size), list.ranks, per_domain(list))});
  }

  void calibrate(CollectiveListing& list, const network::Restriction& restriction) const {
    const network::NcclTestsLog read =
        network::read_nccl_tests_log(text_of(log), log, list.op, list.ranks);
    if (read.nodes > 0 && read.nodes != list.nodes)
      refuse("--nodes", fmt::format("the log {} lists devices of {} hosts", log, read.nodes));
    const int domains =
        per_domain(list) ? list.nodes : network::domains_of(list.system, list.ranks);
    const CollectiveTable& carried = network::built_in_collective_table();
    std::vector<CollectiveSample> samples;
    std::vector<double> before, after;
    for (const network::NcclTestsRow& row : read.rows) {
      samples.push_back(
          {log,
           list.system,
           {list.op, row.bytes, list.ranks, domains},
           network::choose(list.system, list.op, row.bytes, list.ranks, domains, restriction),
           row.us});
      before.push_back(std::abs(carried.predicted_us(samples.back()) / row.us - 1));
    }
    for (const double ratio : network::left_out_by_size(carried, samples))
      after.push_back(std::abs(1 / ratio - 1));
    std::vector<double> measured_sizes;
    for (const CollectiveSample& s : samples) measured_sizes.push_back(s.call.bytes);
    predict(list, network::calibrated(carried, samples), restriction, measured_sizes);
    for (std::size_t i = 0; i < samples.size(); ++i) list.rows[i].measured_us = samples[i].us;
    list.error_before = stats::quantile(before, 0.5);
    list.error_left_out = stats::quantile(after, 0.5);
  }
};

} // namespace

void add_collectives(CLI::App& app) {
  auto command = std::make_shared<CollectivesCommand>();
  CLI::App* verb = app.add_subcommand(
      "collectives", "Time and bandwidth of a collective by size, as nccl-tests prints them");
  verb->add_option("--instance", command->instance,
                   "Instance type, or MACHINE(FABRIC): \"H100(8x400G IB)\"")
      ->required();
  verb->add_option("--nodes", command->nodes, "Nodes")->capture_default_str();
  verb->add_option("--gpus-per-node", command->per_node, "GPUs taken of each node; all by default");
  verb->add_option("--op", command->op, "all_reduce, all_gather, reduce_scatter, broadcast, ...")
      ->capture_default_str();
  verb->add_option("--min", command->smallest, "First size")->capture_default_str();
  verb->add_option("--max", command->largest, "Last size; each is twice the one before")
      ->capture_default_str();
  verb->add_option("--algorithm", command->algorithm, "Hold NCCL to one algorithm (NCCL_ALGO)");
  verb->add_flag("--no-nvls", command->no_nvls, "As NCCL_NVLS_ENABLE=0");
  verb->add_option("--calibrate", command->log,
                   "Output of nccl-tests on this cluster: fits the curves to it");
  command->add_output(*verb, {"table", "json", "csv"});
  command->Common::add_catalog(*verb);
  command->verb = verb;
  verb->callback([command] { (*command)(); });
}

} // namespace windtunnel::cli
