# golden_commands(FOLDER_NAME): a test for each line of commands.txt in the current folder.
function(golden_commands name)
  set(commands "${CMAKE_CURRENT_SOURCE_DIR}/commands.txt")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${commands}")
  file(STRINGS "${commands}" lines REGEX "^[a-z0-9.-]+:")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "^[^:]+" golden "${line}")
    add_test(NAME ${name}.${golden}
             COMMAND /usr/bin/python3 "${PROJECT_SOURCE_DIR}/tests/scenarios/golden_command.py"
                     $<TARGET_FILE:windtunnel_cli> "${CMAKE_CURRENT_SOURCE_DIR}" ${golden})
    set_tests_properties(${name}.${golden} PROPERTIES TIMEOUT 300)
  endforeach()
endfunction()
