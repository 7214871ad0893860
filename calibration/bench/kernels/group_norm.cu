// Group norm of images with channels last, alone and with SiLU.
#include <memory>

#include "../subject.hpp"
#include "fetch.hpp"
#include "group_norm_kernels.cuh"

namespace windtunnel::calibration {

Subject prepare_group_norm(const Case& c, Device& device) {
  using Element = __nv_bfloat16;
  constexpr float epsilon = 1e-5f;
  const int images = static_cast<int>(c.at("batch")), channels = static_cast<int>(c.at("channels"));
  const int groups = static_cast<int>(c.at("groups"));
  const int pixels = static_cast<int>(c.at("height") * c.at("width"));
  if (channels % Pack<Element>::size != 0 || channels % groups != 0 || groups > most_groups)
    throw Unsupported(
        "channels must be a multiple of 8 and of the groups, of which 64 are the most");
  const bool silu = c.variant == "forward_silu";
  const int packs = channels / Pack<Element>::size, columns = std::min(packs, 512);
  const auto threads = static_cast<unsigned>(512 / columns * columns);
  const dim3 grid(static_cast<unsigned>((pixels + pixels_in_tile - 1) / pixels_in_tile),
                  static_cast<unsigned>(images));

  const auto weight_count = static_cast<std::size_t>(channels);
  auto* const weight = device.allocate_of<Element>(weight_count);
  auto* const bias = device.allocate_of<Element>(weight_count);
  device.fill_normal(weight, weight_count, "bf16", 1);
  device.fill_normal(bias, weight_count, "bf16", 2);
  auto* const partial = device.allocate_of<float2>(grid.x * grid.y * static_cast<unsigned>(groups));
  const std::size_t count =
      static_cast<std::size_t>(images) * static_cast<std::size_t>(pixels) * weight_count;
  Subject subject;
  subject.set_bytes = 2 * count * sizeof(Element);
  subject.sets = device.sets_for(c, subject.set_bytes);
  const auto in =
      std::make_shared<std::vector<void*>>(buffers(device, subject.sets, count * sizeof(Element)));
  const auto out =
      std::make_shared<std::vector<void*>>(buffers(device, subject.sets, count * sizeof(Element)));
  for (std::size_t set = 0; set < in->size(); ++set) {
    device.fill_normal((*in)[set], count, "bf16", 10 + set);
    device.poison((*out)[set], count * sizeof(Element));
  }
  subject.launch = [=](cudaStream_t stream, int set) {
    const auto* const x = static_cast<const Element*>((*in)[static_cast<std::size_t>(set)]);
    auto* const y = static_cast<Element*>((*out)[static_cast<std::size_t>(set)]);
    group_sums_kernel<<<grid, threads, 0, stream>>>(x, partial, pixels, channels, groups);
    WT_CHECK_LAUNCH();
    if (silu)
      group_scale_kernel<Element, true><<<grid, threads, 0, stream>>>(
          x, partial, weight, bias, y, pixels, channels, groups, epsilon);
    else
      group_scale_kernel<Element, false><<<grid, threads, 0, stream>>>(
          x, partial, weight, bias, y, pixels, channels, groups, epsilon);
    WT_CHECK_LAUNCH();
  };
  subject.error = [=, &device] { // the last image whole
    const std::int64_t size = std::int64_t{pixels} * channels, at = (images - 1) * size;
    return relative_error(fetch(device, (*out)[0], "bf16", at, size),
                          group_norm_image(fetch(device, (*in)[0], "bf16", at, size),
                                           fetch(device, weight, "bf16", 0, channels),
                                           fetch(device, bias, "bf16", 0, channels), channels,
                                           groups, static_cast<double>(epsilon), silu));
  };
  subject.tolerance = bf16_tolerance;
  subject.algorithm = "own: sums over tiles, then scaled";
  return subject;
}

} // namespace windtunnel::calibration
