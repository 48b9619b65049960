# Shared by ./dev and scripts/*.sh: progress lines and small questions about the machine.
# shellcheck shell=bash

# One line of progress on stderr, so that stdout stays the program's own.
say() { printf '==> %s\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Tests start servers of their own, so more than one a core only makes them slow.
jobs_for_tests() {
  local cores
  cores="$(nproc)"
  echo $((cores > 2 ? cores : 2))
}

# "2 min 5 s" since the given value of SECONDS.
elapsed() {
  local seconds=$((SECONDS - $1))
  if ((seconds >= 60)); then
    echo "$((seconds / 60)) min $((seconds % 60)) s"
  else
    echo "$seconds s"
  fi
}

# The browser the tests use, or nothing.
chromium_path() {
  local name
  if [ -n "${TEST_CHROMIUM:-}" ]; then
    echo "$TEST_CHROMIUM"
    return
  fi
  for name in chromium google-chrome-stable google-chrome; do
    if command -v "$name"; then return; fi
  done
}
