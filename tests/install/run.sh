#!/usr/bin/env bash
# run.sh BUILD_DIR COMPILER [SANITIZERS]: installs the blocks of a build that is there into a prefix of
# its own, builds examples/blocks against them, and runs it on a Redis of its own.
set -euo pipefail
build="$1"
compiler="$2"
sanitizers="${3:-}"
example="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../examples/blocks" && pwd)"

folder="$(mktemp -d /tmp/seendr-install-XXXXXX)"
server=
cleanup() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap cleanup EXIT

cmake --install "$build" --prefix "$folder/prefix" --component blocks >"$folder/install.log"

configure=(-G Ninja -S "$example" -B "$folder/build" -DCMAKE_BUILD_TYPE=Debug
  -DCMAKE_PREFIX_PATH="$folder/prefix" -DCMAKE_CXX_COMPILER="$compiler")
if [ -n "$sanitizers" ]; then
  flags="-fsanitize=$sanitizers"
  # clang 14 cannot emit it for coroutines.
  if [[ "$compiler" == *clang* ]]; then flags+=" -fno-sanitize=function"; fi
  configure+=(-DCMAKE_CXX_FLAGS="$flags")
fi
cmake "${configure[@]}"
cmake --build "$folder/build"

program="$(command -v redis-server || command -v valkey-server)"
socket="$folder/redis.sock"
"$program" --port 0 --unixsocket "$socket" --save "" --dir "$folder" >"$folder/redis.log" &
server=$!
for ((i = 0; i < 3000; ++i)); do
  if [ -S "$socket" ]; then break; fi
  kill -0 "$server"
  sleep 0.01
done

"$folder/build/blocks" "unix://$socket" >"$folder/printed"
cat >"$folder/expected" <<'TEXT'
loading the name
the name is Ada
the name is Ada
call 1 passes
call 2 passes
call 3 has to wait
1. music (2)
2. chess (1)
user 7 is signed in
heard hello
a task probe.add with 2 arguments
TEXT
diff "$folder/expected" "$folder/printed"
