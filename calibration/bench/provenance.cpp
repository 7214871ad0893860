#include "provenance.hpp"

#include <dlfcn.h>

#include <array>
#include <ctime>

#ifdef WT_HAVE_CUDNN
#include <cudnn.h>
#endif
#ifdef WT_HAVE_NCCL
#include <nccl.h>
#endif

namespace windtunnel::calibration {

/// The functions of nvml.h that are used, by its documented signatures; its header is not part of
/// every toolkit. A status of 0 is success.
struct Nvml::Calls {
  void* library = nullptr;
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  int (*by_pci)(const char*, void**) = nullptr;
  int (*clock)(void*, int, unsigned*) = nullptr;
  int (*max_clock)(void*, int, unsigned*) = nullptr;
  int (*power)(void*, unsigned*) = nullptr;
  int (*power_limit)(void*, unsigned*) = nullptr;
  int (*temperature)(void*, int, unsigned*) = nullptr;
  int (*driver)(char*, unsigned) = nullptr;
};

namespace {
constexpr int sm_clock = 1, memory_clock = 2,
              gpu_sensor = 0; // NVML_CLOCK_SM, _MEM, TEMPERATURE_GPU
template <class F> void find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, name));
}
} // namespace

Nvml::Nvml(const Device& device) {
  void* const library = dlopen("libnvidia-ml.so.1", RTLD_NOW);
  if (!library) return;
  calls_ = new Calls;
  calls_->library = library;
  find(library, "nvmlInit_v2", calls_->init);
  find(library, "nvmlShutdown", calls_->shutdown);
  find(library, "nvmlDeviceGetHandleByPciBusId_v2", calls_->by_pci);
  find(library, "nvmlDeviceGetClockInfo", calls_->clock);
  find(library, "nvmlDeviceGetMaxClockInfo", calls_->max_clock);
  find(library, "nvmlDeviceGetPowerUsage", calls_->power);
  find(library, "nvmlDeviceGetEnforcedPowerLimit", calls_->power_limit);
  find(library, "nvmlDeviceGetTemperature", calls_->temperature);
  find(library, "nvmlSystemGetDriverVersion", calls_->driver);
  std::array<char, 32> bus{};
  WT_CHECK(cudaDeviceGetPCIBusId(bus.data(), static_cast<int>(bus.size()), device.index()));
  if (!calls_->init || !calls_->shutdown || !calls_->by_pci || calls_->init() != 0) {
    dlclose(library);
    delete calls_;
    calls_ = nullptr;
    return;
  }
  if (calls_->by_pci(bus.data(), &device_) != 0) device_ = nullptr;
}

Nvml::~Nvml() {
  if (!calls_) return;
  calls_->shutdown();
  dlclose(calls_->library);
  delete calls_;
}

Nvml::Reading Nvml::read() const {
  Reading reading;
  if (!device_) return reading;
  unsigned value = 0;
  if (calls_->clock && calls_->clock(device_, sm_clock, &value) == 0) reading.sm_clock_mhz = value;
  if (calls_->power && calls_->power(device_, &value) == 0) reading.power_w = value / 1e3;
  if (calls_->temperature && calls_->temperature(device_, gpu_sensor, &value) == 0)
    reading.temperature_c = value;
  return reading;
}

double Nvml::max_sm_clock_mhz() const {
  unsigned value = 0;
  return device_ && calls_->max_clock && calls_->max_clock(device_, sm_clock, &value) == 0 ? value
                                                                                           : 0;
}

double Nvml::max_memory_clock_mhz() const {
  unsigned value = 0;
  return device_ && calls_->max_clock && calls_->max_clock(device_, memory_clock, &value) == 0
             ? value
             : 0;
}

double Nvml::power_limit_w() const {
  unsigned value = 0;
  return device_ && calls_->power_limit && calls_->power_limit(device_, &value) == 0 ? value / 1e3
                                                                                     : 0;
}

std::string Nvml::driver() const {
  std::array<char, 96> text{};
  if (!calls_ || !calls_->driver ||
      calls_->driver(text.data(), static_cast<unsigned>(text.size() - 1)) != 0)
    return "";
  return text.data();
}

namespace {

std::string version_text(int version) { // 13000 -> 13.0
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string known(double value, const char* unit) {
  return value > 0 ? std::to_string(static_cast<long long>(value + 0.5)) + " " + unit : "unknown";
}

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

std::string cudnn_version() {
#ifdef WT_HAVE_CUDNN
  const std::size_t v = cudnnGetVersion();
  return std::to_string(v / 10000) + "." + std::to_string(v / 100 % 100) + "." +
         std::to_string(v % 100);
#else
  return "not built with it";
#endif
}

std::string nccl_version() {
#ifdef WT_HAVE_NCCL
  int v = 0;
  if (ncclGetVersion(&v) != ncclSuccess) return "unknown";
  return std::to_string(v / 10000) + "." + std::to_string(v / 100 % 100) + "." +
         std::to_string(v % 100);
#else
  return "not built with it";
#endif
}

} // namespace

Header header_of(const Device& device, const Nvml& nvml, const std::string& command_line) {
  const cudaDeviceProp& p = device.properties();
  int runtime = 0, driver_cuda = 0;
  WT_CHECK(cudaRuntimeGetVersion(&runtime));
  WT_CHECK(cudaDriverGetVersion(&driver_cuda));
  const std::size_t cublas = cublasLtGetVersion();
  const std::string driver = nvml.driver();
  return {{"schema", schema},
          {"gpu", p.name},
          {"compute_capability", std::to_string(p.major) + "." + std::to_string(p.minor)},
          {"sm_count", std::to_string(p.multiProcessorCount)},
          {"l2_bytes", std::to_string(p.l2CacheSize)},
          {"memory_bytes", std::to_string(p.totalGlobalMem)},
          {"max_sm_clock", known(nvml.max_sm_clock_mhz(), "MHz")},
          {"max_memory_clock", known(nvml.max_memory_clock_mhz(), "MHz")},
          {"power_limit", known(nvml.power_limit_w(), "W")},
          {"driver", driver.empty() ? "unknown" : driver},
          {"driver_cuda", version_text(driver_cuda)},
          {"cuda_runtime", version_text(runtime)},
          {"cublaslt", std::to_string(cublas / 10000) + "." + std::to_string(cublas / 100 % 100) +
                           "." + std::to_string(cublas % 100)},
          {"cudnn", cudnn_version()},
          {"nccl", nccl_version()},
          {"suite_commit", WT_SUITE_COMMIT},
          {"date", now_utc()},
          {"command", command_line}};
}

} // namespace windtunnel::calibration
