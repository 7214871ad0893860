// What kernel costs stand on for a model and plan: each operator with its shape, and what the
// tables know of it.
//
// Serving: one forward pass with so many tokens in the step. Training, of a scenario: the forward
// pass of one micro-batch and the two matrix products of its backward pass. Shapes are those of
// models/operators, on one rank. Matrix products only: attention and memory-bound operators are
// not looked up yet, and diffusion models are refused, as convolutions have no tables.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/kernels/gpu_kernels.hpp"
#include "scenarios/scenario.hpp"

namespace windtunnel::scenarios {

struct ServingPlan {
  std::string gpu, model; ///< the catalog's names
  int tensor = 1, expert = 1;
  std::string dtype = "bf16"; ///< a kernels::GemmFormat's name
  std::vector<int> tokens;    ///< in one step
};

/// `calls` times in one pass through all layers.
struct CoveredKernel {
  std::string pass; ///< "forward", "data gradient", "weight gradient"
  std::string op;   ///< "gemm"
  std::string name; ///< "qkv", "mlp up", ...
  double m = 0, n = 0, k = 0, calls = 0;
  std::optional<kernels::KernelAnswer> time; ///< absent: nothing is known,
  std::string missing;                       ///< and why
};

struct CoveredPlan {
  std::string gpu, model, plan; ///< plan: "TP8 ... bf16"
  std::vector<CoveredKernel> kernels;
};

/// Throws InputError for names the catalog lacks, and for sizes that do not divide the model.
CoveredPlan cover(const ServingPlan& plan, const catalog::Catalog& catalog,
                  std::span<const kernels::KernelTable> tables);
/// A plan for each training workload. Throws InputError when check(scenario) finds problems other
/// than memory, and for diffusion models.
std::vector<CoveredPlan> cover(const Scenario& scenario, const catalog::Catalog& catalog,
                               std::span<const kernels::KernelTable> tables);

/// Throws InputError that names each kernel of which less is known than `weakest`.
void require_known(const std::vector<CoveredPlan>& plans, kernels::Basis weakest);

/// `format` is table, json or csv.
std::string render(const std::vector<CoveredPlan>& plans, const std::string& format);

} // namespace windtunnel::scenarios
