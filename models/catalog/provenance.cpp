#include "models/catalog/provenance.hpp"

#include "models/catalog/price.hpp"

namespace windtunnel::catalog {

const char* to_string(Method method) {
  switch (method) {
  case Method::measured:
    return "measured";
  case Method::published:
    return "published";
  case Method::estimated:
    return "estimated";
  }
  return "";
}

const char* to_string(PurchaseKind kind) {
  switch (kind) {
  case PurchaseKind::on_demand:
    return "on-demand";
  case PurchaseKind::spot:
    return "spot";
  case PurchaseKind::capacity_block:
    return "capacity-block";
  }
  return "";
}

} // namespace windtunnel::catalog
