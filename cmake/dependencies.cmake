# Every package we need, with the Debian package that brings it and what it is for. All missing
# required ones are reported at once.
set(missing "")
macro(windtunnel_need found debian purpose)
  if(NOT ${found})
    string(APPEND missing "\n  ${debian}: ${purpose}")
  endif()
endmacro()

find_package(Threads REQUIRED)
find_package(fmt QUIET)
windtunnel_need(fmt_FOUND libfmt-dev "text formatting")
find_package(nlohmann_json QUIET)
windtunnel_need(nlohmann_json_FOUND nlohmann-json3-dev "parsing scenarios and catalogs")
find_package(CLI11 QUIET)
windtunnel_need(CLI11_FOUND libcli11-dev "the command line")
find_package(Boost QUIET)
windtunnel_need(Boost_FOUND libboost-dev "special functions for statistics (Boost.Math)")
find_package(ZLIB QUIET)
windtunnel_need(ZLIB_FOUND zlib1g-dev "reading compressed measurements")
find_package(Eigen3 QUIET)
windtunnel_need(Eigen3_FOUND libeigen3-dev "fitting kernel costs")
find_path(RANDOM123_INCLUDE_DIR Random123/philox.h)
windtunnel_need(RANDOM123_INCLUDE_DIR librandom123-dev "random streams (Philox)")
find_path(EXPECTED_INCLUDE_DIR tl/expected.hpp)
windtunnel_need(EXPECTED_INCLUDE_DIR libexpected-dev "values or reasons (tl::expected)")
if(WINDTUNNEL_TESTS)
  find_package(GTest QUIET)
  windtunnel_need(GTest_FOUND libgtest-dev "the tests (or configure with -DWINDTUNNEL_TESTS=OFF)")
endif()
if(WINDTUNNEL_BENCH)
  find_package(benchmark QUIET)
  windtunnel_need(benchmark_FOUND libbenchmark-dev
                  "the benchmarks (or configure with -DWINDTUNNEL_BENCH=OFF)")
endif()
if(WINDTUNNEL_PYTHON)
  find_package(Python 3.9 COMPONENTS Interpreter Development.Module QUIET)
  windtunnel_need(Python_FOUND python3-dev "the Python module (or choose -DPython_EXECUTABLE=...)")
  find_package(pybind11 2.10 CONFIG QUIET)
  windtunnel_need(pybind11_FOUND pybind11-dev "the Python module")
endif()
if(missing)
  message(FATAL_ERROR "windtunnel needs these Debian packages (scripts/setup installs them):${missing}")
endif()

# The charts of the HTML report: Debian's libjs-chart.js, or another copy of the same file.
find_file(WINDTUNNEL_CHARTJS NAMES Chart.min.js chart.min.js chart.js
          PATHS /usr/share/javascript/chart.js /usr/share/nodejs/chart.js/dist NO_DEFAULT_PATH
          DOC "Chart.js to embed in the HTML report")
if(WINDTUNNEL_CHARTJS)
  message(STATUS "HTML charts: ${WINDTUNNEL_CHARTJS}")
else()
  message(STATUS "HTML charts: none; reports have tables only (install libjs-chart.js)")
endif()

# SimGrid is a second opinion on network flows: used where it is, never required.
find_path(SIMGRID_INCLUDE_DIR simgrid/s4u.hpp)
find_library(SIMGRID_LIBRARY simgrid)
mark_as_advanced(SIMGRID_INCLUDE_DIR SIMGRID_LIBRARY)
message(STATUS "SimGrid: ${SIMGRID_LIBRARY}")

# CUDA serves calibration/bench alone: detected, never required.
find_program(NVCC nvcc PATHS /usr/local/cuda/bin)
message(STATUS "CUDA compiler: ${NVCC}")
