#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program whose main thread leaves by pthread_exit() ends with its last thread, traced or not, though LTTng's threads and
# ours would live for ever; and one that ends by quick_exit() says its end. Usage: exits.sh PROGRAM
set -euo pipefail
# shellcheck source=tests/tracepoints/record.sh
. "$(dirname "$0")/record.sh"

cat >"$work/expected" <<'END'
main's own values are gone
the last thread ends
the program ends
END
timeout -s KILL 20 "$1" thread >"$work/untraced" || fail "untraced, the program of the last thread ends with status $?"
diff -u "$work/expected" "$work/untraced" || fail "untraced, the program did other things"

for source in none auto; do
  export ILV_SWITCH_SOURCE=$source
  status=$(record "thread-$source" timeout -s KILL 20 "$1" thread)
  [ "$status" = 0 ] || fail "the program of the last thread ends with status $status"
  diff -u "$work/expected" "$work/thread-$source.out" || fail "traced, the program did other things"
  events "thread-$source" >"$work/thread.events"
  grep -q '^process_exit: .*status = 0,' "$work/thread.events" || fail "the process of the last thread does not say its end"

  status=$(record "quick-$source" "$1" quick)
  [ "$status" = 7 ] || fail "quick_exit(7) ends with status $status"
  grep -qx 'the program ends' "$work/quick-$source.out" || fail "the program's own handler was not called"
  events "quick-$source" >"$work/quick.events"
  tail -n 1 "$work/quick.events" | grep -q '^process_exit: ' || fail "quick_exit() leaves no process_exit, or not last"
done
