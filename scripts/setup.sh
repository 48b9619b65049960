#!/usr/bin/env bash
# Installs the packages that are missing for the named sets: build, services, test, bench, clang,
# lint.
#
# When nothing is missing this asks dpkg once and calls no other program. Written for Debian 12 and
# 13 and Ubuntu 24.04; "a|b" means whichever of the two the release has.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

wanted=()

# want PACKAGE|PACKAGE...   installed by the distribution's package of that name
want() { wanted+=("$@"); }

# want_command COMMAND PACKAGE   only if no such command is there, wherever it came from
want_command() { command -v "$1" >/dev/null || wanted+=("$2"); }

for set in "$@"; do
  case "$set" in
    build)
      want 'g++' cmake ninja-build 'pkg-config|pkgconf' ccache mold git
      want 'libboost1.81-dev|libboost1.83-dev' 'libboost-json1.81-dev|libboost-json1.83-dev' \
        'libboost-url1.81-dev|libboost-url1.83-dev'
      want libssl-dev libsodium-dev zlib1g-dev libcurl4-openssl-dev libpq-dev libpqxx-dev libhiredis-dev libspdlog-dev \
        libcli11-dev libtomlplusplus-dev nlohmann-json3-dev prometheus-cpp-dev \
        libvips-dev libwebp-dev libgtest-dev libgmock-dev brotli
      ;;
    services)
      want tzdata 'redis-server|valkey-server' 'postgresql-15|postgresql-16|postgresql-17'
      ;;
    test)
      want_command node nodejs
      want_command npm npm
      if [ -z "$(chromium_path)" ]; then
        if grep -q '^ID=ubuntu$' /etc/os-release; then
          # Ubuntu ships Chromium as a snap only, which nothing without an init system can install.
          say "Ubuntu has no Chromium package: the browser tests want a browser in TEST_CHROMIUM"
        else
          want chromium
        fi
      fi
      want coturn fonts-dejavu-core iproute2 openssl python3-aiosmtpd
      want python3 python3-channels-redis python3-django-redis python3-django python3-celery
      ;;
    bench)
      want python3 python3-channels-redis python3-django-redis python3-django python3-celery
      ;;
    clang)
      want_command clang++ clang
      want 'libclang-rt-14-dev|libclang-rt-19-dev|libclang-rt-18-dev'
      ;;
    lint)
      want_command clang++ clang
      want_command clang-format clang-format
      want_command clang-tidy clang-tidy
      want_command shellcheck shellcheck
      want_command node nodejs
      want_command npm npm
      ;;
    *) die "unknown package set '$set'" ;;
  esac
done

missing=()
if ((${#wanted[@]} > 0)); then
  declare -A present=()
  names="${wanted[*]//|/ }"
  # dpkg-query fails when it does not know one of the names: that is an answer, not an error.
  # shellcheck disable=SC2086
  listing="$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $names 2>/dev/null || true)"
  while read -r package status; do
    if [ "$status" = installed ]; then present[$package]=1; fi
  done <<<"$listing"
  for entry in "${wanted[@]}"; do
    found=
    for package in ${entry//|/ }; do
      if [ -n "${present[$package]:-}" ]; then found=1; fi
    done
    [ -n "$found" ] || missing+=("$entry")
  done
fi

if ((${#missing[@]} == 0)); then exit 0; fi

command -v apt-get >/dev/null ||
  die "this machine has no apt-get; install by hand what matches: ${missing[*]}"
root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null ||
    die "packages are missing and there is no sudo; as root run: scripts/install.sh ${missing[*]}"
  say "packages are missing; sudo installs them"
  root=(sudo)
fi
exec "${root[@]}" bash scripts/install.sh "${missing[@]}"
