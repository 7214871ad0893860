// CollectiveTable: the fitted parameters of collective_curve.hpp, a row for each class of links and
// of networks, and the fit that makes them.
//
// Fit: the parameters' logarithms (shares' logits) have the greatest posterior, with Cauchy errors
// of log(predicted / measured), so that rows far off hardly count, and a Gaussian prior around what
// relatives have, so that what a class's rows do not tell is its relatives'. A class without rows
// is its relatives' mean, and so are two-source classes' rows that are held out. Relatives: links
// of the same kind (NVLink, PCIe), networks of the same kind (remote memory, staged through the
// host).
//
// The rows carried in data/collective-curves.json are of `windtunnel calibrate collectives`.
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "models/network/collective_curve.hpp"

namespace windtunnel::json {
class Reader;
}

namespace windtunnel::network {

/// One measured call.
struct CollectiveSample {
  std::string source;
  CollectiveSystem system;
  Call call;
  Choice choice;
  double us = 0;
};

/// Ranges of bytes that errors are told apart by: below 256 KiB, below 64 MiB, and above.
enum class SizeBand { small, middle, large };
SizeBand size_band(double bytes);
/// "lt256KiB", "256KiB-64MiB", "ge64MiB".
const char* to_string(SizeBand);

/// Where measured / predicted lies, the 10th and 90th percentile.
struct RatioBand {
  double low = 1, high = 1;
};

template <class Parameters> struct CurveClass {
  Parameters parameters{};
  std::array<RatioBand, 3> bands{}; ///< by SizeBand, of sources that were left out of the fit
  std::size_t rows = 0;             ///< fitted on; 0: its relatives' mean
  std::size_t sources = 0;          ///< that the rows come from
};

struct CollectiveTable {
  std::map<std::string, CurveClass<LinkParameters>> links;
  std::map<std::string, CurveClass<NetworkParameters>> networks;

  /// Throw ModelError for a class that the table lacks.
  const CurveClass<LinkParameters>& link(const std::string& name) const;
  const CurveClass<NetworkParameters>& network(const std::string& name) const;
  /// Of a sample's system and choice.
  double predicted_us(const CollectiveSample& sample) const;
};

/// The table that is carried.
const CollectiveTable& built_in_collective_table();
CollectiveTable read_collective_table(json::Reader& r);
std::string to_json(const CollectiveTable& table, const std::string& source,
                    const std::string& retrieved);

/// A table fitted on `samples`, without bands. Rows whose kind of network was assumed teach nothing
/// about networks.
CollectiveTable fit_collectives(std::span<const CollectiveSample> samples);
/// The same with bands: each source predicted by a fit without it.
CollectiveTable fit_with_bands(std::span<const CollectiveSample> samples);
/// `table` with the classes of `samples`, all of one machine, fitted to them; what they do not tell
/// stays. Bands are those of each size predicted without its own rows.
CollectiveTable calibrated(const CollectiveTable& table, std::span<const CollectiveSample> samples);
/// Measured / predicted of each sample, where samples of its size were left out of the calibration.
std::vector<double> left_out_by_size(const CollectiveTable& table,
                                     std::span<const CollectiveSample> samples);

} // namespace windtunnel::network
