#include "scenarios/report/report_tables.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "libsim/base/unit_strings.hpp"
#include "scenarios/cost_over_time.hpp"
#include "scenarios/report/numbers.hpp"
#include "scenarios/step_causes.hpp"

namespace windtunnel::scenarios {
namespace {

/// A node of the bill's tree; lines of one group need not stand together in the report.
struct BillNode {
  std::string name;
  Money cost{};
  const BillLine* line = nullptr; ///< of a leaf
  std::vector<BillNode> children;

  BillNode& group(const std::string& child) {
    for (BillNode& known : children)
      if (!known.line && known.name == child) return known;
    children.push_back({child, {}, nullptr, {}});
    return children.back();
  }
};

BillNode bill_tree(const Report& report) {
  BillNode root;
  for (const BillLine& line : report.bill_lines) {
    BillNode* node = &root;
    root.cost += line.cost;
    for (std::size_t i = 0; i + 1 < line.path.size(); ++i) {
      node = &node->group(line.path[i]);
      node->cost += line.cost;
    }
    node->children.push_back({line.path.empty() ? "" : line.path.back(), line.cost, &line, {}});
  }
  return root;
}

std::string unit_price(const BillLine& line) {
  if (line.unit_price == Money{}) return "mixed";
  return fmt::format("${:.4f}", line.unit_price.dollars()) + (line.estimated ? " *" : "  ");
}

void add_bill_rows(const BillNode& node, int depth, Table& table) {
  for (const BillNode& child : node.children) {
    if (const BillLine* line = child.line) {
      table.add(
          {child.name, grouped(line->quantity, 2), line->unit, unit_price(*line),
           usd_cents(line->cost.dollars())},
          {.emphasis = line->estimated ? Emphasis::estimated : Emphasis::none, .depth = depth});
      continue;
    }
    table.add({child.name, "", "", "", usd_cents(child.cost.dollars())},
              {.emphasis = depth == 0 ? Emphasis::group : Emphasis::none, .depth = depth});
    add_bill_rows(child, depth + 1, table);
  }
}

std::string range(double low, double high, std::string (*text)(double)) {
  return "P10 " + text(low) + " .. P90 " + text(high);
}

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return text;
}

const char* per_work(const JobReport& job) {
  return job.work_unit == "images" ? "$ per thousand images" : "$ per million tokens";
}

using Text = std::string (*)(double);

void add_figure(Table& table, const char* name, const Distribution& d, Text text) {
  table.add({name, text(d.mean), text(d.p10), text(d.p50), text(d.p90)});
}

} // namespace

std::string headline(const Report& r) {
  const auto when = [&](double s) { return moment(r.start, s); };
  return fmt::format("Finishes {}{} (P10 {} .. P90 {}) for {} ({}).", r.start ? "" : "in ",
                     when(r.finish_s.p50), when(r.finish_s.p10), when(r.finish_s.p90),
                     usd_short(r.cost_usd.p50), range(r.cost_usd.p10, r.cost_usd.p90, usd_short));
}

std::vector<std::string> goal_sentences(const Report& r) {
  std::vector<std::string> sentences;
  for (const GoalResult& goal : r.goals) {
    const bool money = goal.name == "budget";
    sentences.push_back(
        fmt::format("{} {}: {} in {} of {} replications.", capitalised(goal.name),
                    money ? usd_cents(goal.limit) : moment_and_duration(r.start, goal.limit),
                    money ? "kept" : "met", percent(goal.probability), r.replications));
  }
  return sentences;
}

Table figures_table(const Report& r) {
  Table table({{"FIGURE"},
               {"P10", Align::right},
               {"P50", Align::right},
               {"P90", Align::right},
               {"MEAN ± 95%", Align::right}});
  const Distribution& f = r.finish_s;
  const Distribution& c = r.cost_usd;
  const auto when = [&](double s) { return moment_and_duration(r.start, s); };
  table.add({"Finish", when(f.p10), when(f.p50), when(f.p90),
             duration(f.mean) + " ± " + duration(f.half_width)});
  table.add({"Cost", usd_cents(c.p10), usd_cents(c.p50), usd_cents(c.p90),
             usd_cents(c.mean) + " ± " + usd_cents(c.half_width)});
  return table;
}

