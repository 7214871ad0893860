#include "python/bindings_impl.hpp"

#include "libsim/base/error.hpp"

namespace windtunnel::python {
namespace {

/// The exceptions are Python classes (windtunnel/errors.py), so that they pickle and carry issues.
template <class... Arguments> void raise(const char* name, const Arguments&... arguments) {
  const py::object type = py::module_::import("windtunnel.errors").attr(name);
  PyErr_SetObject(type.ptr(), type(arguments...).ptr());
}

void translate(std::exception_ptr exception) {
  try {
    if (exception) std::rethrow_exception(exception);
  } catch (const InputError& error) {
    py::list issues;
    for (const Issue& issue : error.issues())
      issues.append(py::make_tuple(issue.pointer, issue.message));
    raise("InputError", error.what(), issues);
  } catch (const ModelError& error) {
    raise("ModelError", error.what());
  } catch (const SimulationError& error) {
    raise("SimulationError", error.what());
  } catch (const Error& error) {
    raise("Error", error.what());
  }
}

} // namespace

void bind_errors(py::module_&) { py::register_local_exception_translator(translate); }

} // namespace windtunnel::python
