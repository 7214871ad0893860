// The products of a mixture of experts: one a chosen expert, of as many rows as it has tokens, in
// one call of cublasGemmGroupedBatchedEx (cuBLASLt has no grouped product).
#include <memory>
#include <vector>

#include "../subject.hpp"
#include "reference.hpp"

namespace windtunnel::calibration {
namespace {

constexpr std::size_t size_of_bf16 = 2;

struct Grouped {
  std::int64_t n = 0, k = 0;
  std::vector<std::int64_t> loads;  ///< rows of each expert with any
  std::vector<std::int64_t> starts; ///< its first row
  std::vector<void*> a, b, c;       ///< of each set: all rows, all weights, all results
  // Of each set, on the device: the experts' operands and results.
  std::vector<void**> weights, rows, results;
  // One group an expert, on the host.
  std::vector<cublasOperation_t> turned, straight;
  std::vector<int> m, columns, inner, one;
  std::vector<float> alpha, beta;
};

/// Row-major C = A W' of each expert; by columns, C' = W A' with W' turned.
void launch(const Grouped& g, cublasHandle_t handle, int set) {
  const auto i = static_cast<std::size_t>(set);
  WT_CHECK(cublasGemmGroupedBatchedEx(
      handle, g.turned.data(), g.straight.data(), g.columns.data(), g.m.data(), g.inner.data(),
      g.alpha.data(), const_cast<const void* const*>(g.weights[i]), CUDA_R_16BF, g.inner.data(),
      const_cast<const void* const*>(g.rows[i]), CUDA_R_16BF, g.inner.data(), g.beta.data(),
      g.results[i], CUDA_R_16BF, g.columns.data(), static_cast<int>(g.loads.size()), g.one.data(),
      CUBLAS_COMPUTE_32F));
}

char* at(void* base, std::int64_t elements) {
  return static_cast<char*>(base) + static_cast<std::size_t>(elements) * size_of_bf16;
}

} // namespace

Subject prepare_grouped_gemm(const Case& c, Device& device) {
  const auto g = std::make_shared<Grouped>();
  g->n = c.at("n");
  g->k = c.at("k");
  std::int64_t rows = 0;
  for (const std::int64_t load : expert_loads(c.at("experts"), c.at("assignments"), c.at("skew"))) {
    if (load == 0) continue; // its weights are not touched
    g->loads.push_back(load);
    g->starts.push_back(rows);
    rows += load;
  }
  const std::size_t experts = g->loads.size();
  for (const std::int64_t load : g->loads) g->m.push_back(static_cast<int>(load));
  g->turned.assign(experts, CUBLAS_OP_T);
  g->straight.assign(experts, CUBLAS_OP_N);
  g->columns.assign(experts, static_cast<int>(g->n));
  g->inner.assign(experts, static_cast<int>(g->k));
  g->one.assign(experts, 1);
  g->alpha.assign(experts, 1);
  g->beta.assign(experts, 0);

  const auto a_count = static_cast<std::size_t>(rows * g->k);
  const auto b_count = experts * static_cast<std::size_t>(g->n * g->k);
  const auto c_count = static_cast<std::size_t>(rows * g->n);
  Subject subject;
  subject.set_bytes = (a_count + b_count + c_count) * size_of_bf16;
  subject.sets = device.sets_for(c, subject.set_bytes + 3 * (experts * sizeof(void*) + 256));
  for (int set = 0; set < subject.sets; ++set) {
    g->a.push_back(device.allocate(a_count * size_of_bf16));
    g->b.push_back(device.allocate(b_count * size_of_bf16));
    g->c.push_back(device.allocate(c_count * size_of_bf16));
    const auto seed = static_cast<std::uint64_t>(2 * set);
    device.fill_normal(g->a.back(), a_count, "bf16", seed);
    device.fill_normal(g->b.back(), b_count, "bf16", seed + 1);
    device.poison(g->c.back(), c_count * size_of_bf16);
    std::vector<void*> of_b, of_a, of_c;
    for (std::size_t e = 0; e < experts; ++e) {
      of_b.push_back(at(g->b.back(), static_cast<std::int64_t>(e) * g->n * g->k));
      of_a.push_back(at(g->a.back(), g->starts[e] * g->k));
      of_c.push_back(at(g->c.back(), g->starts[e] * g->n));
    }
    const auto on_device = [&device](const std::vector<void*>& pointers) {
      void** const data = device.allocate_of<void*>(pointers.size());
      WT_CHECK(cudaMemcpy(data, pointers.data(), pointers.size() * sizeof(void*),
                          cudaMemcpyHostToDevice));
      return data;
    };
    g->weights.push_back(on_device(of_b));
    g->rows.push_back(on_device(of_a));
    g->results.push_back(on_device(of_c));
  }
  const cublasHandle_t handle = device.cublas(); // on the device's stream
  subject.launch = [g, handle](cudaStream_t, int set) { launch(*g, handle, set); };
  // It reads the sizes from the host's arrays when called, which a graph would not repeat.
  subject.eager = true;
  subject.error = [g, &device] {
    double worst = 0;
    for (const std::size_t e : {std::size_t{0}, g->loads.size() - 1}) {
      const double error = product_error(
          device, {at(g->a[0], g->starts[e] * g->k), "bf16", g->loads[e], g->k, g->k, 1},
          {at(g->b[0], static_cast<std::int64_t>(e) * g->n * g->k), "bf16", g->k, g->n, 1, g->k},
          {at(g->c[0], g->starts[e] * g->n), "bf16", g->loads[e], g->n, g->n, 1});
      worst = error <= worst ? worst : error; // NaN stays
    }
    return worst;
  };
  subject.tolerance = 1e-2;
  subject.algorithm = "cublasGemmGroupedBatchedEx (eager)";
  return subject;
}

} // namespace windtunnel::calibration
