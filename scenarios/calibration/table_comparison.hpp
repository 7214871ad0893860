// How far two kernel tables of one GPU differ: two sources, two versions of a library, our own
// measurements beside others'.
//
// Compared is every site measured in either table that the other has measured or can interpolate;
// where one would extrapolate nothing is said. A site is faster in one table when the bands P10-P90
// of the two answers do not meet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/kernels/kernel_table.hpp"

namespace windtunnel::scenarios {

/// One site, seconds in A and in B.
struct ComparedSite {
  std::string site; ///< "m 16 n 4096 k 1024"
  double a = 0, b = 0;
};

/// The sites of one operator and number format that take about as long.
struct ComparedClass {
  std::string op, dtype;
  std::string size; ///< "all", or by the geometric mean of the two times: "< 10us", ..., ">= 1ms"
  std::size_t sites = 0, in_both = 0; ///< in_both: measured in both tables
  double median = 0, p90 = 0;         ///< of |B / A - 1|
  double ratio = 1;                   ///< median of B / A
  double a_faster = 0, b_faster = 0;  ///< shares of the sites
  std::vector<ComparedSite> farthest; ///< of "all": those that differ most, most first
};

struct TableComparison {
  std::string gpu;
  std::string a, b; ///< provenance: source
  std::vector<ComparedClass> classes;
  std::vector<std::string> only_in_a, only_in_b; ///< "gemm fp8"
};

/// Throws InputError when the tables are of different GPUs.
TableComparison compare_tables(const kernels::KernelTable& a, const kernels::KernelTable& b);

/// `format` is table, json or csv.
std::string render(const TableComparison& comparison, const std::string& format);

} // namespace windtunnel::scenarios
