#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The server of a run, with processes that know nothing of us, is no part of the run, and its time is told.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

[ -n "$(find /usr/lib/postgresql -name initdb 2>/dev/null)" ] || skip "no PostgreSQL (apt-get install postgresql)"
chmod 755 "$place" "$place/tmp"
sources=perf
[ "$(id -u)" != 0 ] || sources="perf+wakeups perf"
for source in $sources; do
  python3 "$ILV_SOURCE/tests/cli/server.py" "$source" out || fail "source $source"
  interleave report out >stdout 2>stderr
  expect_line stdout '^  server [0-9.]+ (m|µ)?s'
  interleave timeline out -o out.svg >/dev/null 2>stderr
  expect_status $? 0 "timeline"
  for tid in $(jq '.runs[0].threads[] | select(.role == "server") | .tid' out/report.json); do
    ! grep -qE ">(tid|thread) $tid<" out.svg || fail "the server's thread $tid has a lane"
  done
done
expect_nothing_left
rm -rf "$place"
