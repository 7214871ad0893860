# Installation: libraries, headers below include/windtunnel, the CMake package, the binary.
include(CMakePackageConfigHelpers)
get_property(modules GLOBAL PROPERTY WINDTUNNEL_MODULES)

# The umbrella: windtunnel::windtunnel links every module.
add_library(windtunnel INTERFACE)
add_library(windtunnel::windtunnel ALIAS windtunnel)
target_link_libraries(windtunnel INTERFACE ${modules})

foreach(module IN LISTS modules)
  target_include_directories(${module} SYSTEM INTERFACE
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/windtunnel>)
endforeach()
install(TARGETS windtunnel ${modules} EXPORT windtunnel COMPONENT development
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/windtunnel)
install(EXPORT windtunnel NAMESPACE windtunnel:: COMPONENT development
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/windtunnel)
configure_package_config_file(cmake/windtunnelConfig.cmake.in windtunnelConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/windtunnel)
write_basic_package_version_file(windtunnelConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/windtunnelConfig.cmake"
              "${CMAKE_CURRENT_BINARY_DIR}/windtunnelConfigVersion.cmake"
        COMPONENT development DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/windtunnel)
# Each component is complete by itself.
foreach(component cli development)
  install(FILES LICENSE COMPONENT ${component} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/windtunnel)
endforeach()
