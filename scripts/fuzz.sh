#!/usr/bin/env bash
# fuzz.sh [target] [seconds]: runs one fuzz target, or each of tests/fuzz for the given time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

target="${1:-}"
seconds="${2:-60}"
targets=()
for source in tests/fuzz/*_fuzz.cpp; do
  [ -f "$source" ] || continue
  name="$(basename "$source" _fuzz.cpp)"
  if [ -z "$target" ] || [ "$target" = "$name" ]; then targets+=("$name"); fi
done
((${#targets[@]} > 0)) || die "tests/fuzz has no target ${target:-yet}"

scripts/setup.sh build clang
scripts/build.sh asan
for name in "${targets[@]}"; do
  say "fuzzing $name for $seconds s"
  mkdir -p "build/fuzz/$name"
  "build/asan/tests/fuzz_$name" -max_total_time="$seconds" "build/fuzz/$name" "tests/fuzz/corpus/$name"
done
