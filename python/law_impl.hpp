// Failure laws written in Python: a class that is called with a Fleet and answers next(now_s,
// random) and replaced(node, now_s). One object a job and replication, each with its own random
// stream, so results do not depend on threads; calls take the interpreter's lock one at a time.
#pragma once

#include <stop_token>

#include "python/bindings_impl.hpp"

#include "models/failures/failure_law.hpp"

namespace windtunnel::python {

/// Makes laws of `factory`, which must outlive the result (no reference is held: the result is
/// copied where the interpreter's lock is not). A requested stop ends the next call.
failures::LawFactory law_factory(py::handle factory, std::stop_token stop);
/// The class's or function's name.
std::string law_name(py::handle factory);

} // namespace windtunnel::python
