// Where numbers come from: the machine, the libraries, and the GPU's clock, power and temperature
// while a case runs.
#pragma once

#include <string>

#include "device.hpp"
#include "raw_csv.hpp"

namespace windtunnel::calibration {

/// NVIDIA's management library, opened at run time; without it everything reads as 0, "not known".
class Nvml {
public:
  explicit Nvml(const Device&);
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  struct Reading {
    double sm_clock_mhz = 0, power_w = 0, temperature_c = 0;
  };
  Reading read() const;
  double max_sm_clock_mhz() const;
  double max_memory_clock_mhz() const;
  double power_limit_w() const;
  std::string driver() const; ///< "" when not known

private:
  struct Calls;
  Calls* calls_ = nullptr;
  void* device_ = nullptr;
};

/// The '#' lines of a new file.
Header header_of(const Device&, const Nvml&, const std::string& command_line);

} // namespace windtunnel::calibration
