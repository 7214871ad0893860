// GpuKernels: what kernels cost on one GPU of the catalog; the one door to all tables.
//
// For an operator and a number format, the tables of that GPU answer in the order given, those of
// our own suite before others' and, for matrix products, of these the first that has the shape
// inside its grid. Where the GPU was never measured, its relatives answer (relatives.hpp). Every
// answer says what it stands on, P10-P90 of what a measurement would give, and which table it is
// from.
//
// Refused: a format that the GPU has no known peak for (InputError), and what neither it nor a
// relative was measured in (ModelError). Kernels share nothing with the door; the tables outlive
// them.
//
//   const GpuKernels h200(*catalog.gpu("H200"));
//   const GemmKernel gemm = h200.gemm("bf16");
//   gemm.time(4096, 8192, 8192).seconds;
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/kernels/attention_transfer.hpp"
#include "models/kernels/gemm_transfer.hpp"
#include "models/kernels/kernel_table.hpp"
#include "models/kernels/memory_transfer.hpp"
#include "models/kernels/table_score.hpp"

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

/// Attention of one head shape on one GPU.
class AttentionKernel {
public:
  /// `batch` sequences; of prefill `length` new tokens each, of decode as many cached ones.
  /// Allocates nothing. batch, length > 0.
  KernelAnswer time(double batch, double length) const;
  bool transferred() const { return transferred_.has_value(); }

private:
  friend class GpuKernels;
  std::optional<AttentionCurve> measured_;
  std::optional<TransferredAttention> transferred_; ///< when not measured
  const KernelTable* table_ = nullptr;
};

/// A memory-bound operator on one GPU.
class MemoryKernel {
public:
  /// `rows` of `width` elements. Allocates nothing. rows, width > 0.
  KernelAnswer time(double rows, double width) const;
  bool transferred() const { return transferred_.has_value(); }

private:
  friend class GpuKernels;
  const MemoryTable* measured_ = nullptr;
  std::optional<TransferredMemory> transferred_; ///< when not measured
  const KernelTable* table_ = nullptr;
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
  /// `cache` is an AttentionCache's name, `window` as in AttentionSample.
  AttentionKernel attention(AttentionPhase phase, std::string_view cache, std::int64_t window,
                            const AttentionShape& shape) const;
  /// `op` is a MemoryOperator's name, `dtype` "bf16" (fp16 is answered so) or "fp32".
  MemoryKernel memory(std::string_view op, std::string_view dtype) const;

  /// As if the GPU had never been measured.
  GemmTable transferred_gemm(std::string_view dtype) const;
  const catalog::GpuSpec& gpu() const { return gpu_; }

private:
  const catalog::GpuSpec& gpu_;
  const catalog::Catalog& catalog_;
  std::vector<const KernelTable*> tables_; ///< our own suite's first
};

/// "attention_decode", "attention_prefill_window128"
std::string attention_name(AttentionPhase phase, std::int64_t window);

/// A table's operator predicted without its GPU.
struct TransferScore {
  const KernelTable* table = nullptr;
  std::string op, dtype; ///< "gemm", "attention_prefill", "attention_decode_window128", "rmsnorm"
  TableScore score;
};
/// All that have a relative.
std::vector<TransferScore>
score_transfers(std::span<const KernelTable> tables = built_in_tables(),
                const catalog::Catalog& catalog = catalog::Catalog::builtin());

} // namespace windtunnel::kernels
