// The suite "training": measured training steps against the step model.
//
// Columns: those of the carried data/training.csv (source, model_name, dimensions, gpu, n_gpus,
// gpus_per_node, interconnect, dtype, tp .. cp, sharding, act_recompute, micro_batch, global_batch,
// tokens_per_s_per_gpu, step_time_s, images_per_s, tflops_per_gpu). Needed: source, gpu, n_gpus,
// global_batch and one of the measured columns.
//
// Cells are read as published_row.hpp says. Rules for blank ones, in this order:
//  model       dimensions from the columns; else from the catalog's model of that name; else, with
//              layers and hidden given, heads of 128, 4 x hidden FFN (8/3 x when gated), MHA,
//              vocabulary 51,200; else by size
//  gpus        dp x tp x pp x cp; 8 a node (4 for the Grace racks)
//  dtype       bf16
//  sequence    what rate, step time and batch leave; else the model's, 8,192 at most
//  batch       what rate and step time make; else 4M tokens
//  cp ep vpp   1; tp and pp: what dp leaves of the GPUs, tensor parallelism (in a domain) first;
//              without dp 1, and where that does not fit the smallest tp, then pp, that does
//  sharding    zero1; names with fsdp, hsdp or zero3 are fsdp, which under a pipeline is zero2
//  recompute   none, or the least that fits in memory
//  micro_batch the largest power of two that divides the batch of one replica and fits, up to 16;
//              under a pipeline at most what leaves four micro-batches a stage
//  stack       fsdp where sharding is fsdp, or zero2 without tp and pp, unless the source is NeMo's
//              or Megatron's own and the GPU newer than Ampere; megatron-2021 (no flash
//  attention) for models without
//              gated MLP on Ampere or older; else megatron-core
//  fabric      parsed from the text ("8x400G IB", "800 Gb/s per node", "NVL72"); when it says
//              nothing: the usual machine of the GPU (fabric_description.hpp)
// A batch that no whole number of micro-batches fills is scaled from the nearest that one does.
// A row whose plan breaks the rules of the step model is refused with that reason.
#pragma once

#include "libsim/base/csv_table.hpp"
#include "scenarios/validation/validation.hpp"

namespace windtunnel::scenarios {

ValidationResult validate_training(const CsvTable& table, const catalog::Catalog& catalog);

} // namespace windtunnel::scenarios
