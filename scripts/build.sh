#!/usr/bin/env bash
# build.sh PRESET [TARGET...]: configures once, then builds. With UNITY_BUILD=1 several sources are
# compiled at a time: quicker for a whole tree, slower after an edit.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

preset="$1"
shift
started=$SECONDS
if [ ! -f "build/$preset/build.ninja" ]; then
  say "configuring build/$preset"
  unity=()
  [ "${UNITY_BUILD:-0}" = 0 ] || unity=(-DCMAKE_UNITY_BUILD=ON)
  cmake --preset "$preset" "${unity[@]}" >"/tmp/seendr-configure.$$" 2>&1 || {
    cat "/tmp/seendr-configure.$$" >&2
    rm -f "/tmp/seendr-configure.$$"
    # A half-made cache would be taken for a whole one the next time.
    rm -f "build/$preset/CMakeCache.txt"
    die "configuring failed"
  }
  rm -f "/tmp/seendr-configure.$$"
fi
say "building build/$preset (the first time takes minutes, later ones seconds)"
arguments=(--build --preset "$preset")
if (($# > 0)); then arguments+=(--target "$@"); fi
cmake "${arguments[@]}" >&2
say "built ($(elapsed "$started"))"
