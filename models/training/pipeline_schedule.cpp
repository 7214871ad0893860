#include "models/training/pipeline_schedule.hpp"

#include <algorithm>

#include "libsim/base/error.hpp"

namespace windtunnel::training {
namespace {

struct Piece {
  int chunk, micro_batch;
  bool backward;
};

/// The order in which one rank works: warm-up forwards, then one forward and one backward in turn,
/// then the backwards that are left.
std::vector<Piece> order_of(int rank, int ranks, int chunks_per_rank, int micro_batches) {
  const int total = micro_batches * chunks_per_rank;
  const int warm_up = chunks_per_rank == 1
                          ? std::min(ranks - rank - 1, total)
                          : std::min((ranks - rank - 1) * 2 + (chunks_per_rank - 1) * ranks, total);
  const auto piece = [&](int k, bool backward) {
    // Groups of `ranks` micro-batches go through the rank's chunks one after another.
    const int group = k / (ranks * chunks_per_rank), within = k % (ranks * chunks_per_rank);
    int slot = within / ranks;
    if (backward) slot = chunks_per_rank - 1 - slot;
    if (chunks_per_rank == 1) return Piece{rank, k, backward};
    return Piece{slot * ranks + rank, group * ranks + within % ranks, backward};
  };
  std::vector<Piece> order;
  for (int k = 0; k < warm_up; ++k) order.push_back(piece(k, false));
  for (int k = warm_up; k < total; ++k) {
    order.push_back(piece(k, false));
    order.push_back(piece(k - warm_up, true));
  }
  for (int k = total - warm_up; k < total; ++k) order.push_back(piece(k, true));
  return order;
}

double play(const PipelineTimes& t, int micro_batches) {
  const int chunks = static_cast<int>(t.forward.size()), per_rank = chunks / t.ranks;
  std::vector<std::vector<Piece>> orders;
  for (int rank = 0; rank < t.ranks; ++rank)
    orders.push_back(order_of(rank, t.ranks, per_rank, micro_batches));
  constexpr double unknown = -1;
  const auto cells = static_cast<std::size_t>(chunks) * static_cast<std::size_t>(micro_batches);
  std::vector<double> forward_done(cells, unknown), backward_done(cells, unknown);
  std::vector<double> free_at(static_cast<std::size_t>(t.ranks), 0);
  std::vector<std::size_t> next(static_cast<std::size_t>(t.ranks), 0);
  const auto cell = [&](int chunk, int micro_batch) {
    return static_cast<std::size_t>(chunk) * static_cast<std::size_t>(micro_batches) +
           static_cast<std::size_t>(micro_batch);
  };
  /// When the input of a piece is there; unknown when its producer has not run.
  const auto ready = [&](const Piece& piece) -> double {
    const bool local = t.ranks == 1;
    const double hop = local ? 0 : t.transfer;
    if (!piece.backward) {
      if (piece.chunk == 0) return 0;
      const double done = forward_done[cell(piece.chunk - 1, piece.micro_batch)];
      return done < 0 ? unknown : done + hop;
    }
    if (piece.chunk == chunks - 1) return forward_done[cell(piece.chunk, piece.micro_batch)];
    const double done = backward_done[cell(piece.chunk + 1, piece.micro_batch)];
    return done < 0 ? unknown : done + hop;
  };
  bool moved = true;
  while (moved) {
    moved = false;
    for (std::size_t rank = 0; rank < orders.size(); ++rank)
      while (next[rank] < orders[rank].size()) {
        const Piece& piece = orders[rank][next[rank]];
        const double input = ready(piece);
        if (input < 0) break;
        const auto chunk = static_cast<std::size_t>(piece.chunk);
        const double begin = std::max(input, free_at[rank]);
        const double end = begin + (piece.backward ? t.backward[chunk] : t.forward[chunk]);
        (piece.backward ? backward_done : forward_done)[cell(piece.chunk, piece.micro_batch)] = end;
        free_at[rank] = end;
        ++next[rank];
        moved = true;
      }
  }
  for (std::size_t rank = 0; rank < orders.size(); ++rank)
    if (next[rank] < orders[rank].size()) throw ModelError("the pipeline schedule cannot proceed");
  return *std::max_element(free_at.begin(), free_at.end());
}

} // namespace

double pipeline_span(const PipelineTimes& t) {
  const int per_rank = static_cast<int>(t.forward.size()) / t.ranks;
  if (per_rank > 1 && t.micro_batches % t.ranks != 0)
    throw ModelError("interleaving needs micro-batches in multiples of the pipeline");
  // Past the filling of the pipeline each further group of micro-batches takes the same time.
  const int group = t.ranks, steady = 4 * t.ranks;
  if (t.micro_batches <= steady + 2 * group) return play(t, t.micro_batches);
  const int rest = t.micro_batches - steady;
  const int first = steady + rest % group;
  const double a = play(t, first), b = play(t, first + group);
  return a + (b - a) * ((t.micro_batches - first) / group);
}

} // namespace windtunnel::training
