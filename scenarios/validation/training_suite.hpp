// The suite "training": measured training steps against the step model.
//
// Columns: those of the carried data/training.csv (source, model_name, dimensions, gpu, n_gpus,
// gpus_per_node, interconnect, dtype, tp .. cp, sharding, act_recompute, micro_batch, global_batch,
// tokens_per_s_per_gpu, step_time_s, images_per_s, tflops_per_gpu). Needed: source, gpu, n_gpus,
// global_batch and one of the measured columns.
//
// Rules for blank cells, in this order:
//  model       dimensions from the columns; else from the catalog's model of that name (words such
//              as "(MLPerf)", "LoRA", "pretraining" aside); else heads of 128, 4 x hidden FFN
//              (8/3 x hidden when gated), MHA, vocabulary 51,200
//  dtype       bf16 (int8 and "mixed" names too; nvfp4 is taken as fp4)
//  tp pp ep cp vpp   1; dp follows from the GPUs
//  sharding    fsdp when the plan has no tp or pp and fits no other way, else zero1
//  recompute   none, or the least that fits in memory
//  micro_batch the largest power of two that divides the batch of one replica and fits, up to 16
//  plan        a language model that does not fit at tp = pp = 1 with both blank: the smallest tp
//  in
//              a domain, then pp, that fits
//  stack       fsdp where sharding is fsdp; megatron-2021 (no flash attention) for models without
//              gated MLP on Ampere or older; else megatron-core
//  fabric      parsed from the text ("8x400G IB", "800 Gb/s per node", "NVL72"); when it says
//              nothing: the usual machine of the GPU (A100 8 x 200, H100 and H200 8 x 400, B200 and
//              B300 8 x 400, GB200 and GB300 NVL72 with 4 x 400 a node of 4; InfiniBand)
// A row whose plan breaks the rules of the step model is refused with that reason.
#pragma once

#include "scenarios/validation/csv.hpp"
#include "scenarios/validation/validation.hpp"

namespace windtunnel::scenarios {

ValidationResult validate_training(const CsvTable& table, const catalog::Catalog& catalog);

} // namespace windtunnel::scenarios
