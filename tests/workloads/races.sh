#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What each variant of the race loses: nothing where the number is protected, by a lock, an atomic addition, or by
# tasks that do not await in between; exactly all but the last round of every task where they do.
set -euo pipefail

workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-races.XXXXXX")
trap 'rm -rf "$work"' EXIT

# check VARIANT EXPRESSION OPTIONS...: over made, final and lost, in Python.
check() {
  local variant=$1 expression=$2
  shift 2
  "$workload" race --variant "$variant" --truth "$work/truth.json" "$@" >"$work/out"
  python3 - "$work/truth.json" "$variant" "$expression" <<'END'
import json, sys
truth = json.load(open(sys.argv[1]))
made, final, lost = (truth["counted"][key] for key in ("increment_count", "final_value", "lost_count"))
assert truth["variant"] == sys.argv[2] and truth["status"] == "done" and truth["checksum"] is None, truth
assert final + lost == made, (made, final, lost)
assert eval(sys.argv[3]), f"{sys.argv[2]}: {sys.argv[3]} does not hold: made={made} final={final} lost={lost}"
END
  echo "$(tail -1 "$work/out")  ($variant)"
}

check mutex 'made == 5000 and lost == 0' --gap 5000
check atomic 'made == 5000 and lost == 0' --gap 5000
check task 'made == 5000 and lost == 0' --gap 5000
check task-await 'made == 5000 and final == 1000' --gap 1000
check task-await 'made == 21 and final == 7' --gap 0 --jobs 3 --increments 7
# Without protection, and with the default gap, five threads share one CPU for dozens of time slices.
check unlocked 'made == 5000 and 0 < lost <= 4999' --cpus 1
check unlocked 'made == 500 and lost == 0' --jobs 1 --increments 500 --gap 0
# A GIL is given up over a sleep: all threads read, sleep and write side by side, and what they add is little more than
# one of them would. A lock held over the sleep is the cure.
check gil-sleep 'made == 5000 and final < 2500'
check gil-sleep-lock 'made == 250 and lost == 0' --increments 50
