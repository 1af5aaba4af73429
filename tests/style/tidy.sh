#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# clang-tidy has nothing to say about our sources. Usage: tidy.sh BUILD-FOLDER
# shellcheck source=tests/style/common.sh
. "$(dirname "$0")/common.sh"
need clang-tidy clang-tidy
[ -f "$1/compile_commands.json" ] || skip "the build has no compile_commands.json"

sources '*.c' | grep -vE '^(tests|bench)/|tracepoints/src/provider\.c' |
  xargs -P "$(nproc)" -n 8 clang-tidy -p "$1" --quiet --warnings-as-errors='*' 2>/dev/null
