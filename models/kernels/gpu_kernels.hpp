// GpuKernels: what kernels cost on one GPU of the catalog; the one door to all tables.
//
// For an operator and a number format, the tables of that GPU answer in the order given, those of
// our own suite before others', and of these the first that has the shape inside its grid. Where
// the GPU was never measured, its relatives answer (gemm_transfer.hpp). Every answer says what it
// stands on, P10-P90 of what a measurement would give, and which table it is from.
//
// Refused: a format that the GPU has no known peak for (InputError), and one that neither it nor a
// relative was measured in (ModelError).
//
//   const GpuKernels h200(*catalog.gpu("H200"));
//   const GemmKernel gemm = h200.gemm("bf16");
//   gemm.time(4096, 8192, 8192).seconds;
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/kernels/gemm_transfer.hpp"
#include "models/kernels/kernel_table.hpp"

namespace windtunnel::kernels {

struct KernelAnswer {
  double seconds = 0;
  double p10 = 0, p90 = 0;
  Basis basis = Basis::exact;
  /// The table that answered; of a transfer, its nearest relative's.
  const KernelTable* table = nullptr;
};

/// The matrix products of one GPU in one format.
class GemmKernel {
public:
  /// C[m,n] = A[m,k] B[k,n]. Allocates nothing. m, n, k > 0.
  KernelAnswer time(double m, double n, double k) const;
  bool transferred() const { return own_ != nullptr; }

private:
  friend class GpuKernels;
  struct Source {
    const KernelTable* table;
    const GemmTable* gemm;
  };
  std::vector<Source> sources_;
  std::shared_ptr<const GemmTable> own_; ///< of a transfer
};

class GpuKernels {
public:
  /// Those `tables` that are of other GPUs serve for transfers. They and the catalog outlive it.
  explicit GpuKernels(const catalog::GpuSpec& gpu,
                      std::span<const KernelTable> tables = built_in_tables(),
                      const catalog::Catalog& catalog = catalog::Catalog::builtin());

  /// `dtype` is a GemmFormat's name; where fp16 was not measured it is
  /// answered as bf16, which has its rates and bytes.
  GemmKernel gemm(std::string_view dtype) const;
  /// As if the GPU had never been measured; whether that is possible.
  bool has_relatives(std::string_view dtype) const;
  GemmTable transferred_gemm(std::string_view dtype) const;
  const catalog::GpuSpec& gpu() const { return gpu_; }

private:
  std::vector<GemmRelative> measured_gemms(const GemmFormat& format) const;

  const catalog::GpuSpec& gpu_;
  const catalog::Catalog& catalog_;
  std::vector<const KernelTable*> tables_; ///< our own suite's first
};

} // namespace windtunnel::kernels
