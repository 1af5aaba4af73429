#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A password that is said with --database-url gets into nothing that a recording leaves: trace, truth, reports, pictures.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-secret.XXXXXX")
postmaster=
clean() {
  [ -z "$postmaster" ] || stop_postgresql
  rm -rf "$work"
}
trap clean EXIT
chmod 755 "$work"
# shellcheck source=tests/workloads/postgresql.sh
. "$(dirname "$0")/postgresql.sh"
start_postgresql

fail() {
  echo "FAIL: $*"
  exit 1
}
# Words without blanks and = are what a run tells of its options.
export PGHOST=$server
# record NAME STATUS PASSWORD
record() {
  local status=0
  "$ILV_BIN/interleave" run postgres --runtime threads,processes --jobs 2 --queries 1 --output "$work/$1" \
    --database-url "postgresql://scrammy:$3@/postgres" >"$work/$1.said" 2>&1 || status=$?
  if [ "$status" != "$2" ]; then
    cat "$work/$1.said"
    fail "$1: status $status, not $2"
  fi
  "$ILV_BIN/interleave" report "$work/$1/threads" --json >>"$work/$1.said"
  babeltrace2 "$work/$1" >"$work/$1.trace"
  grep -q 'run_begin.*postgres' "$work/$1.trace" || fail "$1: no trace"
}
record right 0 scram%40secret
record wrong 1 wrong%40secret
found=$(grep -rlaE '(@|%40)secret' "$work" --exclude-dir=server || true)
[ -z "$found" ] || fail "a password is in $found"
