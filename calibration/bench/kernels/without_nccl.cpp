// In the place of the collectives where the suite was built without NCCL.
#include "../subject.hpp"

namespace windtunnel::calibration {

Subject prepare_collective(const Case&, Device&) { throw Unsupported("built without NCCL"); }

} // namespace windtunnel::calibration
