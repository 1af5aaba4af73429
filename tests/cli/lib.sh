# SPDX-License-Identifier: MIT
# What the integration tests of the command line share. To be sourced; they run in a private place (with-sessiond.sh).
# Everything that a test starts carries ILV_TEST_MARK in its environment, and so can be found again.
# shellcheck shell=bash
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/needs.sh"

PATH="$ILV_BIN:$PATH"
ILV_TEST_MARK="$$.$RANDOM"
place=$(mktemp -d "${TMPDIR:-/tmp}/ilv-cli.XXXXXX")
mkdir "$place/tmp"
TMPDIR="$place/tmp"
LC_ALL=C.UTF-8
export PATH ILV_TEST_MARK TMPDIR LC_ALL
cd "$place" || exit 1

fail() {
  echo "FAIL: $1"
  [ -f stderr ] && sed 's/^/  stderr: /' stderr | head -20
  echo "The folder stays: $place"
  for pid in $(marked); do
    kill -9 "$pid" 2>/dev/null
  done
  exit 1
}

# The living processes that this test started, but for its own shells. What looks for them carries no mark.
marked() {
  local entry pid
  env -u ILV_TEST_MARK grep -lzx "ILV_TEST_MARK=$ILV_TEST_MARK" /proc/[0-9]*/environ 2>/dev/null |
    while read -r entry; do
      pid=${entry#/proc/}
      pid=${pid%/environ}
      if [ "$pid" != $$ ] && [ -d "/proc/$pid" ] && ! env -u ILV_TEST_MARK grep -qx bash "/proc/$pid/comm"; then
        echo "$pid"
      fi
    done
}

# Waits until a command is true, at most 20 s.
wait_until() {
  local count=0
  until "$@"; do
    count=$((count + 1))
    [ "$count" -lt 1000 ] || return 1
    sleep 0.02
  done
}

expect_status() {
  [ "$1" = "$2" ] || fail "exit status is $1, not $2: $3"
}

expect_file() {
  [ -s "$1" ] || fail "$1 is missing or empty"
}

expect_line() {
  grep -Eq -- "$2" "$1" || fail "no line of $1 matches: $2"
}

nothing_marked() {
  [ -z "$(marked)" ]
}

# No process, no session, no temporary folder may be left behind.
expect_nothing_left() {
  if ! wait_until nothing_marked; then
    ps -o pid,ppid,args -p "$(marked | paste -sd,)"
    fail "processes are left behind"
  fi
  if lttng --no-sessiond list 2>/dev/null | grep -q interleave-; then
    fail "a session is left behind"
  fi
  [ -z "$(ls -A "$TMPDIR")" ] || fail "temporary files are left behind: $(ls -A "$TMPDIR")"
}

finish() {
  cd /
  rm -rf "$place"
}

# The workload that the tool $1 started, once all of its 7 jobs run.
find_workload() {
  local pid
  workload=
  while read -r pid; do
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = interleave-work ] &&
      [ "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" -ge 8 ]; then
      workload=$pid
    fi
  done < <(cat "/proc/$1/task"/*/children 2>/dev/null | tr ' ' '\n')
  [ -n "$workload" ]
}

# Starts `interleave run` of jobs that would sleep for an hour, and waits until they do: sets $tool and $workload.
start_sleepers() {
  # A shell lets its jobs in the background ignore Ctrl-C.
  env --default-signal=INT interleave run sleep --runtime threads --jobs 7 --sleep-ms 3600000 --naps 1 -o "$1" >stdout 2>stderr &
  tool=$!
  wait_until find_workload "$tool" || fail "the workload did not start"
}
