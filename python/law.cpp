#include "python/law_impl.hpp"

#include <cmath>

#include "libsim/base/error.hpp"

namespace windtunnel::python {
namespace {

/// The stream a law draws from, lent for one call: kept longer, it refuses.
class LentStream {
public:
  explicit LentStream(RandomStream& stream) : stream_(&stream) {}
  void take_back() { stream_ = nullptr; }
  RandomStream& get() const {
    if (!stream_) throw Error("a random stream is the law's for the length of one call");
    return *stream_;
  }

private:
  RandomStream* stream_;
};

/// Ends the loan when the call ends, however it ends.
class Loan {
public:
  explicit Loan(RandomStream& stream)
      : stream_(std::make_shared<LentStream>(stream)), object_(py::cast(stream_)) {}
  ~Loan() { stream_->take_back(); }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  const py::object& object() const { return object_; }

private:
  std::shared_ptr<LentStream> stream_;
  py::object object_;
};

class PythonLaw final : public failures::FailureLaw {
public:
  PythonLaw(py::handle factory, const failures::Fleet& fleet, std::stop_token stop)
      : name_(law_name(factory)), nodes_(fleet.nodes), stop_(std::move(stop)) {
    guarded([&] { law_ = factory(fleet); });
  }
  ~PythonLaw() override {
    const py::gil_scoped_acquire locked;
    law_.release().dec_ref();
  }
  PythonLaw(const PythonLaw&) = delete;
  PythonLaw& operator=(const PythonLaw&) = delete;

  failures::Failure next(Time now, RandomStream& random) override {
    failures::Failure failure;
    guarded([&] {
      const Loan loan(random);
      failure = read(law_.attr("next")(now.seconds(), loan.object()), now);
    });
    return failure;
  }

  void replaced(int node, Time now) override {
    guarded([&] { law_.attr("replaced")(node, now.seconds()); });
  }

private:
  /// Runs `call` under the interpreter's lock; whatever it raises ends the replication.
  template <class Call> void guarded(const Call& call) {
    if (stop_.stop_requested()) throw SimulationError("stopped");
    const py::gil_scoped_acquire locked;
    try {
      call();
    } catch (const std::exception& error) { // Python's too
      throw SimulationError("failure law " + name_ + ": " + error.what());
    }
  }

  failures::Failure read(const py::object& answer, Time now) const {
    if (answer.is_none()) return {};
    if (!py::isinstance<py::tuple>(answer) || py::len(answer) != 2)
      throw py::type_error("next() must return (time_s, node), or None for never; it returned " +
                           py::cast<std::string>(py::repr(answer)));
    const auto parts = py::cast<py::tuple>(answer);
    const auto at_s = py::cast<double>(parts[0]);
    const auto node = py::cast<int>(parts[1]);
    if (node < 0 || node >= nodes_)
      throw py::value_error("next() returned node " + std::to_string(node) + " of " +
                            std::to_string(nodes_) + " (they count from 0)");
    // Rounding to nanoseconds may put a failure that is later by less upon `now`.
    constexpr double horizon_s = 7.2e9; // 228 years: within int64 nanoseconds
    if (at_s >= horizon_s) return {};
    if (!(at_s >= now.seconds()))
      throw py::value_error("next() returned the time " + std::to_string(at_s) +
                            " s, which is not after now, " + std::to_string(now.seconds()) + " s");
    return {std::max(seconds(at_s), now + nanoseconds(1)), node};
  }

  std::string name_;
  int nodes_;
  std::stop_token stop_;
  py::object law_;
};

} // namespace

std::string law_name(py::handle factory) {
  const py::gil_scoped_acquire locked;
  const py::handle named =
      py::hasattr(factory, "__name__") ? factory : py::type::handle_of(factory);
  return py::cast<std::string>(named.attr("__name__"));
}

failures::LawFactory law_factory(py::handle factory, std::stop_token stop) {
  return [factory, stop](const failures::Fleet& fleet) {
    return std::make_unique<PythonLaw>(factory, fleet, stop);
  };
}

void bind_law(py::module_& m) {
  py::class_<failures::Fleet>(m, "Fleet", "What a failure law is made for: the nodes of one job.")
      .def_readonly("nodes", &failures::Fleet::nodes)
      .def_readonly("failures_per_node_hour", &failures::Fleet::failures_per_node_hour)
      .def_readonly("shape", &failures::Fleet::shape);
  py::class_<LentStream, std::shared_ptr<LentStream>>(
      m, "RandomStream", "The random numbers of one law, the same for equal seeds.")
      .def("uniform", [](LentStream& self) { return self.get().uniform(); })
      .def(
          "below", [](LentStream& self, std::uint64_t n) { return self.get().below(n); },
          py::arg("n"))
      .def(
          "exponential", [](LentStream& self, double mean) { return self.get().exponential(mean); },
          py::arg("mean"))
      .def("normal", [](LentStream& self) { return self.get().normal(); })
      .def(
          "lognormal",
          [](LentStream& self, double median, double sigma_ln) {
            return self.get().lognormal(median, sigma_ln);
          },
          py::arg("median"), py::arg("sigma_ln"))
      .def(
          "weibull",
          [](LentStream& self, double shape, double scale) {
            return self.get().weibull(shape, scale);
          },
          py::arg("shape"), py::arg("scale"))
      .def(
          "gamma",
          [](LentStream& self, double shape, double scale) {
            return self.get().gamma(shape, scale);
          },
          py::arg("shape"), py::arg("scale"))
      .def(
          "poisson", [](LentStream& self, double mean) { return self.get().poisson(mean); },
          py::arg("mean"));
}

} // namespace windtunnel::python
