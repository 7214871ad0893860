// The tables and sentences of a report, as terminal and page show them.
#pragma once

#include <string>
#include <vector>

#include "scenarios/report/charts.hpp"
#include "scenarios/report/table.hpp"

namespace windtunnel::scenarios {

/// "Finishes 2027-01-12 (P10 2027-01-09 .. P90 2027-01-18) for $3.71M (P10 $3.60M .. P90 $3.85M)."
std::string headline(const Report& report);
/// One sentence a goal: "Deadline 2027-01-30 (60.0d): met in 83.0% of 200 replications."
std::vector<std::string> goal_sentences(const Report& report);
/// Finish and cost: P10, P50, P90, mean and its interval.
Table figures_table(const Report& report);
/// What share of the spread is uncertain inputs, where it was estimated.
std::vector<std::string> spread_sentences(const Report& report);
/// The tree of the bill with subtotals; its last row is the total.
Table bill_table(const Report& report);
/// What each cause costs, its share, node-hours; its last row is the bill.
Table waterfall_table(const std::vector<WaterfallItem>& items, Money total);
/// What each billing period costs, by first part of the bill, and the bill until then; the periods
/// add up to the bill. Empty when the report has no series.
Table periods_table(const Report& report);
/// Replications by finish or cost.
Table histogram_table(const Histogram& bins, std::string (*text)(double));
/// One row a job.
Table jobs_table(const Report& report);
/// Figures of one job with their spread.
Table job_table(const Report& report, const JobReport& job);
/// Finish, node-hours and cost of each workload of the caller's own.
Table workloads_table(const Report& report);
/// What one step is made of, in seconds and percent; its last row is the step.
Table step_table(const training::StepEstimate& step);
/// The fullest GPU's memory by what is in it.
Table memory_table(const training::MemoryVerdict& memory);
std::string memory_sentence(const training::MemoryVerdict& memory);
/// Interruptions by failure class and job, mean per replication.
Table failures_table(const Report& report);
/// Every input with its source and date; notes are for the page, which has the room.
enum class Notes { shown, left_out };
Table assumptions_table(const std::vector<Assumption>& assumptions, Notes notes);

bool is_estimate(const Assumption& assumption);
/// "pretrain: llama-3.1-70b on 64 x p5.48xlarge (512 H100), TP8 PP4 ..., 1.5T tokens in 22,352
/// steps"
std::string job_sentence(const JobReport& job);

} // namespace windtunnel::scenarios
