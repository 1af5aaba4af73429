#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Traces that are not as a run leaves them: parts of the events, none at all, damaged, with hostile names. Each view shows what it
# can or says in one sentence why not, with the documented status.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

# record NAME EVENTS COMMAND...: what bare lttng commands record of a program.
record() {
  local name=$1 events=$2
  shift 2
  lttng -q --no-sessiond create "$name" --output="$place/$name" || fail "cannot create a session"
  lttng -q --no-sessiond enable-event -u "$events" || fail "cannot enable events"
  lttng -q --no-sessiond start || fail "cannot start the session"
  "$@" >/dev/null 2>&1 || fail "cannot run: $*"
  lttng -q --no-sessiond destroy "$name" || fail "cannot destroy the session"
}

# Every view of a trace that can be read: status 0 or 4, valid output, at most one sentence. $1 is the trace.
expect_views() {
  local view status
  for view in "report $1" "report $1 --json" "timeline $1" "timeline $1 -o $1.svg" "compare whole $1" \
    "compare whole $1 --json" "compare whole $1 -o $1.both.svg"; do
    # shellcheck disable=SC2086
    interleave $view >stdout 2>stderr
    status=$?
    expect_status "$status" "$2" "$view"
    [ "$(wc -l <stderr)" = $((status == 4)) ] || fail "$view says something else than one sentence: $(cat stderr)"
    [ "$status" = 0 ] || expect_line stderr "is incomplete: ."
    grep -q $'[\001-\010\013-\037\177]' stdout && fail "$view lets control characters through"
    iconv -f UTF-8 -t UTF-8 stdout >iconv.out 2>&1 || fail "$view prints what is not UTF-8"
    case $view in
    *--json) jq -e .format stdout >/dev/null || fail "$view prints no JSON" ;;
    esac
  done
  xmllint --noout "$1.svg" "$1.both.svg" || fail "a picture of $1 is not valid XML"
}

# No view of what cannot be read: status 3, one sentence that names it, and no output. $1 is the trace, $2 a pattern.
expect_no_view() {
  local view
  for view in "report $1" "report $1 --json" "timeline $1 -o $1.svg" "compare whole $1"; do
    # shellcheck disable=SC2086
    interleave $view >stdout 2>stderr
    expect_status $? 3 "$view"
    [ "$(wc -l <stderr)" = 1 ] || fail "$view says something else than one sentence: $(cat stderr)"
    expect_line stderr "^interleave: .*$1"
    expect_line stderr "$2"
    [ ! -s stdout ] || fail "$view prints something"
    [ ! -e "$1.svg" ] || fail "$view leaves a file"
  done
}

record whole 'interleave:*' interleave-workload race --variant mutex --increments 200
record two 'interleave:*' sh -c 'interleave-workload matmul --size 64 && interleave-workload matmul --size 64 --runtime sequential'

# Parts of the events.
record locks 'interleave:lock_*' interleave-workload race --variant mutex --increments 200
expect_views locks 0
interleave report locks >stdout
expect_line stdout "Thread switches were not recorded"
expect_line stdout 'lock `number`'
record tasks 'interleave:task_*' interleave-workload sleep --runtime event-loop --sleep-ms 3
expect_views tasks 0
interleave report tasks >stdout
expect_line stdout "job 0"
record runs 'interleave:run_*' interleave-workload race --variant mutex --increments 200
expect_views runs 0
interleave report runs >stdout
expect_line stdout "race"

# No event, no metadata, empty metadata.
record none 'interleave:task_*' interleave-workload matmul --size 64
expect_no_view none "no events"
record nobody 'interleave:*' true
expect_no_view nobody 'no folder in it holds a file named "metadata"'
cp -r whole bare
find bare -name metadata -delete
expect_no_view bare 'no folder in it holds a file named "metadata"'
cp -r whole blank
truncate -s 0 "$(find blank -name metadata)"
expect_no_view blank "metadata is empty"

# Metadata that ends in the middle of a packet, of which it has several: said at once.
for size in 20 40 3000 5000; do
  rm -rf short
  cp -r whole short
  truncate -s $size "$(find short -name metadata)"
  began=$SECONDS
  expect_no_view short "its metadata is damaged, or ends too early"
  [ $((SECONDS - began)) -lt 5 ] || fail "four views of short metadata take $((SECONDS - began)) s"
done

# A stream that ends in the middle of a packet.
record torn 'interleave:*' interleave-workload race --variant mutex
stream=$(find torn -name 'channel*_*' ! -path '*/index/*' -size +8k -printf '%s %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
truncate -s $(($(stat -c %s "$stream") - 5000)) "$stream"
expect_views torn 4

# Runs of one recording: chosen by number.
interleave compare two#1 two#2 --json >stdout 2>stderr
expect_status $? 0 "compare two runs of one recording"
[ "$(jq -r '[.runs[].label] | join(" ")' stdout)" = "threads sequential" ] || fail "other runs are compared: $(jq -c '[.runs[].label]' stdout)"
interleave compare whole two#2 -o chosen.svg >stdout 2>stderr
expect_status $? 0 "compare one run with a recording"
xmllint --noout chosen.svg || fail "chosen.svg is not valid XML"
interleave compare two#1 two#3 >stdout 2>stderr
expect_status $? 2 "a run that is not there"
expect_line stderr 'holds 2 runs, so there is no run 3'
interleave compare two#1 two#zwei >stdout 2>stderr
expect_status $? 2 "no number"
expect_line stderr '"two#zwei" wants the number of a run'
interleave report two --run 2 --json >stdout 2>stderr
expect_status $? 0 "report --run"
[ "$(jq -r '[.runs[].runtime] | join(" ")' stdout)" = "sequential" ] || fail "another run is reported"

# Hostile names.
record hostile 'interleave:*' "$ILV_EMIT_HOSTILE"
expect_views hostile 0
grep -qi '<script' hostile.svg hostile.both.svg && fail "markup from a trace reaches a picture"
[ "$(wc -c <hostile.svg)" -lt 1000000 ] || fail "a long name makes a huge picture"
COLUMNS=60 interleave report hostile >stdout

# A signal while a trace is read, which takes a second: nothing but the status.
record slow 'interleave:*' interleave-workload race --variant unlocked --increments 30000
for signal in INT TERM HUP; do
  env --default-signal="$signal" interleave report slow >stdout 2>stderr &
  tool=$!
  wait_until grep -q . "/proc/$tool/task/$tool/children" || fail "no reader was started"
  kill -s "$signal" "$tool"
  wait "$tool"
  expect_status $? $((128 + $(kill -l "$signal"))) "SIG$signal while a trace is read"
  [ ! -s stderr ] || fail "SIG$signal while a trace is read: $(cat stderr)"
done
expect_nothing_left
finish
