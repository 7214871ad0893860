// Small scenarios for the laws: every price is the user's, so that all can be scaled.
#pragma once

#include <string>

#include "scenarios/read_scenario.hpp"

namespace windtunnel::scenarios {

/// A pool of four H100 nodes; a job of 8 B parameters on the first.
inline const char* const one_job = R"({
  "name": "law", "region": "us-east-1",
  "cluster": {
    "controlPlane": {"kind": "eks", "price": "$0.10/h"},
    "nodePools": [
      {"name": "a", "instanceType": "p5.48xlarge", "count": 4, "spares": 1,
       "purchase": {"kind": "on-demand", "price": "$55.04/h"}}
    ],
    "storage": [
      {"name": "disk", "kind": "fsx-lustre", "tier": "persistent-250", "capacity": "12TiB",
       "pricePerGBMonth": "$0.21"},
      {"name": "bucket", "kind": "s3", "pricePerGBMonth": "$0.023"}
    ]
  },
  "workloads": [
    {"kind": "TrainingJob", "name": "first", "model": "llama-3.1-8b", "nodePool": "a",
     "tokens": 26843545600, "sequenceLength": 8192, "globalBatch": 128,
     "plan": {"tensor": 2, "recompute": "selective"},
     "checkpoint": {"every": "1h", "to": "disk", "mode": "async"}}
  ],
  "failures": {"profile": "llama3-h100", "rateMultiplier": 40, "prior": false},
  "run": {"replications": 20, "seed": 5}
})";

inline json::Document law_document(const std::vector<Setting>& settings = {}) {
  json::Document document = json::parse(one_job, "law");
  for (const auto& [pointer, value] : settings) document = json::set(document, pointer, value);
  return document;
}

inline Scenario law_scenario(const std::vector<Setting>& settings = {}) {
  return json::read(law_document(settings), "scenario", read_scenario);
}

/// A second job like the first, by another name, on `pool`.
inline Setting second_job(const std::string& pool, const std::string& nodes = "null") {
  return {"/workloads/-", R"({"kind": "TrainingJob", "name": "second", "model": "llama-3.1-8b",
      "nodePool": ")" + pool + R"(", "nodes": )" +
                              nodes + R"(,
      "tokens": 26843545600, "sequenceLength": 8192, "globalBatch": 128,
      "plan": {"tensor": 2, "recompute": "selective"},
      "checkpoint": {"every": "30m", "to": "bucket"}})"};
}

} // namespace windtunnel::scenarios
