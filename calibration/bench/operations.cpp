#include <array>
#include <string_view>
#include <utility>

#include "subject.hpp"

namespace windtunnel::calibration {

Prepare preparer_of(const std::string& op) {
  static constexpr std::array<std::pair<std::string_view, Prepare>, 22> operations{{
      {"copy_ceiling", prepare_copy_ceiling},
      {"matrix_ceiling", prepare_gemm},
      {"launch", prepare_launch},
      {"memcpy", prepare_memcpy},
      {"gemm", prepare_gemm},
      {"grouped_gemm", prepare_grouped_gemm},
      {"attention_forward", prepare_attention_forward},
      {"attention_backward", prepare_attention_backward},
      {"decode_attention", prepare_decode_attention},
      {"rmsnorm", prepare_norm},
      {"layernorm", prepare_norm},
      {"softmax", prepare_softmax},
      {"cross_entropy", prepare_cross_entropy},
      {"rope", prepare_rope},
      {"elementwise", prepare_elementwise},
      {"embedding", prepare_embedding},
      {"adam", prepare_adam},
      {"grad_norm", prepare_grad_norm},
      {"convolution", prepare_convolution},
      {"group_norm", prepare_group_norm},
      {"overlap", prepare_overlap},
      {"collective", prepare_collective},
  }};
  for (const auto& [name, prepare] : operations)
    if (name == op) return prepare;
  return nullptr;
}

} // namespace windtunnel::calibration
