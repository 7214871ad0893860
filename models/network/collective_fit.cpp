#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

#include "libsim/json/reader.hpp"
#include "models/network/collective_table.hpp"
#include "models/network/network_data.hpp"

namespace windtunnel::network {
namespace {

/// What the fit moves in place of a parameter: a share's logit, so that none exceeds the data
/// sheet's rate, and any other's logarithm.
double free_of(double value, bool share) { return std::log(share ? value / (1 - value) : value); }
double value_of(double x, bool share) {
  const double e = std::exp(x);
  return share ? e / (1 + e) : e;
}

/// Of what the fit moves, for each parameter.
struct Prior {
  std::vector<double> mean, spread;
  std::vector<bool> share;
};
struct Priors {
  Prior link, network;
};

const Priors& priors() {
  static const Priors both =
      json::read(network_table("collective-priors.json"), "collective priors", [](json::Reader& r) {
        const auto read = [&r](const char* kind, const std::vector<std::string>& names) {
          Prior prior;
          r.object(kind, "Parameters.", [&](json::Reader& o) {
            for (const std::string& name : names)
              o.object(name, "One.", [&](json::Reader& p) {
                const bool share = name.ends_with("_share");
                const double value = p.number("value", {.min = 1e-6}, "Typical.");
                if (share && value >= 1) p.problem("value", "a share is below 1");
                const double spread = p.number("spread", {.min = 1e-3}, "Of its logarithm.");
                prior.share.push_back(share);
                prior.mean.push_back(free_of(value, share));
                prior.spread.push_back(share ? spread / (1 - value) : spread);
              });
          });
          return prior;
        };
        read_table_head(r, "collective-priors/1");
        Priors p;
        p.link = read("link", link_parameter_names());
        p.network = read("network", network_parameter_names());
        return p;
      });
  return both;
}

/// Classes that exist, those that lend to each other together.
const std::vector<std::vector<std::string>> link_families{
    {"nvlink-volta", "nvlink-ampere", "nvlink-hopper", "nvlink-blackwell", "xgmi-cdna3"},
    {"pcie-3", "pcie-4", "pcie-5", "pcie-6"}};
const std::vector<std::vector<std::string>> network_families{
    {"efa-rdma", "efa-sendrecv", "ib", "roce", "tcpxo"}, {"tcpx"}};

/// Maximises a posterior: Cauchy in the residuals, Gaussian in the parameters. What goes wrong with
/// a measurement (a host that launches late, a cold buffer) only ever adds time, for a source's
/// small sizes together: such rows must not count by how far they are off.
template <class Parameters, class Residual>
Parameters maximise(const Prior& prior, std::size_t rows, Residual&& residual) {
  constexpr double noise = 0.1; // half width of the logarithm of measured / predicted
  constexpr double step = 1e-4; // of the numerical derivative
  constexpr int rounds = 60;
  const auto count = static_cast<Eigen::Index>(prior.mean.size());
  const Eigen::Map<const Eigen::VectorXd> mean(prior.mean.data(), count),
      spread(prior.spread.data(), count);
  const auto parameters = [&](const Eigen::VectorXd& x) {
    Parameters p{};
    for (Eigen::Index i = 0; i < count; ++i)
      p[static_cast<std::size_t>(i)] = value_of(x[i], prior.share[static_cast<std::size_t>(i)]);
    return p;
  };
  const auto residuals = [&](const Eigen::VectorXd& x) {
    const Parameters p = parameters(x);
    Eigen::VectorXd r(static_cast<Eigen::Index>(rows));
    for (std::size_t i = 0; i < rows; ++i) r[static_cast<Eigen::Index>(i)] = residual(p, i);
    return r;
  };
  const auto cost = [&](const Eigen::VectorXd& x, const Eigen::VectorXd& r) {
    double sum = 0;
    for (const double e : r) sum += std::log1p(e * e / (noise * noise));
    return sum + ((x - mean).cwiseQuotient(spread)).squaredNorm() / 2;
  };
  Eigen::VectorXd x = mean, r = residuals(x);
  double now = cost(x, r), damping = 1e-2;
  for (int round = 0; round < rounds; ++round) {
    Eigen::MatrixXd jacobian(r.size(), count);
    for (Eigen::Index j = 0; j < count; ++j) {
      Eigen::VectorXd moved = x;
      moved[j] += step;
      jacobian.col(j) = (residuals(moved) - r) / step;
    }
    const Eigen::VectorXd weight =
        r.unaryExpr([=](double e) { return 2 / (noise * noise + e * e); });
    const Eigen::VectorXd precision = spread.cwiseAbs2().cwiseInverse();
    Eigen::MatrixXd hessian = jacobian.transpose() * weight.asDiagonal() * jacobian;
    hessian.diagonal() += precision;
    const Eigen::VectorXd gradient =
        jacobian.transpose() * weight.cwiseProduct(r) + precision.cwiseProduct(x - mean);
    bool better = false;
    double gained = 0;
    for (int tries = 0; tries < 8 && !better; ++tries) {
      Eigen::MatrixXd damped = hessian;
      damped.diagonal() *= 1 + damping;
      const Eigen::VectorXd candidate = x - damped.ldlt().solve(gradient);
      const Eigen::VectorXd there = residuals(candidate);
      const double then = cost(candidate, there);
      better = then < now;
      if (better) {
        gained = now - then;
        x = candidate;
        r = there;
        now = then;
        damping = std::max(damping / 4, 1e-6);
      } else {
        damping *= 4;
      }
    }
    if (!better || gained < 1e-6 * now) break;
  }
  return parameters(x);
}

using Samples = std::vector<const CollectiveSample*>;

template <class Parameters> using Classes = std::map<std::string, CurveClass<Parameters>>;

/// Mean of the logarithms over the other classes of `name`'s family that have rows.
template <class Parameters> Prior relatives(const Classes<Parameters>& fitted,
                                            const std::vector<std::string>& family,
                                            const std::string& name, Prior prior) {
  Prior sum = prior;
  std::fill(sum.mean.begin(), sum.mean.end(), 0.0);
  std::size_t known = 0;
  for (const std::string& other : family) {
    if (other == name || fitted.at(other).rows == 0) continue;
    ++known;
    for (std::size_t i = 0; i < sum.mean.size(); ++i)
      sum.mean[i] += free_of(fitted.at(other).parameters[i], prior.share[i]);
  }
  if (known == 0) return prior;
  for (double& m : sum.mean) m /= static_cast<double>(known);
  return sum;
}

template <class Parameters, class Predict>
Classes<Parameters> fit_classes(const std::vector<std::vector<std::string>>& families,
                                const Prior& generic, const std::map<std::string, Samples>& samples,
                                Predict&& predict) {
  static const Samples none;
  Classes<Parameters> fitted;
  const auto fit = [&](const std::string& name, const Prior& prior) {
    const auto found = samples.find(name);
    const Samples& rows = found == samples.end() ? none : found->second;
    std::set<std::string> sources;
    for (const CollectiveSample* s : rows) sources.insert(s->source);
    CurveClass<Parameters> one;
    one.rows = rows.size();
    one.sources = sources.size();
    one.parameters =
        maximise<Parameters>(prior, rows.size(), [&](const Parameters& p, std::size_t i) {
          return std::log(predict(*rows[i], p) / rows[i]->us);
        });
    return one;
  };
  for (const auto& family : families)
    for (const std::string& name : family) fitted[name] = fit(name, generic);
  const Classes<Parameters> first = fitted;
  for (const auto& family : families)
    for (const std::string& name : family)
      fitted[name] = fit(name, relatives(first, family, name, generic));
  return fitted;
}

} // namespace

CollectiveTable fit_collectives(std::span<const CollectiveSample> samples) {
  std::map<std::string, Samples> by_link, by_network;
  for (const CollectiveSample& s : samples) {
    if (s.call.domains == 1)
      by_link[s.system.link_class].push_back(&s);
    else if (s.system.fabric_known)
      by_network[s.system.network_class].push_back(&s);
  }
  CollectiveTable table;
  table.links =
      fit_classes<LinkParameters>(link_families, priors().link, by_link,
                                  [](const CollectiveSample& s, const LinkParameters& p) {
                                    return collective_us(s.system, p, {}, s.call, s.choice);
                                  });
  table.networks = fit_classes<NetworkParameters>(
      network_families, priors().network, by_network,
      [&](const CollectiveSample& s, const NetworkParameters& p) {
        return collective_us(s.system, table.links.at(s.system.link_class).parameters, p, s.call,
                             s.choice);
      });
  return table;
}

namespace {

using Ratios = std::map<std::string, std::array<std::vector<double>, 3>>;

std::array<RatioBand, 3> spreads(const std::array<std::vector<double>, 3>& ratios) {
  std::array<RatioBand, 3> bands;
  for (std::size_t i = 0; i < bands.size(); ++i) {
    std::vector<double> sorted = ratios[i];
    std::ranges::sort(sorted);
    const auto at = [&](double share) {
      return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
    };
    if (!sorted.empty()) bands[i] = {at(0.1), at(0.9)};
  }
  return bands;
}

/// Where a class was not measured it has the ratios of its family.
template <class Parameters> void set_bands(Classes<Parameters>& classes,
                                           const std::vector<std::vector<std::string>>& families,
                                           Ratios ratios) {
  for (const auto& family : families) {
    std::array<std::vector<double>, 3> all;
    for (const std::string& name : family)
      for (std::size_t i = 0; i < all.size(); ++i)
        all[i].insert(all[i].end(), ratios[name][i].begin(), ratios[name][i].end());
    for (const std::string& name : family) {
      std::array<std::vector<double>, 3> own = ratios[name];
      for (std::size_t i = 0; i < all.size(); ++i)
        if (own[i].empty()) own[i] = all[i];
      classes.at(name).bands = spreads(own);
    }
  }
}

std::size_t index_of(double bytes) { return static_cast<std::size_t>(size_band(bytes)); }

} // namespace

CollectiveTable fit_with_bands(std::span<const CollectiveSample> samples) {
  std::set<std::string> sources;
  for (const CollectiveSample& s : samples) sources.insert(s.source);
  Ratios links, networks;
  for (const std::string& source : sources) {
    std::vector<CollectiveSample> rest;
    std::ranges::copy_if(samples, std::back_inserter(rest),
                         [&](const CollectiveSample& s) { return s.source != source; });
    const CollectiveTable table = fit_collectives(rest);
    for (const CollectiveSample& s : samples) {
      if (s.source != source || (s.call.domains > 1 && !s.system.fabric_known)) continue;
      auto& of_class =
          s.call.domains == 1 ? links[s.system.link_class] : networks[s.system.network_class];
      of_class[index_of(s.call.bytes)].push_back(s.us / table.predicted_us(s));
    }
  }
  CollectiveTable table = fit_collectives(samples);
  set_bands(table.links, link_families, links);
  set_bands(table.networks, network_families, networks);
  return table;
}

namespace {

/// A class's curve as the prior, so that only what the samples contradict moves.
template <class Parameters>
Prior around(const CurveClass<Parameters>& known, const Prior& generic) {
  Prior prior = generic;
  for (std::size_t i = 0; i < prior.mean.size(); ++i) prior.mean[i] = std::log(known.parameters[i]);
  return prior;
}

CollectiveTable calibrated_parameters(const CollectiveTable& table,
                                      std::span<const CollectiveSample> samples) {
  CollectiveTable own = table;
  if (samples.empty()) return own;
  const CollectiveSystem& system = samples.front().system;
  auto& link = own.links.at(system.link_class);
  auto& network = own.networks.at(system.network_class);
  const bool spread = samples.front().call.domains > 1;
  const auto error = [&](std::size_t i, const LinkParameters& l, const NetworkParameters& n) {
    return std::log(collective_us(system, l, n, samples[i].call, samples[i].choice) /
                    samples[i].us);
  };
  if (spread)
    network.parameters = maximise<NetworkParameters>(
        around(network, priors().network), samples.size(),
        [&](const NetworkParameters& p, std::size_t i) { return error(i, link.parameters, p); });
  else
    link.parameters = maximise<LinkParameters>(
        around(link, priors().link), samples.size(),
        [&](const LinkParameters& p, std::size_t i) { return error(i, p, network.parameters); });
  return own;
}

} // namespace

std::vector<double> left_out_by_size(const CollectiveTable& table,
                                     std::span<const CollectiveSample> samples) {
  std::map<double, CollectiveTable> without;
  std::vector<double> ratios;
  for (const CollectiveSample& s : samples) {
    if (!without.contains(s.call.bytes)) {
      std::vector<CollectiveSample> rest;
      std::ranges::copy_if(samples, std::back_inserter(rest), [&](const CollectiveSample& other) {
        return other.call.bytes != s.call.bytes;
      });
      without.emplace(s.call.bytes, calibrated_parameters(table, rest));
    }
    ratios.push_back(s.us / without.at(s.call.bytes).predicted_us(s));
  }
  return ratios;
}

CollectiveTable calibrated(const CollectiveTable& table,
                           std::span<const CollectiveSample> samples) {
  CollectiveTable own = calibrated_parameters(table, samples);
  if (samples.empty()) return own;
  std::array<std::vector<double>, 3> ratios;
  const std::vector<double> each = left_out_by_size(table, samples);
  for (std::size_t i = 0; i < each.size(); ++i)
    ratios[index_of(samples[i].call.bytes)].push_back(each[i]);
  const std::array<RatioBand, 3> bands = spreads(ratios);
  const CollectiveSystem& system = samples.front().system;
  for (std::size_t i = 0; i < bands.size(); ++i) {
    if (ratios[i].empty()) continue; // the class's own band stays
    if (samples.front().call.domains > 1)
      own.networks.at(system.network_class).bands[i] = bands[i];
    else
      own.links.at(system.link_class).bands[i] = bands[i];
  }
  return own;
}

} // namespace windtunnel::network