std::vector<std::string> spread_sentences(const Report& r) {
  std::vector<std::string> sentences;
  for (const auto& [name, d] : {std::pair{"finish", &r.finish_s}, std::pair{"cost", &r.cost_usd}})
    if (d->epistemic_share)
      sentences.push_back(fmt::format("{} of the variance of {} comes from uncertain inputs, the "
                                      "rest from chance.",
                                      percent(*d->epistemic_share), name));
  return sentences;
}

Table bill_table(const Report& r) {
  Table table({{"NAME"},
               {"QUANTITY", Align::right},
               {"UNIT"},
               {"UNIT PRICE  ", Align::right},
               {"COST", Align::right}});
  add_bill_rows(bill_tree(r), 0, table);
  table.add({"OVERALL TOTAL", "", "", "", usd_cents(r.bill.dollars())},
            {.emphasis = Emphasis::total});
  return table;
}

Table waterfall_table(const std::vector<WaterfallItem>& items, Money total) {
  Table table({{"WHERE THE DOLLARS GO"},
               {"COST", Align::right},
               {"SHARE", Align::right},
               {"NODE-HOURS", Align::right}});
  std::vector<Money> costs;
  Money largest{}, sum{};
  for (const WaterfallItem& item : items) {
    costs.push_back(item.cost);
    largest = std::max(largest, item.cost);
    sum += item.cost;
  }
  const std::vector<std::string> parts = shares(costs, total);
  double node_hours = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const WaterfallItem& item = items[i];
    node_hours += item.node_hours;
    table.add({item.label, usd_cents(item.cost.dollars()), parts[i],
               item.node_hours > 0 ? grouped(item.node_hours, 1) : ""},
              {.bar = largest > Money{} ? item.cost / largest : 0, .cause = item.cause});
  }
  table.add({"Total", usd_cents(sum.dollars()), shares({sum}, total)[0], grouped(node_hours, 1)},
            {.emphasis = Emphasis::total});
  return table;
}

Table periods_table(const Report& r) {
  if (r.series.empty()) return Table({});
  double end = 0;
  std::vector<std::string> groups; // "Compute" of "Compute / gpu", in order
  const auto group_of = [](const Series& s) { return s.name.substr(0, s.name.find(" / ")); };
  for (const Series& s : r.series) {
    if (!s.time_s.empty()) end = std::max(end, s.time_s.back());
    if (std::find(groups.begin(), groups.end(), group_of(s)) == groups.end())
      groups.push_back(group_of(s));
  }
  std::vector<Column> columns{{"PERIOD FROM"}};
  for (const std::string& group : groups) columns.push_back({upper(group), Align::right});
  columns.push_back({"ALL", Align::right});
  columns.push_back({"UNTIL THEN", Align::right});
  Table table(columns);
  std::vector<double> ends = period_ends(r.start, end);
  ends.push_back(end);
  double from = -1, until_then = 0; // before the first period nothing is paid, at its start some is
  for (const double to : ends) {
    std::vector<std::string> cells{r.start ? moment(r.start, std::max(from, 0.0))
                                           : duration(std::max(from, 0.0))};
    double all = 0;
    for (const std::string& group : groups) {
      double sum = 0;
      for (const Series& s : r.series)
        if (group_of(s) == group) sum += value_at(s, to) - (from < 0 ? 0 : value_at(s, from));
      cells.push_back(usd_cents(sum));
      all += sum;
    }
    until_then += all;
    cells.push_back(usd_cents(all));
    cells.push_back(usd_cents(until_then));
    table.add(cells);
    from = to;
  }
  return table;
}

Table histogram_table(const Histogram& bins, std::string (*text)(double)) {
  Table table({{"FROM", Align::right}, {"TO", Align::right}, {"REPLICATIONS", Align::right}});
  const int most =
      bins.counts.empty() ? 1 : *std::max_element(bins.counts.begin(), bins.counts.end());
  for (std::size_t i = 0; i < bins.counts.size(); ++i)
    table.add({text(bins.edges[i]), text(bins.edges[i + 1]), std::to_string(bins.counts[i])},
              {.bar = static_cast<double>(bins.counts[i]) / most});
  return table;
}

