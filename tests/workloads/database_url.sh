#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A server that is there, with passwords and with all that goes wrong with it: under each kind of runtime one sentence says
# what, none of them a password, and nothing is left in the database.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"

workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-database.XXXXXX")
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

runtimes=(threads processes event-loop green nursery)
small=(--jobs 3 --queries 1 --rows 20 --service-ms 1)
socket="host=$server dbname=postgres"

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
# says NAME WORDS: the run whose output is in $work/NAME.out and .err failed, and said why in one line.
says() {
  local lines
  lines=$(wc -l <"$work/$1.err")
  if [ "$(cat "$work/$1.status")" != 1 ] || [ "$lines" != 1 ] || ! grep -q -- "$2" "$work/$1.err"; then
    cat "$work/$1.out" "$work/$1.err"
    fail "$1: status $(cat "$work/$1.status"), $lines lines, or not: $2"
  fi
}
# run NAME ARGUMENTS...
run() {
  local status=0
  "$workload" "${@:2}" >"$work/$1.out" 2>"$work/$1.err" || status=$?
  echo "$status" >"$work/$1.status"
}
sum() { sed -n 's/^checksum //p' "$work/$1.out"; }
serves() { ask "SELECT 1" >"$work/asked" 2>&1; }
schemas() { ask "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'interleave%'"; }
# terminate PATTERN: ends the connections whose last query was such; one may be gone by then, which the server mentions.
terminate() {
  ask "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '$1' AND pid <> pg_backend_pid()" \
    >"$work/asked" 2>&1 || fail "$(cat "$work/asked")"
}
# all_at QUERY COUNT: so many connections are at it.
all_at() { [ "$(ask "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND query LIKE '$1' AND pid <> pg_backend_pid()")" = "$2" ]; }

# Passwords, said in each of the places that there are for one.
passfile=$work/passfile
printf '*:*:*:%s\n' 'scrammy:scram@secret' 'emdy:md5/secret' >"$passfile"
chmod 600 "$passfile"
run trusted postgres "${small[@]}" --database-url "$boss"
first=$(sum trusted)
[ -n "$first" ] || fail "no checksum"
export PGPASSFILE=$work/no-file
for runtime in "${runtimes[@]}"; do
  run url postgres "${small[@]}" --runtime "$runtime" --database-url "postgresql://scrammy:scram%40secret@/postgres?host=$server"
  run words postgres "${small[@]}" --runtime "$runtime" --database-url "$socket user=emdy password=md5/secret"
  PGPASSWORD=scram@secret run variable postgres "${small[@]}" --runtime "$runtime" --database-url "$socket user=scrammy"
  run file postgres "${small[@]}" --runtime "$runtime" --database-url "$socket user=emdy passfile=$passfile"
  for name in url words variable file; do
    [ "$(sum $name)" = "$first" ] || { cat "$work/$name.err"; fail "$name under $runtime: not the checksum"; }
  done

  run wrong postgres "${small[@]}" --runtime "$runtime" --database-url "$socket user=scrammy password=md5/secret"
  says wrong 'password authentication failed for user "scrammy"$'
  run none postgres "${small[@]}" --runtime "$runtime" --database-url "$socket user=emdy"
  says none 'no password supplied$'
  run nowhere postgres "${small[@]}" --runtime "$runtime" --database-url "$socket user=plain dbname=nowhere"
  says nowhere 'database "nowhere" does not exist$'
  run locked postgres "${small[@]}" --runtime "$runtime" --database-url "$socket user=plain dbname=locked"
  says locked 'permission denied to create temporary tables in database "locked"$'
done
PGPASSWORD=md5/secret run scraped web-scraper --pages 9 --service-ms 1 --jobs 2 --database-url "$socket user=emdy"
[ -n "$(sum scraped)" ] || { cat "$work/scraped.err"; fail "web-scraper with a password"; }
run scraped web-scraper --jobs 2 --database-url "$socket user=plain dbname=locked"
says scraped 'permission denied for database locked$'
run scraped web-scraper --jobs 2 --database-url "$socket user=emdy password=scram@secret"
says scraped 'password authentication failed for user "emdy"$'

