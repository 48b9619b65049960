#!/usr/bin/env bash
# bench.sh [name...] [--json FILE]: runs the benchmarks of the release build: match, redis, http,
# tasks; all of them when none is named.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

names=()
json=
while (($# > 0)); do
  case "$1" in
    --json)
      json="${2:?--json needs a file}"
      shift
      ;;
    *) names+=("$1") ;;
  esac
  shift
done
((${#names[@]} > 0)) || names=(match redis http tasks)

[ -z "$json" ] || : >"$json"
for name in "${names[@]}"; do
  say "benchmark: $name"
  started=$SECONDS
  if [ -n "$json" ]; then
    lines="$(build/release/seendr bench "$name" --json)"
    printf '%s\n' "$lines" >>"$json"
    printf '%s\n' "$lines"
  else
    build/release/seendr bench "$name"
  fi
  say "$name took $(elapsed "$started")"
done
