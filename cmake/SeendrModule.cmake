# Functions that define modules, embedded scripts and tests.

# seendr_module(NAME SOURCES file... [DEPENDS module...] [LINK target...] [LUA script...])
#
# Defines one module from src/NAME: a static library seendr::NAME. DEPENDS names the modules it may
# include; tests/tidy checks that the #include lines agree with it.
function(seendr_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LINK;LUA" ${ARGN})
  set(lib seendr_${name})
  add_library(${lib} STATIC ${arg_SOURCES})
  add_library(seendr::${name} ALIAS ${lib})
  target_include_directories(${lib} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src>
                                           $<INSTALL_INTERFACE:include/seendr>)
  target_compile_features(${lib} PUBLIC cxx_std_20)
  target_link_libraries(${lib} PUBLIC ${arg_LINK} PRIVATE $<BUILD_INTERFACE:seendr_options>)
  foreach(dep IN LISTS arg_DEPENDS)
    target_link_libraries(${lib} PUBLIC seendr::${dep})
  endforeach()
  foreach(script IN LISTS arg_LUA)
    seendr_embed_script(${lib} ${name} ${script})
  endforeach()
  seendr_precompile(${lib})
  string(REPLACE ";" " " deps "${arg_DEPENDS}")
  set_property(GLOBAL APPEND PROPERTY SEENDR_MODULES "${name}:${deps}")
endfunction()

# Gives a target the one precompiled header of the tree, built with seendr_boost.
function(seendr_precompile target)
  if(NOT SEENDR_NO_PCH)
    target_precompile_headers(${target} REUSE_FROM seendr_boost)
  endif()
endfunction()

# seendr_embed_script(target module script)
#
# Makes  #include "<module>/<script>.hpp"  available, holding the text of the script as  constexpr
# std::string_view: k<Script>Lua of script.lua, k<Script>Python of script.py.
function(seendr_embed_script target module script)
  set(out ${CMAKE_BINARY_DIR}/generated/${module}/${script}.hpp)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DIN=${CMAKE_CURRENT_SOURCE_DIR}/${script} -DOUT=${out}
            -DMODULE=${module} -P ${CMAKE_SOURCE_DIR}/cmake/EmbedScript.cmake
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${script} ${CMAKE_SOURCE_DIR}/cmake/EmbedScript.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
  target_include_directories(${target} PRIVATE ${CMAKE_BINARY_DIR}/generated)
endfunction()

# seendr_test_program(NAME SOURCES file... DEPENDS module...): tests of GoogleTest in one executable.
function(seendr_test_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE seendr_options seendr_test_support GTest::gtest_main
                                        GTest::gmock)
  target_compile_definitions(${name} PRIVATE SEENDR_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  foreach(dep IN LISTS arg_DEPENDS)
    target_link_libraries(${name} PRIVATE seendr::${dep})
  endforeach()
  seendr_precompile(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endfunction()

# seendr_test(NAME LABEL label COMMAND program [argument...] [TIMEOUT seconds] [ALONE])
#
# One line of ctest. ALONE: what it measures wants the machine for itself.
function(seendr_test name)
  cmake_parse_arguments(arg "ALONE" "LABEL;TIMEOUT" "COMMAND" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(SEENDR_SANITIZE)
    math(EXPR arg_TIMEOUT "5 * ${arg_TIMEOUT}")
  endif()
  add_test(NAME ${name} COMMAND ${arg_COMMAND})
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
  # Tests that fork go on with threads of their own; how libvips and GLib lock is not seen.
  if(SEENDR_SANITIZE MATCHES "thread")
    set_tests_properties(${name} PROPERTIES
      ENVIRONMENT TSAN_OPTIONS=die_after_fork=0:ignore_noninstrumented_modules=1)
  elseif(SEENDR_SANITIZE MATCHES "address")
    set_tests_properties(${name} PROPERTIES
      ENVIRONMENT LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/leaks_of_others.txt)
  endif()
  if(arg_ALONE)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()
