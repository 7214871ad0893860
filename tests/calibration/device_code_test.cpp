// The device code of the measuring suite, run on the host, against references in double precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/calibration/cuda_emulation.hpp"

#include "calibration/bench/case.hpp"
#include "calibration/bench/kernels/decode_kernels.cuh"
#include "calibration/bench/kernels/elementwise_kernels.cuh"
#include "calibration/bench/kernels/group_norm_kernels.cuh"
#include "calibration/bench/kernels/norm_kernels.cuh"
#include "calibration/bench/kernels/optimizer_kernels.cuh"
#include "calibration/bench/kernels/reference_kernels.cuh"
#include "calibration/bench/kernels/softmax_kernels.cuh"
#include "calibration/bench/normal.hpp"
#include "calibration/bench/references.hpp"

namespace windtunnel::calibration {
namespace {

/// Storage aligned as packs need it.
template <class T> class Buffer {
public:
  explicit Buffer(std::size_t count) : packs_((count + Pack<T>::size - 1) / Pack<T>::size) {}
  T* data() { return packs_.empty() ? nullptr : packs_.front().v; }
  T& operator[](std::size_t i) { return data()[i]; }

private:
  std::vector<Pack<T>> packs_;
};

template <class T> Buffer<T> normals(std::size_t count, std::uint64_t seed, float scale = 1) {
  Buffer<T> buffer(count);
  for (std::size_t i = 0; i < count; i += 4) {
    float four[4];
    four_normals(i / 4, seed, four);
    for (std::size_t j = 0; j < 4 && i + j < count; ++j)
      buffer[i + j] = from_float<T>(scale * four[j]);
  }
  return buffer;
}

template <class T> Values values(Buffer<T>& buffer, std::size_t begin, std::size_t count) {
  Values out;
  for (std::size_t i = begin; i < begin + count; ++i)
    out.push_back(static_cast<double>(to_float(buffer[i])));
  return out;
}

constexpr double bf16_rounding = 4e-3, fp32_rounding = 1e-5;

TEST(Normal, PhiloxGivesTheKnownAnswer) { // of Random123's test vectors
  const Philox zero = philox4x32({{0, 0, 0, 0}}, 0, 0);
  EXPECT_EQ(zero.v[0], 0x6627e8d5u);
  EXPECT_EQ(zero.v[3], 0x9b00dbd8u);
  const Philox ones = philox4x32({{~0u, ~0u, ~0u, ~0u}}, ~0u, ~0u);
  EXPECT_EQ(ones.v[0], 0x408f276du);
  EXPECT_EQ(ones.v[3], 0x6d5451fdu);
}

TEST(Normal, HasMeanZeroAndVarianceOne) {
  double sum = 0, squares = 0;
  constexpr int quads = 50000;
  for (int i = 0; i < quads; ++i) {
    float four[4];
    four_normals(static_cast<std::uint64_t>(i), 5, four);
    for (const float x : four) {
      sum += x;
      squares += double{x} * x;
    }
  }
  EXPECT_NEAR(sum / (4 * quads), 0, 0.01);
  EXPECT_NEAR(squares / (4 * quads), 1, 0.02);
}

TEST(DeviceCode, SumsAndMaximaOfABlock) {
  for (const unsigned threads : {32u, 96u}) {
    std::vector<float> sums(threads), maxima(threads);
    emulate({}, threads, [&] {
      const float mine = static_cast<float>(threadIdx.x) - 40;
      // Two of each in a row: the second must not spoil the first.
      const float sum = block_sum(mine), twice = block_sum(2 * mine);
      const float max = block_max(mine), negative = block_max(-mine);
      sums[threadIdx.x] = twice - sum;
      maxima[threadIdx.x] = negative == 40 ? max : NAN;
    });
    const float sum = static_cast<float>(threads) * (static_cast<float>(threads) - 1) / 2 -
                      40 * static_cast<float>(threads);
    for (unsigned t = 0; t < threads; ++t) {
      EXPECT_EQ(sums[t], sum);
      EXPECT_EQ(maxima[t], static_cast<float>(threads) - 41);
    }
  }
}

/// Rows of `hidden` over `threads`, some of which have no pack in the last round.
template <bool CENTERED> void norm_agrees() {
  constexpr std::size_t rows = 5, hidden = 808; // 101 packs over 64 threads
  constexpr unsigned threads = 64;
  Buffer<Bf16> x = normals<Bf16>(rows * hidden, 1, 3), weight = normals<Bf16>(hidden, 2),
               bias = normals<Bf16>(hidden, 3), dy = normals<Bf16>(rows * hidden, 4),
               y(rows * hidden), dx(rows * hidden), dw(hidden), db(hidden);
  std::vector<float> mean(rows), rstd(rows);
  for (std::size_t i = 0; i < rows * hidden; ++i) x[i] = from_float<Bf16>(to_float(x[i]) + 1);
  emulate({rows}, threads, [&] {
    norm_forward_kernel<Bf16, 2, CENTERED>(x.data(), weight.data(), bias.data(), y.data(),
                                           mean.data(), rstd.data(), hidden, 1e-5f);
  });
  constexpr unsigned blocks = 2;
  std::vector<float> partial_weight(blocks * hidden), partial_bias(blocks * hidden);
  emulate({blocks}, threads, [&] {
    norm_backward_kernel<Bf16, 2, CENTERED>(x.data(), weight.data(), dy.data(), mean.data(),
                                            rstd.data(), dx.data(), partial_weight.data(),
                                            partial_bias.data(), rows, hidden);
  });
  emulate({(hidden + 31) / 32}, 256,
          [&] { column_sum_kernel(partial_weight.data(), dw.data(), blocks, hidden); });
  if (CENTERED)
    emulate({(hidden + 31) / 32}, 256,
            [&] { column_sum_kernel(partial_bias.data(), db.data(), blocks, hidden); });

  const Values w = values(weight, 0, hidden);
  const Values b = CENTERED ? values(bias, 0, hidden) : Values{};
  Values expected_dw(hidden), expected_db(hidden);
  for (std::size_t row = 0; row < rows; ++row) {
    const Values in = values(x, row * hidden, hidden), d = values(dy, row * hidden, hidden);
    const NormRow reference = norm_row(in, w, b, 1e-5);
    EXPECT_LT(relative_error(values(y, row * hidden, hidden), reference.y), bf16_rounding);
    EXPECT_NEAR(static_cast<double>(rstd[row]), reference.rstd, 1e-5);
    EXPECT_LT(relative_error(values(dx, row * hidden, hidden),
                             norm_backward_row(in, w, d, reference.mean, reference.rstd, CENTERED)),
              bf16_rounding);
    for (std::size_t i = 0; i < hidden; ++i) {
      expected_dw[i] += d[i] * (in[i] - reference.mean) * reference.rstd;
      expected_db[i] += d[i];
    }
  }
  EXPECT_LT(relative_error(values(dw, 0, hidden), expected_dw), bf16_rounding);
  if (CENTERED) {
    EXPECT_LT(relative_error(values(db, 0, hidden), expected_db), bf16_rounding);
  }
}

TEST(DeviceCode, RmsNorm) { norm_agrees<false>(); }
TEST(DeviceCode, LayerNorm) { norm_agrees<true>(); }

/// The gradient's formula itself, by differences of the forward pass.
TEST(References, NormGradientIsThatOfTheForwardPass) {
  const Values x{0.3, -1.2, 2.0, 0.7}, weight{1, 0.5, -2, 1.5}, bias{0.1, 0.2, 0.3, 0.4};
  const Values dy{1, -2, 0.5, 0.25};
  for (const Values& b : {bias, Values{}}) {
    const NormRow row = norm_row(x, weight, b, 1e-5);
    const Values dx = norm_backward_row(x, weight, dy, row.mean, row.rstd, !b.empty());
    for (std::size_t i = 0; i < x.size(); ++i) {
      constexpr double h = 1e-5;
      Values up = x, down = x;
      up[i] += h;
      down[i] -= h;
      const Values y1 = norm_row(up, weight, b, 1e-5).y, y0 = norm_row(down, weight, b, 1e-5).y;
      double slope = 0;
      for (std::size_t j = 0; j < x.size(); ++j) slope += dy[j] * (y1[j] - y0[j]) / (2 * h);
      EXPECT_NEAR(dx[i], slope, 1e-7);
    }
  }
}

TEST(DeviceCode, SoftmaxAndCrossEntropy) {
  constexpr std::size_t rows = 3, columns = 1032; // 129 packs over 64 threads
  constexpr unsigned threads = 64;
  Buffer<Bf16> x = normals<Bf16>(rows * columns, 7, 4), y(rows * columns), dx(rows * columns);
  const std::vector<int> labels{0, 1031, 500};
  std::vector<float> loss(rows), log_sum(rows);
  emulate({rows}, threads, [&] { softmax_kernel(x.data(), y.data(), columns); });
  emulate({rows}, threads, [&] {
    cross_entropy_forward_kernel(x.data(), labels.data(), loss.data(), log_sum.data(), columns);
  });
  emulate({rows}, threads, [&] {
    cross_entropy_backward_kernel(x.data(), labels.data(), log_sum.data(), dx.data(), columns,
                                  0.5f);
  });
  for (std::size_t row = 0; row < rows; ++row) {
    const Values in = values(x, row * columns, columns);
    EXPECT_LT(relative_error(values(y, row * columns, columns), softmax_row(in)), bf16_rounding);
    const auto label = static_cast<std::size_t>(labels[row]);
    EXPECT_NEAR(static_cast<double>(loss[row]), log_sum_exp(in) - in[label], 1e-5);
    EXPECT_LT(relative_error(values(dx, row * columns, columns),
                             cross_entropy_gradient_row(in, labels[row], 0.5)),
              bf16_rounding);
  }
}

TEST(DeviceCode, Elementwise) {
  constexpr std::size_t count = 8 * 77;
  Buffer<Bf16> a = normals<Bf16>(count, 1), b = normals<Bf16>(count, 2), out(count);
  Buffer<float> wide(count);
  const Values x = values(a, 0, count), y = values(b, 0, count);
  emulate({2}, 32, [&] { binary_kernel<Add>(a.data(), b.data(), out.data(), count / 8); });
  EXPECT_LT(relative_error(values(out, 0, count), add(x, y)), bf16_rounding);
  emulate({2}, 32, [&] { binary_kernel<SiluMul>(a.data(), b.data(), out.data(), count / 8); });
  EXPECT_LT(relative_error(values(out, 0, count), silu_mul(x, y)), bf16_rounding);
  emulate({2}, 32, [&] { unary_kernel<Gelu>(a.data(), out.data(), count / 8); });
  EXPECT_LT(relative_error(values(out, 0, count), gelu(x)), bf16_rounding);
  emulate({2}, 32, [&] { unary_kernel<Same>(a.data(), wide.data(), count / 8); });
  EXPECT_EQ(values(wide, 0, count), x);
  emulate({2}, 32, [&] { unary_kernel<Same>(wide.data(), out.data(), count / 8); });
  EXPECT_EQ(values(out, 0, count), x);
}

TEST(DeviceCode, Rope) {
  constexpr std::size_t tokens = 3, heads = 2, dim = 64, half = dim / 2;
  Buffer<Bf16> x = normals<Bf16>(tokens * heads * dim, 1), y(tokens * heads * dim);
  Buffer<float> cosine = normals<float>(tokens * half, 2), sine = normals<float>(tokens * half, 3);
  emulate({2}, 32,
          [&] { rope_kernel(x.data(), cosine.data(), sine.data(), y.data(), tokens, heads, dim); });
  for (std::size_t head = 0; head < tokens * heads; ++head) {
    const std::size_t token = head / heads;
    EXPECT_LT(
        relative_error(values(y, head * dim, dim),
                       rope_head(values(x, head * dim, dim), values(cosine, token * half, half),
                                 values(sine, token * half, half))),
        bf16_rounding);
  }
}

TEST(DeviceCode, Embedding) {
  constexpr std::size_t vocab = 11, hidden = 24;
  Buffer<Bf16> table = normals<Bf16>(vocab * hidden, 1), out(3 * hidden);
  const std::vector<int> ids{10, 0, 7};
  emulate({1}, 32, [&] { gather_kernel(table.data(), ids.data(), out.data(), 3, hidden); });
  for (std::size_t token = 0; token < ids.size(); ++token)
    EXPECT_EQ(values(out, token * hidden, hidden),
              values(table, static_cast<std::size_t>(ids[token]) * hidden, hidden));
}

TEST(DeviceCode, Adam) {
  constexpr std::size_t count = 80;
  Buffer<Bf16> gradient = normals<Bf16>(2 * count, 1), weight(2 * count);
  Buffer<float> master = normals<float>(2 * count, 2), first = normals<float>(2 * count, 3, 0.1f),
                second = normals<float>(2 * count, 4, 0.1f);
  for (std::size_t i = 0; i < 2 * count; ++i) second[i] = std::abs(second[i]);
  const Values g = values(gradient, 0, 2 * count), p = values(master, 0, 2 * count),
               m = values(first, 0, 2 * count), v = values(second, 0, 2 * count);
  std::vector<AdamTensor<Bf16>> tensors;
  for (const std::size_t at : {std::size_t{0}, count})
    tensors.push_back({gradient.data() + at, master.data() + at, first.data() + at,
                       second.data() + at, weight.data() + at});
  const std::vector<Chunk> chunks{{0, 64, 0}, {0, 16, 64}, {1, 80, 0}};
  const int t = 10;
  const AdamStep step{1e-3f,
                      0.9f,
                      0.95f,
                      1e-8f,
                      0.1f,
                      1 / (1 - std::pow(0.9f, static_cast<float>(t))),
                      1 / (1 - std::pow(0.95f, static_cast<float>(t)))};
  emulate({3}, 32, [&] { adam_kernel(tensors.data(), chunks.data(), step); });
  Values expected_p, expected_m, expected_v;
  for (std::size_t i = 0; i < 2 * count; ++i) {
    const AdamState next = adam_step({p[i], m[i], v[i]}, g[i], 1e-3, 0.9, 0.95, 1e-8, 0.1, t);
    expected_p.push_back(next.master);
    expected_m.push_back(next.first);
    expected_v.push_back(next.second);
  }
  EXPECT_LT(relative_error(values(master, 0, 2 * count), expected_p), fp32_rounding);
  EXPECT_LT(relative_error(values(first, 0, 2 * count), expected_m), fp32_rounding);
  EXPECT_LT(relative_error(values(second, 0, 2 * count), expected_v), fp32_rounding);
  EXPECT_LT(relative_error(values(weight, 0, 2 * count), expected_p), bf16_rounding);
}

TEST(DeviceCode, GradientNorm) {
  constexpr std::size_t count = 200;
  Buffer<Bf16> gradient = normals<Bf16>(count, 1);
  const std::vector<const Bf16*> tensors{gradient.data(), gradient.data() + 120};
  const std::vector<Chunk> chunks{{0, 64, 0}, {0, 56, 64}, {1, 80, 0}};
  std::vector<float> partial(3);
  float norm = 0;
  emulate({3}, 32, [&] { squares_kernel(tensors.data(), chunks.data(), partial.data()); });
  emulate({1}, 32, [&] { root_of_sum_kernel(partial.data(), 3, &norm); });
  double squares = 0;
  for (const double g : values(gradient, 0, count)) squares += g * g;
  EXPECT_NEAR(static_cast<double>(norm), std::sqrt(squares), 1e-4);
}

TEST(DeviceCode, GroupNorm) {
  // Groups of 10 channels: packs of 8 lie across their borders. 70 pixels: a tile and a bit.
  constexpr std::size_t images = 2, pixels = 70, channels = 80, groups = 8;
  Buffer<Bf16> x = normals<Bf16>(images * pixels * channels, 1, 2),
               weight = normals<Bf16>(channels, 2), bias = normals<Bf16>(channels, 3),
               y(images * pixels * channels);
  for (const unsigned threads : {7u, 20u, 50u}) { // fewer than packs, and several rows
    std::vector<float2> partial(images * 2 * groups);
    emulate({2, images}, threads,
            [&] { group_sums_kernel(x.data(), partial.data(), pixels, channels, groups); });
    const auto agrees = [&](bool silu) {
      for (std::size_t image = 0; image < images; ++image)
        EXPECT_LT(
            relative_error(values(y, image * pixels * channels, pixels * channels),
                           group_norm_image(values(x, image * pixels * channels, pixels * channels),
                                            values(weight, 0, channels), values(bias, 0, channels),
                                            channels, groups, 1e-5, silu)),
            bf16_rounding);
    };
    emulate({2, images}, threads, [&] {
      group_scale_kernel<Bf16, false>(x.data(), partial.data(), weight.data(), bias.data(),
                                      y.data(), pixels, channels, groups, 1e-5f);
    });
    agrees(false);
    emulate({2, images}, threads, [&] {
      group_scale_kernel<Bf16, true>(x.data(), partial.data(), weight.data(), bias.data(), y.data(),
                                     pixels, channels, groups, 1e-5f);
    });
    agrees(true);
  }
}

template <int DIM, int GROUP> void decode_agrees() {
  constexpr std::size_t dim = DIM, kv_heads = 2, page = 16, heads = kv_heads * GROUP;
  const std::vector<int> lengths{1, 75, 200}; // the first two leave pieces empty
  constexpr int pages = 13, piece = 64, splits = 4;
  // Pages in an order of their own.
  std::vector<int> table(lengths.size() * pages);
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<int>(i * 7 % table.size());
  const std::size_t cache_size = table.size() * kv_heads * page * dim;
  Buffer<Bf16> keys = normals<Bf16>(cache_size, 1), vals = normals<Bf16>(cache_size, 2),
               q = normals<Bf16>(lengths.size() * heads * dim, 3),
               out(lengths.size() * heads * dim);
  const float scale = 1 / std::sqrt(static_cast<float>(dim));
  const std::size_t pieces = lengths.size() * heads * splits;
  std::vector<float> partial_out(pieces * dim), partial_max(pieces), partial_sum(pieces);
  const PagedCache cache{table.data(), lengths.data(), kv_heads, pages, page};
  emulate({splits, kv_heads, static_cast<unsigned>(lengths.size())}, decode_threads, [&] {
    decode_pieces_kernel<Bf16, DIM, GROUP>(q.data(), keys.data(), vals.data(), cache, piece, scale,
                                           partial_out.data(), partial_max.data(),
                                           partial_sum.data());
  });
  emulate({heads, static_cast<unsigned>(lengths.size())}, DIM, [&] {
    decode_join_kernel<Bf16, DIM>(partial_out.data(), partial_max.data(), partial_sum.data(),
                                  out.data(), splits);
  });
  for (std::size_t s = 0; s < lengths.size(); ++s)
    for (std::size_t head = 0; head < heads; ++head) {
      Values k, v;
      for (std::size_t t = 0; t < static_cast<std::size_t>(lengths[s]); ++t) {
        const auto of = static_cast<std::size_t>(table[s * pages + t / page]);
        const std::size_t at = ((of * kv_heads + head / GROUP) * page + t % page) * dim;
        for (const double x : values(keys, at, dim)) k.push_back(x);
        for (const double x : values(vals, at, dim)) v.push_back(x);
      }
      const std::size_t at = (s * heads + head) * dim;
      EXPECT_LT(relative_error(values(out, at, dim),
                               attend(values(q, at, dim), k, v, static_cast<double>(scale))),
                bf16_rounding)
          << "sequence " << s << " head " << head;
    }
}

TEST(DeviceCode, DecodeAttention) {
  decode_agrees<128, 4>();
  decode_agrees<64, 1>();
}

/// The check of products, whose layouts are those of kernels/gemm.cu: A of m x k in rows or
/// columns, B of k x n in columns (tn) or rows.
TEST(DeviceCode, SampledProducts) {
  constexpr std::int64_t m = 5, n = 7, k = 300;
  Buffer<Bf16> a = normals<Bf16>(m * k, 1), b = normals<Bf16>(k * n, 2);
  for (const bool by_columns : {false, true}) {
    const std::int64_t a_row = by_columns ? 1 : k, a_column = by_columns ? m : 1;
    const std::int64_t b_row = by_columns ? 1 : n, b_column = by_columns ? k : 1;
    Buffer<float> c(m * n);
    double norm = 0;
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (std::int64_t l = 0; l < k; ++l)
          sum += static_cast<double>(to_float(a[i * a_row + l * a_column])) *
                 static_cast<double>(to_float(b[l * b_row + j * b_column]));
        c[i * n + j] = static_cast<float>(sum);
        norm += sum * sum;
      }
    const View left{a.data(), Format::bf16, m, k, a_row, a_column};
    const View right{b.data(), Format::bf16, k, n, b_row, b_column};
    const View out{c.data(), Format::fp32, m, n, n, 1};
    const auto squares = [&](unsigned blocks, bool all) {
      std::vector<double> both(2 * blocks);
      emulate({blocks}, 64, [&] { sampled_product_kernel(left, right, out, 9, all, both.data()); });
      std::pair<double, double> sums{0, 0};
      for (unsigned i = 0; i < blocks; ++i) {
        sums.first += both[2 * i];
        sums.second += both[2 * i + 1];
      }
      return sums;
    };
    EXPECT_NEAR(squares(m * n, true).second, norm, 1e-9 * norm);
    EXPECT_LT(squares(m * n, true).first, 1e-12 * norm);
    EXPECT_LT(squares(20, false).first, 1e-12 * norm);
    c[17] += 1; // one wrong element is seen where all are looked at
    EXPECT_NEAR(squares(m * n, true).first, 1, 1e-4);
  }
}

TEST(DeviceCode, SquaresAndRunsOfElements) {
  Buffer<Bf16> x = normals<Bf16>(1000, 1);
  std::vector<double> partial(3);
  emulate({3}, 64, [&] { sum_of_squares_kernel(x.data(), Format::bf16, 1000, partial.data()); });
  double expected = 0;
  for (const double v : values(x, 0, 1000)) expected += v * v;
  EXPECT_NEAR(partial[0] + partial[1] + partial[2], expected, 1e-9 * expected);
  std::vector<std::uint16_t> runs(3 * 4);
  emulate({2}, 32, [&] {
    gather_runs_kernel(reinterpret_cast<const std::uint16_t*>(x.data()), 10, 100, 3, 4,
                       runs.data());
  });
  for (std::size_t run = 0; run < 4; ++run)
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(runs[run * 3 + i], x[10 + 100 * run + i].bits);
}

} // namespace
} // namespace windtunnel::calibration
