#!/usr/bin/env bash
# lint.sh [--all | --base REF]: what a tool can say about style, all findings errors.
#
# clang-tidy takes seconds a file, so it reads what changed against REF (origin/main where there is
# one, else the last commit), or everything with --all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

all=
base=
while (($# > 0)); do
  case "$1" in
    --all) all=1 ;;
    --base)
      base="${2:?--base needs a revision}"
      shift
      ;;
    *) die "lint: unknown argument '$1'" ;;
  esac
  shift
done
if [ -z "$base" ]; then
  if git rev-parse --verify --quiet origin/main >/dev/null; then
    base="$(git merge-base origin/main HEAD)"
  else
    base=HEAD
  fi
fi

scripts/setup.sh build lint
failed=()

scripts/format.sh --check || failed+=(clang-format)

if [ -n "$all" ]; then
  mapfile -t units < <(git ls-files -- 'src/*.cpp' 'tests/*.cpp')
else
  mapfile -t units < <(
    git diff --name-only --diff-filter=d "$base" -- 'src/*.cpp' 'tests/*.cpp'
    git ls-files --others --exclude-standard -- 'src/*.cpp' 'tests/*.cpp'
  )
fi
if ((${#units[@]} > 0)); then
  say "clang-tidy: ${#units[@]} files"
  # clang cannot read g++'s precompiled header, hence a tree of its own.
  [ -f build/lint/build.ninja ] ||
    cmake --preset clang -B build/lint -DSEENDR_NO_PCH=ON >/dev/null
  # Generated headers must be there before a file that includes them can be read.
  mapfile -t generated < <(ninja -C build/lint -t targets all | sed -n 's/^\(.*generated\/[^:]*\): CUSTOM_COMMAND.*/\1/p')
  ((${#generated[@]} == 0)) || ninja -C build/lint --quiet "${generated[@]}" >&2
  printf '%s\0' "${units[@]}" |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy -p build/lint --quiet || failed+=(clang-tidy)
fi

say "shellcheck"
mapfile -t shells < <(git ls-files -- dev .ci/run '*.sh')
shellcheck -x "${shells[@]}" || failed+=(shellcheck)

if [ -f web/package.json ]; then
  say "type check of web/"
  [ -d web/node_modules ] || (cd web && npm install --no-audit --no-fund --no-package-lock --loglevel=error >&2)
  (cd web && npm run --silent check) || failed+=(tsc)
fi

((${#failed[@]} == 0)) || die "lint found something: ${failed[*]}"
say "lint is clean"
