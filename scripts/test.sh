#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# All tests: installs what is missing, builds and tests with GCC, checks the sources, then repeats the unit and component
# tests under AddressSanitizer and UndefinedBehaviorSanitizer. Ends with ctest's summary of all that ran.
#
# Usage: test.sh [--full]      --full adds a Clang build, ThreadSanitizer, and whatever is long
# ILV_TEST_STRICT=1 turns a skip for a missing facility into a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

# As root: where tests can make mount namespaces, and as others run what was built.
if [ "${ILV_TEST_PLACE:-0}" = 0 ]; then
  ILV_TEST_PLACE=1 exec tests/lib/own-root.sh tests/lib/open-way.sh scripts/test.sh "$@"
fi

full=0
for argument in "$@"; do
  case $argument in
    --full) full=1 ;;
    *)
      echo "usage: scripts/test.sh [--full]" >&2
      exit 2
      ;;
  esac
done

scripts/install-dependencies.sh build test

build() {
  [ -f "build/$1/build.ninja" ] || cmake --preset "$1" >/dev/null
  cmake --build --preset "$1"
}

jobs=$(nproc)
failed=0
build asan
echo "== AddressSanitizer and UndefinedBehaviorSanitizer, unit and component tests"
ctest --test-dir build/asan -L 'unit|component' --output-on-failure --no-tests=error -j "$jobs" || failed=1

if [ $full = 1 ]; then
  build clang
  echo "== Clang"
  ctest --test-dir build/clang -LE long --output-on-failure --no-tests=error -j "$jobs" || failed=1
  build tsan
  echo "== ThreadSanitizer, unit and component tests"
  TSAN_OPTIONS="die_after_fork=0 ${TSAN_OPTIONS:-}" \
    ctest --test-dir build/tsan -L 'unit|component' --output-on-failure --no-tests=error -j "$jobs" ||
    failed=1
fi

build dev
echo "== all tests, GCC"
if [ $full = 1 ]; then
  ctest --test-dir build/dev --output-on-failure --no-tests=error -j "$jobs" || failed=1
else
  ctest --test-dir build/dev -LE long --output-on-failure --no-tests=error -j "$jobs" || failed=1
fi
exit $failed
