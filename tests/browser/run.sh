#!/usr/bin/env bash
# run.sh SEENDR [name...]: the browser tests against that binary; names are those of the files,
# "call" for call.test.mjs.
#
# Servers, relay and browsers share a network namespace of their own where the machine allows one:
# nothing outside can be reached, no port collides, and every machine has the same addresses. Else
# they use the loopback interface.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
seendr="$(realpath "${1:?usage: run.sh SEENDR [name...]}")"
shift
cd "$here"

if ! cmp -s package.json node_modules/.package.json; then
  npm install --no-audit --no-fund --no-package-lock --loglevel=error
  cp package.json node_modules/.package.json
fi

network='
  ip link set lo up
  ip link add seendr0 type veth peer name seendr1
  ip addr add 10.99.0.1/24 dev seendr0
  ip link set seendr0 up
  ip link set seendr1 up
  ip route add default via 10.99.0.2'

uid="$(id -u)"
if [ "$uid" = 0 ]; then
  enter=(unshare --net)
  leave=()
else
  # Root inside to set the network up, then oneself again: PostgreSQL refuses to run as root.
  enter=(unshare --net --user --map-root-user)
  leave=(unshare --user "--map-user=$uid" "--map-group=$(id -g)")
fi

if "${enter[@]}" bash -ec "$network"'; exec "$@"' try "${leave[@]}" true 2>/dev/null; then
  export TEST_NETWORK=namespace
  exec "${enter[@]}" bash -ec "$network"'; exec "$@"' run "${leave[@]}" node run.mjs "$seendr" "$@"
fi
export TEST_NETWORK=loopback
exec node run.mjs "$seendr" "$@"
