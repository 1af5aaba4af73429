#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Under a limit that is met: status 1, one sentence that names the limit or what the program beneath had to say, no process
# and no file left, whatever was to be started.
set -euo pipefail

if [ -n "${ILV_TEST_SANITIZE:-}" ]; then
  echo "SKIP: a program with sanitizers does not live under a limit of its address space"
  exit 77
fi

workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-limits.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp"
chmod 755 "$work"
chmod 1777 "$work/tmp"
export TMPDIR="$work/tmp"
failed=0

# check LIMIT WORDS ARGUMENTS...: LIMIT is what ulimit is given; a limit of a user's processes is not for root. All that a
# run starts holds the pipe that cat reads, so cat ends when the last of them has.
check() {
  local status=0 limit=$1 words=$2 other=()
  shift 2
  if [[ $limit == -u* && $(id -u) == 0 ]]; then
    # Of a number that nobody else has, so that others' processes are not counted.
    other=(setpriv --reuid "$((2000000000 + $$))" --regid 65534 --clear-groups)
    "${other[@]}" true 2>/dev/null || return 0
  fi
  # shellcheck disable=SC2086
  timeout -s KILL 60 bash -c 'set -o pipefail; (ulimit '"$limit"'; exec "$@" 3>&1 >/dev/null) 2>&1 | cat >"$0"' "$work/said" \
    "${other[@]}" "$workload" "$@" || status=$?
  if [ $status != 1 ] || [ "$(wc -l <"$work/said")" != 1 ] || ! grep -qE -- "$words" "$work/said" ||
    [ -n "$(ls -A "$TMPDIR")" ]; then
    echo "FAIL: ulimit $limit; $*: status $status, not 1 and: $words"
    cat "$work/said"
    ls -A "$TMPDIR"
    failed=1
  fi
}

threads='no room for one more thread \(.*\); the limit met is ulimit -u 60 '
processes='no room for one more process \(.*\); .*ulimit -u 60 '
check '-u 60' "$threads" sleep --runtime threads --jobs 200 --sleep-ms 600000
check '-u 60' "$threads" sleep --runtime gil --jobs 200 --sleep-ms 600000
check '-u 60' "$threads" sleep --runtime thread-pool --workers 100 --jobs 200 --sleep-ms 600000
check '-u 60' "$threads" sleep --runtime hybrid --workers 100 --jobs 200 --sleep-ms 600000
check '-u 60' "$processes" sleep --runtime processes --jobs 100 --sleep-ms 600000
check '-u 60' "$processes" sleep --runtime process-pool --workers 100 --jobs 100 --sleep-ms 600000
check '-u 60' "$processes" sleep --runtime hybrid --pool processes --workers 100 --jobs 100 --sleep-ms 600000
for lesson in 'deadlock --jobs 100' 'philosophers --jobs 100' 'daemon --jobs 100' 'readers-writers --jobs 100' \
  'input --jobs 100' 'too-many-threads --jobs 256 --pieces 64'; do
  # shellcheck disable=SC2086
  check '-u 60' "$threads" $lesson
done
stack='no room for one more stack \(.*\); the limit met is ulimit -v 400000 '
for runtime in event-loop green nursery hybrid; do
  check '-v 400000' "$stack" sleep --runtime $runtime --jobs 100000 --sleep-ms 600000
done
check '-n 40' 'ulimit -n\)?:? 40' request --runtime gil --jobs 300 --service-ms 600000
check '-n 40' 'ulimit -n\)?:? 40' request --runtime nursery --jobs 300 --service-ms 600000

# What refuses is another program, whose word it is: it wants a user who has a name.
if [ "$(id -u)" = 0 ] && [ -n "$(find /usr/lib/postgresql -name initdb 2>/dev/null)" ]; then
  check '-u 60' 'Cannot start a private PostgreSQL server: initdb failed: initdb: .*[0-9]+: ' postgres --jobs 2
fi
exit $failed
