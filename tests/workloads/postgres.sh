#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Job `postgres` against a real server: the same under every runtime, and nothing of a private server stays behind,
# however the run ends.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"

workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-postgres.XXXXXX")
trap 'rm -rf "$work"' EXIT
# The server's user is another than root, and must be able to enter.
chmod 755 "$work"
export TMPDIR="$work"
small=(--jobs 4 --queries 2 --rows 50 --service-ms 2)

fail() {
  echo "FAIL: $*"
  exit 1
}
wait_for() {
  for _ in $(seq 200); do
    if "$@"; then
      return 0
    fi
    sleep 0.05
  done
  fail "not within 10 s: $*"
}
is_gone() { [ ! -e "/proc/$1" ]; }
is_clean() { [ -z "$(find "$work" -maxdepth 1 -name 'interleave-scratch.*')" ]; }
servers() { pgrep -f -- "-D $work/interleave-scratch" || true; }
has_server() { [ -n "$(find "$work" -name '.s.PGSQL.5432' 2>/dev/null)" ]; }
no_server() { [ -z "$(servers)" ]; }

"$workload" postgres "${small[@]}" --runtime threads >"$work/out" 2>&1 || {
  cat "$work/out"
  if grep -q 'PostgreSQL is not installed: apt-get install postgresql' "$work/out"; then
    skip "no PostgreSQL (apt-get install postgresql)"
  fi
  exit 1
}
first=$(sed -n 's/^checksum //p' "$work/out")
[ -n "$first" ] || fail "no checksum"
is_clean || fail "a folder stays"
# expect STATUS WORDS ARGUMENTS...
expect() {
  local status=0
  "$workload" postgres "${small[@]}" "${@:3}" >"$work/out" 2>&1 || status=$?
  if [ "$status" != "$1" ] || ! grep -q -- "$2" "$work/out"; then
    cat "$work/out"
    fail "status $status, not $1, or not: $2"
  fi
}
for runtime in threads event-loop; do
  expect 1 'Connection refused' --runtime "$runtime" --database-url postgresql://nobody@127.0.0.1:9/nowhere
done
expect 2 'invalid connection option "flavour"' --database-url flavour=sweet
if [ "$(id -u)" = 0 ]; then
  status=0
  unshare -m sh -c 'mount -t tmpfs none /usr/lib/postgresql && PATH=/usr/bin:/bin exec "$0" postgres' "$workload" >"$work/out" 2>&1 || status=$?
  if [ "$status" != 1 ] || ! grep -q 'PostgreSQL is not installed: apt-get install postgresql' "$work/out"; then
    cat "$work/out"
    fail "status $status where PostgreSQL is not installed"
  fi
fi

# start: a run that takes for ever, with a server that serves. `run` is its pid, `keeper` its server's keeper.
start() {
  "$workload" postgres --service-ms 600000 --runtime "$1" >"$work/out" 2>&1 &
  run=$!
  wait_for has_server
  keeper=$(pgrep -P "$run")
}
# A server that is there, here that of another run: the same under every runtime, and nothing of ours is in it afterwards.
start event-loop
folder=$(dirname "$(find "$work" -name '.s.PGSQL.5432')")
url="host=$folder port=5432 user=interleave dbname=postgres"
wait_for "$workload" postgres --jobs 1 --queries 1 --service-ms 0 --database-url "$url" >/dev/null 2>&1
for runtime in sequential threads event-loop; do
  sum=$("$workload" postgres "${small[@]}" --runtime "$runtime" --connections 2 --database-url "$url" | sed -n 's/^checksum //p')
  [ "$sum" = "$first" ] || fail "$sum under $runtime, not $first"
done
scraped=$("$workload" web-scraper --pages 9 --service-ms 1 --jobs 2 --database-url "$url")
grep -q '9 pages fetched' <<<"$scraped" || fail "$scraped"
if command -v psql >/dev/null; then
  left=$(psql -X -At "$url" -c "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'interleave%'")
  [ "$left" = 0 ] || fail "$left schemas stay in a database that is not ours"
fi

# Asked to end while its queries run.
kill -INT "$run"
status=0
wait "$run" || status=$?
[ "$status" = 130 ] || fail "status $status after INT"
is_clean && no_server || fail "something stays after INT"

# A run that is killed takes its server along, and the folder.
start threads
kill -KILL "$run"
{ wait "$run" || true; } 2>/dev/null
wait_for is_gone "$keeper"
is_clean && no_server || fail "something stays after KILL"

# If its keeper is killed too, the server ends all the same, and the next run removes the folder.
start threads
kill -KILL "$keeper" "$run"
{ wait "$run" || true; } 2>/dev/null
wait_for no_server
is_clean && fail "who removed the folder?"
"$workload" file --jobs 1 --file-kib 1 >/dev/null
is_clean || fail "the next run left the folder of a killed one"

echo "checksum $first under every runtime; nothing stays"
