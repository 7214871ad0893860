// Any bytes as a case for kube-scheduler and as a cluster whose pending pods are to be placed: read
// and decided. Only windtunnel::Error may come out.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "scenarios/decide/kube_scheduler.hpp"
#include "scenarios/decide/place_pods.hpp"
#include "scenarios/manifests/read_cluster.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace windtunnel;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const json::Document document = json::parse(text, "fuzz");
    json::Writer answer(0);
    answer.begin_object();
    scenarios::answer_kube_scheduler(json::Value(document), answer);
  } catch (const Error&) {
  }
  try {
    const json::Document document = json::parse(text, "fuzz");
    scenarios::place_pods(scenarios::read_cluster(json::Value(document)).objects, 0);
  } catch (const Error&) {
  }
  return 0;
}
