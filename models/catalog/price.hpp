// PriceRow: what one thing cost, where, how bought, and on which day; SpotAdvice: how often spot
// capacity is taken back.
//
// Prices are US dollars per `unit`, list prices for Linux, taxes and discounts left out. Several
// dated rows of one thing may stand side by side; Catalog::price() answers with the newest. A row
// whose price is known to be unknown is not a PriceRow: the lookup answers nullptr, and the reader
// of the scenario asks the user. provenance.method tells a published price from an estimate, and
// its note says what the estimate rests on.
//
// Items: an EC2 instance type ("p5.48xlarge") with purchase "on-demand", "spot" or
// "capacity-block"; services with an empty purchase: "eks-cluster-standard",
// "eks-cluster-extended", "fsx-lustre-scratch", "fsx-lustre-persistent-125" (-250, -500, -1000),
// "s3-standard", "s3-standard-put", "s3-standard-get", "ebs-gp3", "ebs-gp3-throughput",
// "ebs-gp3-iops", "ebs-io2", "ebs-io2-iops", "ebs-gp2", "ecr", "efs-standard", "nat-gateway",
// "nat-gateway-data", "transfer-inter-az", "transfer-internet", "transfer-other-region",
// "vpc-endpoint", "vpc-endpoint-data", "alb", "nlb", "cloudwatch-logs-ingestion" and others of
// data/prices.json. Regions are "us-east-1"; single zones, where prices differ between them (spot),
// are "us-east-1/use1-az2".
#pragma once

#include <string>

#include "libsim/base/units.hpp"
#include "models/catalog/provenance.hpp"

namespace windtunnel::catalog {

enum class PurchaseKind { on_demand, spot, capacity_block };
const char* to_string(PurchaseKind); ///< "on-demand", "spot", "capacity-block"

/// One dated price. `item` is an instance type for compute, else a service item such as
/// "eks-cluster", "fsx-lustre-persistent-250", "s3-standard", "ebs-gp3".
struct PriceRow {
  std::string item;
  std::string region;
  std::string purchase; ///< "on-demand", "spot", "capacity-block"; empty for services
  std::string unit;     ///< "instance-hour", "GB-month", "cluster-hour", "GB", "1000-requests"
  Money usd;            ///< per unit
  std::string date;     ///< ISO date the price was seen to hold
  Provenance provenance;
};

/// The Spot Instance Advisor's row: share of instances interrupted in the month before `date`, as
/// an interval, and the discount on the on-demand price over the same month.
struct SpotAdvice {
  std::string instance_type;
  std::string region;
  Ratio interruption_low{}, interruption_high{};
  Ratio savings{};
  std::string date;
  Provenance provenance;
};

} // namespace windtunnel::catalog
