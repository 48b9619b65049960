#!/usr/bin/env bash
# install.sh PACKAGE[|ALTERNATIVE...]...: installs Debian packages, as root. Called by setup.sh.
#
# No service is started by it: the tests and `seendr serve` run servers of their own, and a machine
# without an init system could not start one anyway.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

policy=/usr/sbin/policy-rc.d
log="$(mktemp /tmp/seendr-setup.XXXXXX.log)"
made_policy=
cleanup() { if [ -n "$made_policy" ]; then rm -f "$policy"; fi; }
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Whoever has a policy of their own keeps it.
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\n# While Seendr installs packages, none of them starts a service.\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  made_policy=1
fi

export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -o DPkg::Lock::Timeout=500 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)

fail() {
  tail -n 30 "$log" >&2
  die "$1; the whole output is in $log"
}

started=$SECONDS
say "reading the package lists"
"${apt[@]}" update >>"$log" 2>&1 || fail "apt-get update failed"

chosen=()
for entry in "$@"; do
  pick=
  for package in ${entry//|/ }; do
    candidate="$(apt-cache policy "$package")"
    if [[ "$candidate" == *"Candidate: "* && "$candidate" != *"Candidate: (none)"* ]]; then
      pick="$package"
      break
    fi
  done
  [ -n "$pick" ] || die "no package for '$entry' on this release; see CONTRIBUTING.md for what is supported"
  chosen+=("$pick")
done

say "installing ${#chosen[@]} packages and what they need: ${chosen[*]}"
"${apt[@]}" install -y --no-install-recommends "${chosen[@]}" </dev/null >>"$log" 2>&1 &
install=$!
next=$((SECONDS + 15))
while kill -0 "$install" 2>/dev/null; do
  sleep 1
  if ((SECONDS >= next)); then
    next=$((SECONDS + 15))
    ready="$(grep -c '^Setting up ' "$log" || true)"
    unpacked="$(grep -c '^Unpacking ' "$log" || true)"
    fetched="$(grep -c '^Get:' "$log" || true)"
    say "  $fetched fetched, $unpacked unpacked, $ready set up ($(elapsed "$started"))"
  fi
done
wait "$install" || fail "apt-get install failed"
rm -f "$log"
say "packages are installed ($(elapsed "$started"))"
