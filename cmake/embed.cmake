# windtunnel_embed(NAME FUNCTION ns::fn FILES a.json ..): puts files into the library, byte for byte.
#
# Adds to target windtunnel_NAME the function `std::span<const windtunnel::EmbeddedFile> FUNCTION()`
# (declared by the user of it), one entry a file, named by its base name. An installed binary or
# wheel so carries its data and needs no search path.
function(windtunnel_embed name)
  cmake_parse_arguments(arg "" "FUNCTION" "FILES" ${ARGN})
  string(REGEX REPLACE "::[^:]+$" "" namespace "${arg_FUNCTION}")
  string(REGEX REPLACE "^.*::" "" function "${arg_FUNCTION}")
  set(assembly "")
  set(declarations "")
  set(entries "")
  set(index 0)
  foreach(file IN LISTS arg_FILES)
    get_filename_component(path "${file}" ABSOLUTE)
    get_filename_component(base "${file}" NAME)
    set(symbol "windtunnel_${name}_${function}_${index}")
    string(APPEND assembly "asm(\".section .rodata\\n.balign 16\\n.global ${symbol}\\n${symbol}:\\n.incbin \\\"${path}\\\"\\n.global ${symbol}_end\\n${symbol}_end:\\n.byte 0\\n.previous\\n\");\n")
    string(APPEND declarations "extern \"C\" const char ${symbol}[];\nextern \"C\" const char ${symbol}_end[];\n")
    string(APPEND entries "    {\"${base}\", {${symbol}, static_cast<std::size_t>(${symbol}_end - ${symbol})}},\n")
    math(EXPR index "${index} + 1")
    list(APPEND paths "${path}")
  endforeach()
  set(generated "${CMAKE_CURRENT_BINARY_DIR}/embedded_${function}.cpp")
  file(CONFIGURE OUTPUT "${generated}" CONTENT
"#include <span>
#include \"libsim/base/embedded_file.hpp\"
${assembly}
${declarations}
namespace ${namespace} {
std::span<const windtunnel::EmbeddedFile> ${function}();
std::span<const windtunnel::EmbeddedFile> ${function}() {
  static const windtunnel::EmbeddedFile files[] = {
${entries}  };
  return files;
}
} // namespace ${namespace}
")
  # The target may live in a folder above this one: properties must be set where it compiles.
  set_source_files_properties("${generated}" TARGET_DIRECTORY windtunnel_${name}
                              PROPERTIES OBJECT_DEPENDS "${paths}")
  target_sources(windtunnel_${name} PRIVATE "${generated}")
endfunction()
