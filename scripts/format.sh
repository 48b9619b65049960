#!/usr/bin/env bash
# format.sh [--check]: formats every C++ file that git knows or could add.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

scripts/setup.sh lint
mapfile -t files < <(git ls-files --cached --others --exclude-standard -- '*.cpp' '*.hpp')
existing=()
for file in "${files[@]}"; do [ -f "$file" ] && existing+=("$file"); done
((${#existing[@]} > 0)) || exit 0
if [ "${1:-}" = --check ]; then
  say "clang-format: ${#existing[@]} files"
  clang-format --dry-run -Werror "${existing[@]}"
else
  say "formatting ${#existing[@]} files"
  clang-format -i "${existing[@]}"
fi
