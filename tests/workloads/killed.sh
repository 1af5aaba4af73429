#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whose server or worker is killed ends at once: status 1, one sentence that says who is gone, no process and no file left.
set -euo pipefail

workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-killed.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp"
chmod 755 "$work"
chmod 1777 "$work/tmp"
export TMPDIR="$work/tmp"

fail() {
  echo "FAIL: $*"
  cat "$work/said"
  exit 1
}
wait_for() {
  for _ in $(seq 400); do
    if "$@"; then
      return 0
    fi
    sleep 0.05
  done
  fail "not within 20 s: $*"
}
# The victim: the first descendant of the run whose name or command line has these words.
find_victim() {
  local pid
  for pid in $(pgrep -P "$1"); do
    if grep -qsE -- "$2" "/proc/$pid/comm" "/proc/$pid/cmdline"; then
      victim=$pid
      return 0
    fi
    find_victim "$pid" "$2" && return 0
  done
  return 1
}
has_ended() { [ ! -e "/proc/$1" ] || grep -q '^State:\sZ' "/proc/$1/status" 2>/dev/null; }
is_clean() { [ -z "$(ls -A "$TMPDIR")" ] && [ -z "$(pgrep -f -- "$TMPDIR")" ]; }

# Holds that the run says the one sentence, and leaves nobody behind, not even one who is about to end.
check_end() {
  local status=0 name=$1 words=$2
  shift 2
  wait_for has_ended "$run"
  wait "$run" || status=$?
  if [ $status != 1 ] || [ "$(wc -l <"$work/said")" != 1 ] || ! grep -qE -- "$words" "$work/said"; then
    fail "$name of $*: status $status, not 1 and: $words"
  fi
  is_clean || fail "$name of $*: left: $(find "$TMPDIR" -mindepth 1 | head -n 20) $(pgrep -af -- "$TMPDIR")"
}
# check VICTIM WORDS ARGUMENTS...: AFTER is another of its processes that is to be there before.
check() {
  local name=$1 words=$2
  shift 2
  "$workload" "$@" >"$work/out" 2>"$work/said" &
  run=$!
  wait_for find_victim "$run" "${AFTER:-$name}"
  wait_for find_victim "$run" "$name"
  sleep 0.3
  kill -KILL "$victim" || fail "$name ended by itself: $*"
  check_end "$name" "$words" "$@"
}

gone='the HTTP server of the run is gone'
for runtime in threads event-loop process-pool; do
  check '^http-server$' "$gone" request --runtime $runtime --requests 1000000 --jobs 3
done
check '^http-server$' "$gone" blocking-request --runtime threads --requests 1000000 --jobs 3
check '^http-server$' "$gone" mixed --runtime threads --rounds 1000000 --jobs 3
check '^http-server$' "$gone" input --requests 1000000 --lines 100000
check '^job 1$' 'of "job 1" was killed by signal 9' sleep --runtime processes --sleep-ms 3600000
check '^worker 1$' 'the pool is broken: worker 1 .* was killed by signal 9' sleep --runtime process-pool --sleep-ms 3600000
check '^worker 1$' '^interleave-workload: the pool is broken: worker 1 .process [0-9]+. was killed by signal 9 .Killed., at "job [0-9]+"$' \
  matmul --runtime hybrid --pool processes --workers 2 --size 200 --count 1000000 --jobs 6
# Whoever waits for something else is not left at that.
check '^worker 1$' 'the pool is broken: worker 1 .* was killed by signal 9' \
  mixed --runtime hybrid --pool processes --workers 2 --size 640 --service-ms 5 --rounds 1000000 --jobs 6
check '^cruncher 0$' '^interleave-workload: process [0-9]+ of "cruncher 0" was killed by signal 9 \(Killed\) before it had a result$' \
  convoy --variant processes --requests 1000000

if [ -n "$(find /usr/lib/postgresql -name initdb 2>/dev/null)" ]; then
  for name in '/bin/postgres' '^database$'; do
    AFTER='^postgres: interleave' check "$name" 'the database server closed the connection, or was killed' \
      postgres --runtime threads --service-ms 600000 --jobs 3
  done

  # A server that outlives its keeper, and takes its time, is waited for: it would go on to write into a folder that is gone.
  "$workload" postgres --runtime threads --service-ms 600000 --jobs 3 >"$work/out" 2>"$work/said" &
  run=$!
  wait_for find_victim "$run" '^postgres: interleave'
  wait_for find_victim "$run" '^postgres: checkpointer'
  slow=$victim
  wait_for find_victim "$run" '^database$'
  kill -STOP "$slow"
  kill -KILL "$victim"
  sleep 1
  is_early=0
  has_ended "$run" && is_early=1
  kill -CONT "$slow"
  [ $is_early = 0 ] || fail "the run ended before its server"
  check_end 'a slow server' 'the database server closed the connection, or was killed' postgres
fi
echo "killed servers and workers are told"
