# The language level, warnings and sanitizers every target of this project shares.
option(SEENDR_WERROR "Treat warnings as errors" OFF)
set(SEENDR_SANITIZE "" CACHE STRING "Value for -fsanitize=, e.g. address,undefined or thread")

add_library(seendr_options INTERFACE)
target_compile_features(seendr_options INTERFACE cxx_std_20)
target_compile_options(seendr_options INTERFACE
  -Wall -Wextra -Wshadow -Wold-style-cast -Wcast-qual -Wimplicit-fallthrough
  $<$<BOOL:${SEENDR_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms of the optimiser about moved strings, and about coroutine frames: Asio's frames have a new and a
  # delete of their own, and where only the new was inlined, g++ takes the delete for another's.
  target_compile_options(seendr_options INTERFACE $<$<CONFIG:RelWithDebInfo>:-Wno-array-bounds>
    $<$<CONFIG:RelWithDebInfo>:-Wno-restrict> $<$<CONFIG:RelWithDebInfo>:-Wno-mismatched-new-delete>)
endif()
set(CMAKE_UNITY_BUILD_BATCH_SIZE 6)
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ takes the second file of a unity source for a header.
  target_compile_options(seendr_options INTERFACE -Wno-subobject-linkage)
endif()
if(SEENDR_SANITIZE)
  set(flags -fsanitize=${SEENDR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND SEENDR_SANITIZE MATCHES "undefined")
    list(APPEND flags -fno-sanitize=function)  # clang 14 cannot emit it for coroutines
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND SEENDR_SANITIZE MATCHES "thread")
    list(APPEND flags -Wno-tsan)  # Asio uses atomic_thread_fence, which g++'s TSan does not model
  endif()
  target_compile_options(seendr_options INTERFACE ${flags})
  target_link_options(seendr_options INTERFACE ${flags})
endif()

# Build time is our own time: cache object files (for every build directory at once: no absolute path is
# part of the key), link fast, keep debug information small.
find_program(SEENDR_CCACHE ccache)
if(SEENDR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=/ CCACHE_NOHASHDIR=1 ${SEENDR_CCACHE})
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()
find_program(SEENDR_MOLD mold)
if(SEENDR_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
