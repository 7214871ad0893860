// Convolutions of images by cuDNN, channels last.
#include <memory>

#include "../cudnn_graph.hpp"
#include "../subject.hpp"
#include "fetch.hpp"

namespace windtunnel::calibration {
namespace {

constexpr std::size_t workspace_limit = std::size_t{1} << 30;
constexpr std::size_t size_of_bf16 = 2;

struct Layer {
  std::int64_t batch, height, width, in, out, kernel, stride;
  std::int64_t padding() const { return kernel / 2; }
  std::int64_t out_height() const { return (height + 2 * padding() - kernel) / stride + 1; }
  std::int64_t out_width() const { return (width + 2 * padding() - kernel) / stride + 1; }
  std::int64_t images() const { return batch * height * width * in; }
  std::int64_t filters() const { return out * kernel * kernel * in; }
  std::int64_t results() const { return batch * out_height() * out_width() * out; }
};

/// x of [image][y][x][in], w of [out][r][s][in], y of [image][y][x][out], of each set.
struct Convolution {
  Layer layer;
  CudnnGraph graph;
  std::vector<void*> x, w, y;
};

/// `count` elements that lie `step` apart.
Values fetch_column(Device& device, const void* data, std::int64_t begin, std::int64_t step,
                    std::int64_t count) {
  return fetch_strided(device, data, "bf16", begin, step, 1, count);
}

double dot(const Values& a, const Values& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// A few results, at corners and inside.
double forward_error(const Convolution& c, Device& device) {
  const Layer& l = c.layer;
  Values got, expected;
  for (const std::int64_t at : sampled(l.results(), 12)) {
    const std::int64_t k = at % l.out, ox = at / l.out % l.out_width();
    const std::int64_t oy = at / l.out / l.out_width() % l.out_height();
    const std::int64_t image = at / l.out / l.out_width() / l.out_height();
    double sum = 0;
    for (std::int64_t r = 0; r < l.kernel; ++r)
      for (std::int64_t s = 0; s < l.kernel; ++s) {
        const std::int64_t y = oy * l.stride + r - l.padding(), x = ox * l.stride + s - l.padding();
        if (y < 0 || y >= l.height || x < 0 || x >= l.width) continue;
        sum +=
            dot(fetch(device, c.x[0], "bf16", ((image * l.height + y) * l.width + x) * l.in, l.in),
                fetch(device, c.w[0], "bf16", ((k * l.kernel + r) * l.kernel + s) * l.in, l.in));
      }
    append(got, fetch(device, c.y[0], "bf16", at, 1));
    expected.push_back(sum);
  }
  return relative_error(got, expected);
}

double data_error(const Convolution& c, Device& device) {
  const Layer& l = c.layer;
  Values got, expected;
  for (const std::int64_t at : sampled(l.images(), 12)) {
    const std::int64_t channel = at % l.in, x = at / l.in % l.width;
    const std::int64_t y = at / l.in / l.width % l.height, image = at / l.in / l.width / l.height;
    double sum = 0;
    for (std::int64_t r = 0; r < l.kernel; ++r)
      for (std::int64_t s = 0; s < l.kernel; ++s) {
        const std::int64_t down = y + l.padding() - r, right = x + l.padding() - s;
        if (down < 0 || right < 0 || down % l.stride != 0 || right % l.stride != 0) continue;
        const std::int64_t oy = down / l.stride, ox = right / l.stride;
        if (oy >= l.out_height() || ox >= l.out_width()) continue;
        sum += dot(fetch(device, c.y[0], "bf16",
                         ((image * l.out_height() + oy) * l.out_width() + ox) * l.out, l.out),
                   fetch_column(device, c.w[0], (r * l.kernel + s) * l.in + channel,
                                l.kernel * l.kernel * l.in, l.out));
      }
    append(got, fetch(device, c.x[0], "bf16", at, 1));
    expected.push_back(sum);
  }
  return relative_error(got, expected);
}

double filter_error(const Convolution& c, Device& device) {
  const Layer& l = c.layer;
  const std::int64_t pixels = l.batch * l.height * l.width;
  const std::int64_t out_pixels = l.batch * l.out_height() * l.out_width();
  Values got, expected;
  for (const std::int64_t at : sampled(l.filters(), 3)) {
    const std::int64_t channel = at % l.in, s = at / l.in % l.kernel;
    const std::int64_t r = at / l.in / l.kernel % l.kernel, k = at / l.in / l.kernel / l.kernel;
    const Values x = fetch_column(device, c.x[0], channel, l.in, pixels);
    const Values dy = fetch_column(device, c.y[0], k, l.out, out_pixels);
    double sum = 0;
    for (std::int64_t i = 0; i < out_pixels; ++i) {
      const std::int64_t image = i / l.out_width() / l.out_height();
      const std::int64_t down = i / l.out_width() % l.out_height() * l.stride + r - l.padding();
      const std::int64_t right = i % l.out_width() * l.stride + s - l.padding();
      if (down < 0 || down >= l.height || right < 0 || right >= l.width) continue;
      sum += dy[static_cast<std::size_t>(i)] *
             x[static_cast<std::size_t>((image * l.height + down) * l.width + right)];
    }
    append(got, fetch(device, c.w[0], "bf16", at, 1));
    expected.push_back(sum);
  }
  return relative_error(got, expected);
}

} // namespace

Subject prepare_convolution(const Case& c, Device& device) {
  const auto conv = std::make_shared<Convolution>();
  conv->layer = {c.at("batch"), c.at("height"), c.at("width"), c.at("in"),
                 c.at("out"),   c.at("kernel"), c.at("stride")};
  const Layer& l = conv->layer;
  const bool forward = c.variant == "forward", data = c.variant == "backward_data";
  const CudnnGraph::Convolution kind = forward ? CudnnGraph::Convolution::forward
                                       : data  ? CudnnGraph::Convolution::backward_data
                                               : CudnnGraph::Convolution::backward_filter;
  const auto channels_last = [](std::int64_t c1, std::int64_t h, std::int64_t w) {
    return Dims{h * w * c1, 1, w * c1, c1};
  };
  CudnnGraph& graph = conv->graph;
  const auto x = graph.tensor(CUDNN_DATA_BFLOAT16, {l.batch, l.in, l.height, l.width},
                              channels_last(l.in, l.height, l.width));
  const auto w = graph.tensor(CUDNN_DATA_BFLOAT16, {l.out, l.in, l.kernel, l.kernel},
                              channels_last(l.in, l.kernel, l.kernel));
  const auto y = graph.tensor(CUDNN_DATA_BFLOAT16, {l.batch, l.out, l.out_height(), l.out_width()},
                              channels_last(l.out, l.out_height(), l.out_width()));
  graph.convolution(kind, x, w, y, l.padding(), l.stride);
  const cudnnHandle_t handle = cudnn_handle(device);
  graph.build(handle, workspace_limit);
  void* const workspace = device.allocate(graph.workspace());

  Subject subject;
  subject.set_bytes =
      static_cast<std::size_t>(l.images() + l.filters() + l.results()) * size_of_bf16;
  subject.sets = device.sets_for(c, subject.set_bytes);
  const auto filled = [&](std::int64_t count, std::uint64_t seed, bool written) {
    const auto n = static_cast<std::size_t>(count);
    void* const buffer = device.allocate(n * size_of_bf16);
    if (written)
      device.poison(buffer, n * size_of_bf16);
    else
      device.fill_normal(buffer, n, "bf16", seed);
    return buffer;
  };
  for (int set = 0; set < subject.sets; ++set) {
    const auto seed = static_cast<std::uint64_t>(3 * set);
    conv->x.push_back(filled(l.images(), seed, data));
    conv->w.push_back(filled(l.filters(), seed + 1, !forward && !data));
    conv->y.push_back(filled(l.results(), seed + 2, forward));
    graph.bind({{x, conv->x.back()}, {w, conv->w.back()}, {y, conv->y.back()}}, workspace);
  }
  subject.launch = [conv, handle](cudaStream_t, int set) { conv->graph.execute(handle, set); };
  subject.error = [=, &device] {
    return forward ? forward_error(*conv, device)
           : data  ? data_error(*conv, device)
                   : filter_error(*conv, device);
  };
  subject.tolerance = 1e-2;
  subject.algorithm = graph.algorithm();
  return subject;
}

} // namespace windtunnel::calibration