Table jobs_table(const Report& r) {
  const bool images = std::all_of(r.jobs.begin(), r.jobs.end(),
                                  [](const JobReport& j) { return j.work_unit == "images"; });
  const bool tokens = std::none_of(r.jobs.begin(), r.jobs.end(),
                                   [](const JobReport& j) { return j.work_unit == "images"; });
  Table table({{"JOB"},
               {"STEP", Align::right},
               {"MFU", Align::right},
               {"GOODPUT", Align::right},
               {"MFU×GOODPUT", Align::right},
               {"INTERRUPTIONS", Align::right},
               {"GPU-HOURS", Align::right},
               {images   ? "$/1k IMAGES"
                : tokens ? "$/M TOKENS"
                         : "$/M TOKENS OR 1k IMAGES",
                Align::right}});
  for (const JobReport& job : r.jobs)
    table.add({job.name, to_string(job.step.step), percent(job.step.mfu), percent(job.goodput.mean),
               percent(job.mfu_times_goodput.p50),
               three_digits(job.interruptions.mean + job.planned_interruptions.mean),
               grouped(job.gpu_hours.mean), three_digits(job.usd_per_million_work)});
  return table;
}

Table job_table(const Report& r, const JobReport& job) {
  Table table({{"FIGURE"},
               {"MEAN", Align::right},
               {"P10", Align::right},
               {"P50", Align::right},
               {"P90", Align::right}},
              job.name);
  const auto when = [&](double s) { return moment(r.start, s); };
  const Distribution& f = job.finish_s;
  table.add({"Finish", when(f.mean), when(f.p10), when(f.p50), when(f.p90)});
  add_figure(table, "Cost of its nodes", job.cost_usd, usd_cents);
  add_figure(table, "GPU-hours", job.gpu_hours, [](double v) { return grouped(v); });
  add_figure(table, "Goodput", job.goodput, percent);
  add_figure(table, "MFU × goodput", job.mfu_times_goodput, percent);
  add_figure(table, "Unplanned interruptions", job.interruptions, three_digits);
  add_figure(table, "Unplanned per 54 days", job.interruptions_per_54_days, three_digits);
  add_figure(table, "Announced interruptions", job.planned_interruptions, three_digits);
  add_figure(table, "Checkpoint interval", job.checkpoint_interval_s, duration);
  add_figure(table, "Stalled by checkpoints", job.checkpoint_stall_s, duration);
  add_figure(table, "Lost work", job.lost_work_s, duration);
  add_figure(table, "Restarting", job.restart_s, duration);
  table.add({per_work(job), three_digits(job.usd_per_million_work), "", "", ""});
  return table;
}

Table workloads_table(const Report& r) {
  Table table({{"WORKLOAD"},
               {"NODE POOL"},
               {"FIGURE"},
               {"MEAN", Align::right},
               {"P10", Align::right},
               {"P50", Align::right},
               {"P90", Align::right}});
  const auto when = [&](double s) { return moment(r.start, s); };
  const auto add = [&](const WorkloadReport& w, const char* figure, const Distribution& d,
                       const auto& text) {
    table.add({w.name, w.node_pool, figure, text(d.mean), text(d.p10), text(d.p50), text(d.p90)});
  };
  const auto node_hours = [](double hours) { return grouped(hours, 1); };
  for (const WorkloadReport& w : r.workloads) {
    add(w, "Finish", w.finish_s, when);
    add(w, "Node-hours held", w.node_hours, node_hours);
    add(w, "Node-hours useful", w.useful_node_hours, node_hours);
    add(w, "Cost of its nodes", w.cost_usd, usd_cents);
  }
  return table;
}

