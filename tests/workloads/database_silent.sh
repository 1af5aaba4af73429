#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A database server that says nothing, and one that takes no connection: under each kind of runtime the wait is over after
# connect_timeout, and ends at once when the run is asked to end. Usage: database_silent.sh [default]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"

workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-silent.XXXXXX")
postmaster=
clean() {
  [ -z "$postmaster" ] || stop_postgresql
  kill "$listener" 2>/dev/null || true
  rm -rf "$work"
}
# To two of three sockets whoever wants is connected, and gets no answer; the third has no room for one more, so that the
# kernel answers nothing at all.
python3 - >"$work/ports" <<'PYTHON' &
import select, socket, time

def listen(backlog):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(backlog)
    return listener

mute, other, full = listen(64), listen(64), listen(0)
waiting = []
while len(waiting) < 16:
    waiting.append(socket.socket())
    waiting[-1].setblocking(False)
    waiting[-1].connect_ex(full.getsockname())
    if not select.select([], waiting[-1:], [], 0.5)[1]:
        break
print(*(listener.getsockname()[1] for listener in (mute, other, full)), flush=True)
time.sleep(3600)
PYTHON
listener=$!
trap clean EXIT
chmod 755 "$work"
# shellcheck source=tests/workloads/postgresql.sh
. "$(dirname "$0")/postgresql.sh"

fail() {
  echo "FAIL: $*"
  exit 1
}
wait_for() {
  for _ in $(seq 1200); do
    ! "$@" || return 0
    sleep 0.05
  done
  fail "not within 60 s: $*"
}
wait_for [ -s "$work/ports" ]
read -r mute other full <"$work/ports"

# run NAME ARGUMENTS...
run() {
  local status=0
  "$workload" "${@:2}" >"$work/$1.out" 2>"$work/$1.err" || status=$?
  echo "$status" >"$work/$1.status"
}
# silent NAME SECONDS PORT: the run said that it waited so long, in one line, and it did.
silent() {
  local words="no answer within $2 s (connect_timeout) from 127.0.0.1, port $3"
  [ "$(cat "$work/$1.status")" = 1 ] && [ "$(cat "$work/$1.err")" = "interleave-workload: Cannot connect to the database: $words" ] ||
    { cat "$work/$1.out" "$work/$1.err"; fail "$1: status $(cat "$work/$1.status"), or not: $words"; }
}

# Where nobody says anything it is 30 s.
if [ "${1:-}" = default ]; then
  run default postgres --jobs 1 --database-url "host=127.0.0.1 port=$mute"
  silent default 30 "$mute"
  exit 0
fi
runs=()
# begin NAME ARGUMENTS...: runs beside the others.
begin() {
  run "$@" &
  runs+=($!)
}
for runtime in sequential threads gil thread-pool processes process-pool event-loop green nursery hybrid; do
  begin "mute-$runtime" postgres --jobs 2 --runtime "$runtime" --database-url "postgresql://127.0.0.1:$mute/?connect_timeout=2"
  begin "full-$runtime" postgres --jobs 2 --runtime "$runtime" --database-url "postgresql://127.0.0.1:$full/?connect_timeout=2"
done
# Less than 2 s is 2 s, as libpq has it; and there is a variable.
begin short postgres --jobs 1 --database-url "host=127.0.0.1 port=$mute connect_timeout=1"
PGCONNECT_TIMEOUT=3 begin variable postgres --jobs 1 --runtime event-loop --database-url "host=127.0.0.1 port=$full"
begin scraper web-scraper --database-url "host=127.0.0.1 port=$mute connect_timeout=2"

# Asked to end, it waits for nobody.
are_connected() { [ "$(awk -v port="$(printf ':%04X$' "$other")" '$3 ~ port && $4 == "01"' /proc/net/tcp | wc -l)" = 2 ]; }
for runtime in threads processes event-loop green; do
  "$workload" postgres --jobs 2 --runtime "$runtime" --database-url "host=127.0.0.1 port=$other connect_timeout=0" >/dev/null 2>&1 &
  run=$!
  wait_for are_connected
  kill -INT "$run"
  status=0
  wait "$run" || status=$?
  [ "$status" = 130 ] || fail "status $status under $runtime after INT"
done

start_postgresql
# The first of two is passed over once its time is over.
run good postgres --jobs 1 --queries 1 --service-ms 0 --database-url "$boss"
for runtime in threads event-loop; do
  run over postgres --jobs 1 --queries 1 --service-ms 0 --runtime "$runtime" \
    --database-url "host=127.0.0.1,$server port=$full,5432 user=boss dbname=postgres connect_timeout=2"
  grep -q "$(grep '^checksum' "$work/good.out")" "$work/over.out" || { cat "$work/over.err"; fail "the second server is not found"; }
done

wait "${runs[@]}"
for runtime in sequential threads gil thread-pool processes process-pool event-loop green nursery hybrid; do
  silent "mute-$runtime" 2 "$mute"
  silent "full-$runtime" 2 "$full"
done
silent short 2 "$mute"
silent variable 3 "$full"
silent scraper 2 "$mute"
# By the runs' own clock.
grep -ho 'failed after [0-9]*' "$work"/*.out | awk '$3 < 2000 { exit 1 }' || fail "a run waits for less than 2 s"
run typed postgres --jobs 1 --database-url "host=127.0.0.1 port=$mute connect_timeout=soon"
grep -q 'connect_timeout takes seconds, not "soon"$' "$work/typed.err" || { cat "$work/typed.err"; fail "what is no number"; }
echo "each wait is over after its time"