# What is typed wrong may be a part of a password.
for url in 'postgresql://u:top%secret@h/d' 'host=h password=top secret' 'postgresql://u:top@secret@h/d' \
  'postgresql://u:topsecret/2@h/d' 'postgresql://u:topsecret@[h/d' 'postgresql://u:topsecret@h:1x/d'; do
  run typed postgres --database-url "$url"
  [ "$(cat "$work/typed.status")" = 2 ] && [ "$(wc -l <"$work/typed.err")" = 1 ] || { cat "$work/typed.err"; fail "$url"; }
  ! grep -E 'top|secret' "$work/typed.err" || fail "$url: its password is shown"
done
# Who hands its job to a program started anew does not hand it a password that all can read.
"$workload" postgres --runtime processes --start-method spawn --jobs 2 --service-ms 600000 \
  --database-url "$socket user=plain password=of-$$-alone" >"$work/spawn.out" 2>"$work/spawn.err" &
spawner=$!
wait_for all_at '%pg_sleep%ilv_numbers%' 2
readable=$(grep -las "of-$$-alone" /proc/[0-9]*/cmdline || true)
[ "$readable" = "/proc/$spawner/cmdline" ] || fail "a password can be read in $readable"

# The server ends its connections: one by one, by dying, by being shut down.
terminate '%ilv_numbers%'
wait "$spawner" || true
for end in terminate crash shutdown; do
  for runtime in "${runtimes[@]}"; do
    run "$end-$runtime" postgres --jobs 2 --service-ms 600000 --runtime "$runtime" --database-url "$boss" &
  done
  wait_for all_at '%pg_sleep%ilv_numbers%' $((2 * ${#runtimes[@]}))
  case $end in
  terminate) terminate '%ilv_numbers%' ;;
  crash) kill -KILL "$(ask "SELECT min(pid) FROM pg_stat_activity WHERE query LIKE '%ilv_numbers%' AND pid <> pg_backend_pid()")" ;;
  shutdown) stop_postgresql ;;
  esac
  for runtime in "${runtimes[@]}"; do
    wait_for [ -e "$work/$end-$runtime.status" ]
    says "$end-$runtime" 'the database server closed the connection, or was killed: '
  done
  [ -n "$postmaster" ] || serve_postgresql
  wait_for serves
done

# web-scraper makes tables that all see. Whoever of its connections is ended, they go.
scrape() { run "$1" web-scraper --variant event-loop --jobs 2 --pages 1000 --service-ms 50 --database-url "$boss"; }
has_pages() { ask "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'WITH page%' AND pid <> pg_backend_pid()" | grep -q 1; }
for whose in 'WITH page%' '%CREATE SCHEMA%'; do
  rm -f "$work/scrape.status"
  scrape scrape &
  wait_for has_pages
  # Without its workers a run need not go through all pages.
  for query in "$whose" 'WITH page%'; do
    terminate "$query"
  done
  wait_for [ -e "$work/scrape.status" ]
  says scrape 'workload: the database server closed the connection, or was killed: '
  [ "$(schemas)" = 0 ] || fail "a schema stays"
done
rm -f "$work/scrape.status"
scrape scrape &
wait_for has_pages
stop_postgresql
wait_for [ -e "$work/scrape.status" ]
says scrape 'workload: tables stay in the schema interleave_scraper_[0-9]* until the next run: the database server closed'
serve_postgresql
[ "$(schemas)" = 1 ] || fail "no schema stays, though it is said"
run after web-scraper --pages 2 --service-ms 0 --jobs 1 --database-url "$boss"
[ "$(schemas)" = 0 ] || fail "a schema stays after the next run"

! grep -F -e scram@secret -e md5/secret "$work"/*.out "$work"/*.err || fail "a password is shown"
echo "checksum $first with every password; one sentence for whatever goes wrong"
