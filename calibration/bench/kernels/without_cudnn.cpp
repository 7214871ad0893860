// In the place of what needs cuDNN where the suite was built without it.
#include "../subject.hpp"
#include "paged_decode.hpp"

namespace windtunnel::calibration {
namespace {
[[noreturn]] void refuse() { throw Unsupported("built without cuDNN"); }
} // namespace

Subject prepare_attention_forward(const Case&, Device&) { refuse(); }
Subject prepare_attention_backward(const Case&, Device&) { refuse(); }
Subject prepare_convolution(const Case&, Device&) { refuse(); }
void add_cudnn_launch(const std::shared_ptr<PagedDecode>&, Device&, Subject&) { refuse(); }

} // namespace windtunnel::calibration
