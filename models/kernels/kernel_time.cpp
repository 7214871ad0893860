#include "models/kernels/kernel_time.hpp"

namespace windtunnel::kernels {

const char* to_string(Basis basis) {
  switch (basis) {
  case Basis::exact:
    return "exact";
  case Basis::interpolated:
    return "interpolated";
  case Basis::extrapolated:
    return "extrapolated";
  case Basis::transferred:
    return "transferred";
  }
  return "?";
}

} // namespace windtunnel::kernels
