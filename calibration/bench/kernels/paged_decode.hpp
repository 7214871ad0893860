// What a step of decoding over a paged cache works on, whoever computes it.
#pragma once

#include <memory>
#include <vector>

#include "../subject.hpp"

namespace windtunnel::calibration {

/// Caches of [page][key head][place][dim], queries and results of [sequence][head][dim], in bf16.
struct PagedDecode {
  int batch = 0, heads = 0, kv_heads = 0, dim = 0, page = 0;
  int pages = 0;      ///< entries of the page table a sequence
  int page_count = 0; ///< pages in the cache
  float scale = 1;
  std::vector<int> host_lengths, host_table;
  int *lengths = nullptr, *page_table = nullptr;
  std::vector<void*> q, keys, values, out; ///< of each set
  void* gathered = nullptr;                ///< one head's keys or values, for the check
  // Of the split-KV kernel: keys in a piece, pieces of the longest sequence, what pieces leave.
  int piece = 0, splits = 0;
  float *partial_out = nullptr, *partial_max = nullptr, *partial_sum = nullptr;
};

/// What a library may take as workspace beside the sets.
constexpr std::size_t paged_decode_workspace = std::size_t{256} << 20;

/// Makes the subject launch cuDNN's paged attention; throws Unsupported where there is none.
void add_cudnn_launch(const std::shared_ptr<PagedDecode>&, Device&, Subject&);

} // namespace windtunnel::calibration
