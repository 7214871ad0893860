// A Fabric from the words people use: "8x400G IB", "4x200G HDR IB (800 Gb/s per node)", "RoCE 1600
// Gb/s per node", "4x OPA 100G", "NVLink single node", "GB200 NVL72", "DGX-H100".
//
// Rules: an explicit rate per node wins; else N x R (N adapters of R Gb/s, those on a "Compute:"
// part where there are several; a single adapter of 8 GPUs is management and ignored); else the
// usual machine of the GPU. NVL72 (and GB200, GB300) joins 72 GPUs by NVLink. "OPA", "RoCE" and
// "Ethernet" (without InfiniBand beside it) name the kind; the rest is InfiniBand.
#pragma once

#include <string>

#include "models/network/fabric.hpp"

namespace windtunnel::network {

/// `gpu` is the catalog's name, `nvlink` per GPU with both directions added. `*assumed` becomes
/// true when the text does not give the network.
Fabric describe_fabric(const std::string& text, const std::string& gpu, Bandwidth nvlink,
                       int gpus_per_node, bool* assumed);

} // namespace windtunnel::network