Table step_table(const training::StepEstimate& step) {
  Table table({{"PART OF A STEP"}, {"SECONDS", Align::right}, {"SHARE", Align::right}});
  std::vector<Money> parts; // shares() wants one exact integer type; a nanosecond is as good
  Time largest{};
  for (const StepCause& cause : step_causes) {
    parts.push_back(nano_dollars((step.parts.*cause.part).ns()));
    largest = std::max(largest, step.parts.*cause.part);
  }
  const std::vector<std::string> text = shares(parts, nano_dollars(step.step.ns()));
  for (std::size_t i = 0; i < step_causes.size(); ++i) {
    const Time part = step.parts.*step_causes[i].part;
    if (part == Time{}) continue;
    table.add({step_causes[i].label, grouped(part.seconds(), 6), text[i]},
              {.bar = part / largest, .cause = step_causes[i].cause});
  }
  table.add({"Step", grouped(step.step.seconds(), 6), step.step > Time{} ? "100.0%" : "-"},
            {.emphasis = Emphasis::total});
  return table;
}

Table memory_table(const training::MemoryVerdict& memory) {
  Table table({{"MEMORY OF THE FULLEST GPU"}, {"GIB", Align::right}, {"SHARE", Align::right}});
  const training::MemoryBreakdown& m = memory.fullest;
  const std::pair<const char*, Bytes> parts[] = {{"Weights", m.weights},
                                                 {"Gradients", m.gradients},
                                                 {"Optimizer state", m.optimizer},
                                                 {"Activations", m.activations},
                                                 {"Logits", m.logits},
                                                 {"Communication buffers", m.communication},
                                                 {"Overhead", m.overhead}};
  const bool known = memory.available > Bytes{};
  for (const auto& [name, size] : parts) {
    const double share = known ? size / memory.available : 0;
    table.add({name, grouped(size.gibibytes(), 2), known ? percent(share) : "-"}, {.bar = share});
  }
  table.add({"Total", grouped(m.total().gibibytes(), 2),
             known ? percent(m.total() / memory.available) : "-"},
            {.emphasis = Emphasis::total});
  table.add({"Available", grouped(memory.available.gibibytes(), 2), known ? "100.0%" : "-"});
  return table;
}

std::string memory_sentence(const training::MemoryVerdict& memory) {
  std::string text = memory.fits ? "Fits: " : "Does not fit: ";
  text += memory.explanation;
  if (!memory.fits)
    text += memory.nearest_fit ? " Nearest plan that fits: " + memory.nearest_fit_text + "."
                               : " No nearby plan fits.";
  return text;
}

Table failures_table(const Report& r) {
  Table table({{"JOB"}, {"FAILURE"}, {"MEAN COUNT", Align::right}, {"SHARE", Align::right}});
  for (const JobReport& job : r.jobs) {
    double sum = 0, largest = 0;
    for (const ClassCount& c : job.failures) {
      sum += c.mean;
      largest = std::max(largest, c.mean);
    }
    for (const ClassCount& c : job.failures)
      table.add({job.name, c.name, grouped(c.mean, 2), sum > 0 ? percent(c.mean / sum) : "-"},
                {.bar = largest > 0 ? c.mean / largest : 0});
  }
  return table;
}

Table assumptions_table(const std::vector<Assumption>& assumptions, Notes notes) {
  std::vector<Column> columns{{"ASSUMPTION", Align::left, true},
                              {"VALUE", Align::left, true},
                              {"METHOD"},
                              {"DATE"},
                              {"SOURCE", Align::left, true}};
  if (notes == Notes::shown) columns.push_back({"NOTE", Align::left, true});
  Table table(columns);
  for (const Assumption& a : assumptions) {
    std::vector<std::string> cells{a.what, a.value, a.method + (is_estimate(a) ? " *" : ""), a.date,
                                   a.source};
    if (notes == Notes::shown) cells.push_back(a.note);
    table.add(cells, {.emphasis = is_estimate(a) ? Emphasis::estimated : Emphasis::none});
  }
  return table;
}

bool is_estimate(const Assumption& assumption) { return assumption.method == "estimated"; }

std::string job_sentence(const JobReport& job) {
  return fmt::format("{}: {} on {} x {} ({} {}), {}, {} {} in {} steps.", job.name, job.model,
                     job.nodes, job.instance_type, grouped(job.gpus), job.gpu, job.plan,
                     count_short(job.work), job.work_unit, grouped(job.steps));
}

} // namespace windtunnel::scenarios
