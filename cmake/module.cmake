# windtunnel_module(NAME SOURCES a.cpp .. HEADERS a.hpp .. DEPENDS other ..)
#
# One static library a folder: target windtunnel_NAME, alias windtunnel::NAME. The include root is
# the repository root; installed headers lie below include/windtunnel with the same paths.
# DEPENDS names other modules (without prefix) or any target; PRIVATE ones follow PRIVATE_DEPENDS.
function(windtunnel_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;HEADERS;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  set(target windtunnel_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(windtunnel::${name} ALIAS ${target})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}"
                                  FILES ${arg_HEADERS})
  target_compile_features(${target} PUBLIC cxx_std_20)
  foreach(dependency IN LISTS arg_DEPENDS)
    if(TARGET windtunnel_${dependency})
      target_link_libraries(${target} PUBLIC windtunnel_${dependency})
    else()
      target_link_libraries(${target} PUBLIC ${dependency})
    endif()
  endforeach()
  # Who links a static library must link what it calls, but needs none of the headers it was built
  # with: header-only packages stay ours.
  foreach(dependency IN LISTS arg_PRIVATE_DEPENDS)
    get_target_property(type ${dependency} TYPE)
    if(type STREQUAL "INTERFACE_LIBRARY")
      target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:${dependency}>)
    else()
      target_link_libraries(${target} PRIVATE ${dependency})
    endif()
  endforeach()
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY WINDTUNNEL_MODULES ${target})
endfunction()
