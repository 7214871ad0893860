// Reports as nested tuples and back, without loss: how they cross to another process. JSON is no
// carrier for them: money is whole nano-dollars, which a JSON number above $9M cannot hold.
//
// fields() takes each struct apart by structured binding, so that a field added to a report does
// not compile until it travels too.
#pragma once

#include <concepts>
#include <optional>
#include <tuple>
#include <type_traits>
#include <vector>

#include "python/bindings_impl.hpp"

#include "scenarios/plan.hpp"
#include "scenarios/report/report.hpp"
#include "scenarios/version.hpp"

namespace windtunnel::python {

template <class S, class T>
concept Is = std::same_as<std::remove_const_t<S>, T>;

template <Is<scenarios::Distribution> S> auto fields(S& s) {
  auto& [a, b, c, d, e, f] = s;
  return std::tie(a, b, c, d, e, f);
}
template <Is<scenarios::GoalResult> S> auto fields(S& s) {
  auto& [a, b, c] = s;
  return std::tie(a, b, c);
}
template <Is<scenarios::BillLine> S> auto fields(S& s) {
  auto& [a, b, c, d, e, f] = s;
  return std::tie(a, b, c, d, e, f);
}
template <Is<scenarios::WaterfallItem> S> auto fields(S& s) {
  auto& [a, b, c, d] = s;
  return std::tie(a, b, c, d);
}
template <Is<scenarios::ClassCount> S> auto fields(S& s) {
  auto& [a, b] = s;
  return std::tie(a, b);
}
template <Is<scenarios::Assumption> S> auto fields(S& s) {
  auto& [a, b, c, d, e, f] = s;
  return std::tie(a, b, c, d, e, f);
}
template <Is<scenarios::Series> S> auto fields(S& s) {
  auto& [a, b, c, d] = s;
  return std::tie(a, b, c, d);
}
template <Is<training::StepParts> S> auto fields(S& s) {
  auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = s;
  return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m);
}
template <Is<training::StepEstimate> S> auto fields(S& s) {
  auto& [a, b, c, d, e, f, g] = s;
  return std::tie(a, b, c, d, e, f, g);
}
template <Is<training::ParallelismPlan> S> auto fields(S& s) {
  auto& [a, b, c, d, e, f, g, h, i, j, k] = s;
  return std::tie(a, b, c, d, e, f, g, h, i, j, k);
}
template <Is<training::MemoryBreakdown> S> auto fields(S& s) {
  auto& [a, b, c, d, e, f, g, h] = s;
  return std::tie(a, b, c, d, e, f, g, h);
}
template <Is<training::MemoryVerdict> S> auto fields(S& s) {
  auto& [a, b, c, d, e, f] = s;
  return std::tie(a, b, c, d, e, f);
}
template <Is<scenarios::JobPlan> S> auto fields(S& s) {
  auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = s;
  return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m);
}
template <Is<scenarios::PlanReport> S> auto fields(S& s) {
  auto& [a, b, c, d, e, f] = s;
  return std::tie(a, b, c, d, e, f);
}
template <Is<scenarios::JobReport> S> auto fields(S& s) {
  auto& [a1, a2, a3, a4, a5, a6, b1, b2, c1, c2, c3, c4, c5, d1, d2, d3, e1, e2, f1, f2, f3, f4, f5,
         f6, f7, g1, g2, g3, g4, g5, h1, h2] = s;
  return std::tie(a1, a2, a3, a4, a5, a6, b1, b2, c1, c2, c3, c4, c5, d1, d2, d3, e1, e2, f1, f2,
                  f3, f4, f5, f6, f7, g1, g2, g3, g4, g5, h1, h2);
}
template <Is<scenarios::WorkloadReport> S> auto fields(S& s) {
  auto& [a, b, c, d, e, f, g] = s;
  return std::tie(a, b, c, d, e, f, g);
}
template <Is<scenarios::Report> S> auto fields(S& s) {
  auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, t] = s;
  return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, t);
}

template <class T> inline constexpr bool is_vector = false;
template <class T> inline constexpr bool is_vector<std::vector<T>> = true;
template <class T> inline constexpr bool is_optional = false;
template <class T> inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
concept Compound = requires(T& value) {
  fields(value);
};
template <class T>
concept Dimensioned = requires(T value) {
  T::from_raw(value.raw());
};

template <class T> py::object save(const T& value) {
  if constexpr (Compound<T>) {
    return std::apply([](const auto&... field) { return py::make_tuple(save(field)...); },
                      fields(value));
  } else if constexpr (Dimensioned<T>) {
    return py::cast(value.raw());
  } else if constexpr (std::is_enum_v<T>) {
    return py::cast(static_cast<int>(value));
  } else if constexpr (is_vector<T>) {
    py::list list;
    for (const auto& element : value) list.append(save(element));
    return list;
  } else if constexpr (is_optional<T>) {
    return value ? save(*value) : py::none();
  } else {
    return py::cast(value);
  }
}

template <class T> void load(T& value, py::handle state) {
  if constexpr (Compound<T>) {
    const auto parts = py::cast<py::tuple>(state);
    std::size_t next = 0;
    std::apply([&](auto&... field) { (load(field, parts[next++]), ...); }, fields(value));
  } else if constexpr (Dimensioned<T>) {
    value = T::from_raw(py::cast<typename T::rep>(state));
  } else if constexpr (std::is_enum_v<T>) {
    value = static_cast<T>(py::cast<int>(state));
  } else if constexpr (is_vector<T>) {
    for (const py::handle element : py::cast<py::list>(state)) load(value.emplace_back(), element);
  } else if constexpr (is_optional<T>) {
    if (!state.is_none()) load(value.emplace(), state);
  } else {
    value = py::cast<T>(state);
  }
}

/// What py::class_::def() takes to make a class pickle. A state of another version is refused.
template <class T> auto pickled() {
  return py::pickle(
      [](const T& value) { return py::make_tuple(scenarios::version(), save(value)); },
      [](const py::tuple& state) {
        const auto from = py::cast<std::string>(state[0]);
        if (from != scenarios::version())
          throw Error("this was pickled by windtunnel " + from + "; here is " +
                      scenarios::version());
        T value;
        load(value, state[1]);
        return value;
      });
}

} // namespace windtunnel::python
