// DiffusionModel: an image model as training sees it: backbone size and its work per image.
//
// forward_flops is one pass of the backbone over one image at native_pixels, without
// classifier-free guidance (which doubles it), norms and activations left out; published figures
// that count multiply-adds are doubled in the data. Latents are channels x height x width.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libsim/base/units.hpp"
#include "models/catalog/provenance.hpp"

namespace windtunnel::catalog {

struct DiffusionModel {
  std::string name;
  std::vector<std::string> aliases; ///< other spellings the Catalog finds it by
  int native_pixels = 0;
  int latent_height = 0, latent_width = 0, latent_channels = 0;
  std::string backbone;  ///< "U-Net", "DiT", "MMDiT"
  double parameters = 0; ///< backbone
  Flops forward_flops{}; ///< backbone, batch 1, one pass (multiply-add = 2)
  std::string text_encoders;
  double text_encoder_parameters = 0;
  int text_tokens = 0;
  double vae_encoder_parameters = 0;
  double vae_decoder_parameters = 0;
  std::optional<Flops> vae_decode_flops;
  Provenance provenance;
};

} // namespace windtunnel::catalog
