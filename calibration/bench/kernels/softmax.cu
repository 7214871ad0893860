// Softmax and the cross-entropy of a language model's head.
#include <memory>

#include "../subject.hpp"
#include "fetch.hpp"
#include "softmax_kernels.cuh"

namespace windtunnel::calibration {
namespace {

using Element = __nv_bfloat16;

/// Rows of logits in rotation.
struct Rows {
  std::int64_t rows = 0;
  int columns = 0;
  unsigned threads = 0;
  std::vector<void*> in, out;
  int* labels = nullptr;
  float *loss = nullptr, *log_sum = nullptr;
  std::vector<int> host_labels;

  const Element* from(int set) const {
    return static_cast<Element*>(in[static_cast<std::size_t>(set)]);
  }
  Element* to(int set) const { return static_cast<Element*>(out[static_cast<std::size_t>(set)]); }
};

std::shared_ptr<Rows> make_rows(const Case& c, Device& device, const char* columns, bool writes,
                                Subject& subject) {
  auto r = std::make_shared<Rows>();
  r->rows = c.at("rows");
  r->columns = static_cast<int>(c.at(columns));
  if (r->columns % Pack<Element>::size != 0)
    throw Unsupported("a row must be a multiple of 8 long");
  r->threads = threads_for(r->columns / Pack<Element>::size, softmax_threads);
  const auto rows = static_cast<std::size_t>(r->rows);
  for (std::size_t i = 0; i < rows; ++i) // any labels, spread over the vocabulary
    r->host_labels.push_back(static_cast<int>(i * 7919 % static_cast<std::size_t>(r->columns)));
  r->labels = upload(device, r->host_labels);
  r->loss = device.allocate_of<float>(rows);
  r->log_sum = device.allocate_of<float>(rows);
  const std::size_t count = rows * static_cast<std::size_t>(r->columns);
  subject.set_bytes = (writes ? 2 : 1) * count * sizeof(Element);
  subject.sets = device.sets_for(c, subject.set_bytes);
  r->in = buffers(device, subject.sets, count * sizeof(Element));
  if (writes) r->out = buffers(device, subject.sets, count * sizeof(Element));
  for (std::size_t set = 0; set < r->in.size(); ++set) {
    device.fill_normal(r->in[set], count, "bf16", set, 2);
    if (writes) device.poison(r->out[set], count * sizeof(Element));
  }
  device.poison(r->loss, rows * sizeof(float));
  return r;
}

} // namespace

Subject prepare_softmax(const Case& c, Device& device) {
  Subject subject;
  const auto r = make_rows(c, device, "columns", true, subject);
  subject.launch = [r](cudaStream_t stream, int set) {
    softmax_kernel<<<static_cast<unsigned>(r->rows), r->threads, 0, stream>>>(
        r->from(set), r->to(set), r->columns);
    WT_CHECK_LAUNCH();
  };
  subject.error = [r, &device] {
    Values got, expected;
    for (const std::int64_t row : sampled(r->rows)) {
      const std::int64_t at = row * r->columns;
      append(got, fetch(device, r->to(0), "bf16", at, r->columns));
      append(expected, softmax_row(fetch(device, r->from(0), "bf16", at, r->columns)));
    }
    return relative_error(got, expected);
  };
  subject.tolerance = bf16_tolerance;
  subject.algorithm = "own: block a row, two passes";
  return subject;
}

Subject prepare_cross_entropy(const Case& c, Device& device) {
  Subject subject;
  const bool back = c.variant == "backward";
  const auto r = make_rows(c, device, "vocab", back, subject);
  const float scale = 1 / static_cast<float>(r->rows);
  const auto forward = [r](cudaStream_t stream, int set) {
    cross_entropy_forward_kernel<<<static_cast<unsigned>(r->rows), r->threads, 0, stream>>>(
        r->from(set), r->labels, r->loss, r->log_sum, r->columns);
    WT_CHECK_LAUNCH();
  };
  if (back) forward(device.stream(), 0); // leaves the sums the backward pass reads
  subject.launch = [r, back, scale, forward](cudaStream_t stream, int set) {
    if (!back) return forward(stream, set);
    cross_entropy_backward_kernel<<<static_cast<unsigned>(r->rows), r->threads, 0, stream>>>(
        r->from(set), r->labels, r->log_sum, r->to(set), r->columns, scale);
    WT_CHECK_LAUNCH();
  };
  subject.error = [r, back, scale, &device] {
    Values got, expected;
    for (const std::int64_t row : sampled(r->rows)) {
      const std::int64_t at = row * r->columns;
      const int label = r->host_labels[static_cast<std::size_t>(row)];
      const Values logits = fetch(device, r->from(0), "bf16", at, r->columns);
      if (back) {
        append(got, fetch(device, r->to(0), "bf16", at, r->columns));
        append(expected, cross_entropy_gradient_row(logits, label, static_cast<double>(scale)));
      } else {
        append(got, fetch(device, r->loss, "fp32", row, 1));
        expected.push_back(log_sum_exp(logits) - logits[static_cast<std::size_t>(label)]);
      }
    }
    return relative_error(got, expected);
  };
  subject.tolerance = back ? bf16_tolerance : fp32_tolerance;
  subject.algorithm = back ? "own: block a row" : "own: block a row, one pass";
  return subject;
}

} // namespace windtunnel::calibration
