#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the blocks of a file of cases: NAME, RUN (arguments of interleave-workload), EXPECT (a regular expression that one
# line of what it prints matches; repeatable), STATUS (0 when not said).
set -euo pipefail

workload="$ILV_BIN/interleave-workload"
output=$(mktemp "${TMPDIR:-/tmp}/ilv-cases.XXXXXX")
trap 'rm -f "$output"' EXIT
name='' run='' expected_status=0 failed=0 count=0
expects=()

check() {
  local status=0 expect
  [ -n "$name" ] || return 0
  count=$((count + 1))
  eval "\"$workload\" $run" >"$output" 2>&1 || status=$?
  if [ "$status" != "$expected_status" ]; then
    echo "FAIL: $name: status $status, not $expected_status"
    cat "$output"
    failed=1
  fi
  for expect in "${expects[@]}"; do
    if ! grep -qE -- "$expect" "$output"; then
      echo "FAIL: $name: no line matches: $expect"
      cat "$output"
      failed=1
    fi
  done
}

while IFS= read -r line || [ -n "$line" ]; do
  case $line in
    'NAME '*) check; name=${line#NAME } run='' expected_status=0 expects=() ;;
    'RUN '* | RUN) run=${line#RUN} ;;
    'EXPECT '*) expects+=("${line#EXPECT }") ;;
    'STATUS '*) expected_status=${line#STATUS } ;;
    '' | '#'*) ;;
    *) echo "FAIL: not a line of a case: $line"; exit 1 ;;
  esac
done <"$1"
check
echo "$count cases"
[ "$count" -gt 0 ] && [ "$failed" = 0 ]
