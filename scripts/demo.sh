#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The demonstration: installs what is missing, builds, records the same job preemptively and cooperatively, and leaves
# the pictures in demo/. A second call needs no network and builds nothing again.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-dependencies.sh build
[ -f build/release/build.ninja ] || cmake --preset release >/dev/null
cmake --build --preset release

interleave=build/release/bin/interleave
for job in matmul request; do
  echo
  "$interleave" run "$job" --runtime threads,event-loop --force -o "demo/$job"
done

echo
echo "Pictures: demo/matmul/compare.svg demo/request/compare.svg"
