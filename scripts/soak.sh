#!/usr/bin/env bash
# soak.sh [minutes]: whole stories and broken dependencies, again and again, until one fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

minutes="${1:-10}"
[[ "$minutes" =~ ^[0-9]+$ ]] || die "soak: minutes must be a whole number"
scripts/setup.sh build services test
scripts/build.sh dev
end=$((SECONDS + minutes * 60))
round=0
while ((round == 0 || SECONDS < end)); do
  round=$((round + 1))
  say "soak round $round, $(((end - SECONDS) / 60)) min to go"
  ctest --preset dev -L 'e2e|chaos'
done
say "$round rounds without a failure"
