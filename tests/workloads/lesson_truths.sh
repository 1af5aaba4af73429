#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What each variant of the lessons about threads and locks has to come to, by its own count, however the machine is
# loaded: what is protected loses nothing, what keeps an order never deadlocks, what deadlocks is ended, and says so.
set -euo pipefail

workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-lessons.XXXXXX")
trap 'rm -rf "$work"' EXIT
# Threads that a deadlock keeps cannot be stopped by a leak checker either.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

# check LESSON VARIANT EXPRESSION OPTIONS...: runs it now, and looks at what it counted (c) at the end, all in one Python.
checked=0
check() {
  local lesson=$1 variant=$2 expression=$3
  local name=$work/check.$((checked += 1))
  shift 3
  "$workload" "$lesson" --variant "$variant" --truth "$name.json" "$@" >"$name.out" 2>&1 || {
    echo "FAIL: $lesson $variant ends with $?"
    cat "$name.out"
    exit 1
  }
  echo "$expression" >"$name.expression"
}

# With both locks held for ever a moment after the start, or after a few rounds: but it is a matter of luck.
check deadlock abba 'c["deadlock_count"] == ("watchdog ended it" in out) and (c["deadlock_count"] or c["round_count"] == 100)' \
  --patience-ms 1000
check deadlock abba 'c["deadlock_count"] == 0 and c["round_count"] == 50 and "luck" not in out and "a thread alone waits for nobody" in out' \
  --jobs 1 --hold-us 0
for variant in ordered trylock; do
  check deadlock $variant 'c["deadlock_count"] == 0 and c["round_count"] == jobs * 10' --rounds 10 --jobs 2
  check deadlock $variant 'c["deadlock_count"] == 0 and c["round_count"] == jobs * 5' --rounds 5 --jobs 5 --hold-us 200
done
check philosophers naive 'c["deadlock_count"] == ("ended by the watchdog" in out) and (c["deadlock_count"] == 0 or c["starved_count"] == jobs)' \
  --patience-ms 1000
# Who has less than a quarter of an equal share starves, and is called by number.
starves='(c["starved_count"] > 0) == (c["fewest_meal_count"] * jobs * 4 < c["meal_count"]) == (" starved" in out)'
for variant in ordered waiter; do
  check philosophers $variant "c['deadlock_count'] == 0 and c['fewest_meal_count'] > 0 and $starves" --dinner-ms 100
done
check philosophers greedy \
  "c['deadlock_count'] == 0 and c['fewest_meal_count'] * 4 < c['most_meal_count'] and $starves" --dinner-ms 100
check philosophers greedy "$starves" --dinner-ms 100 --jobs 20
check readers-writers mutex 'c["torn_count"] == 0 and c["read_count"] == jobs * 10 and c["most_reading_count"] == 1' \
  --reads 10 --writes 2
check readers-writers rwlock 'c["torn_count"] == 0 and c["read_count"] == jobs * 10 and c["most_reading_count"] > 1' \
  --reads 10 --writes 2
check daemon mixed 'c["waited_chapter_count"] == 6 and c["daemon_thread_count"] == 2' --chapters 3
check daemon daemons 'c["waited_thread_count"] == 0 and c["daemon_thread_count"] == 4' --chapters 3
check daemon waited 'c["waited_chapter_count"] == 12 and c["cut_off_count"] == 0' --chapters 3
check join joined 'c["there_count"] == c["part_count"] and c["total"] == c["expected_total"] == 10' --work-ms 1
check join unjoined 'c["there_count"] < c["part_count"] and c["total"] < c["expected_total"] == 10' --work-ms 10
# Of sleeps of ten seconds in all, most are still in the queue.
check cancel futures 'c["begun_count"] == c["returned_count"] == jobs - c["cancelled_count"] and c["cancelled_count"] > 0 and c["cancelled_begun_count"] == 0' \
  --jobs 1000 --sleep-ms 20 --end-ms 10
check cancel futures 'c["begun_count"] == c["returned_count"] == jobs - c["cancelled_count"] and c["cancelled_begun_count"] == 0' \
  --jobs 5000 --sleep-ms 1 --end-ms 0 --workers 8
check thread-local shared 'c["increment_count"] == 400 and c["lost_count"] >= 0' --increments 100
for variant in locked thread-local task-context; do
  check thread-local $variant 'c["increment_count"] == c["final_value"] == 80' --increments 20
done
check thread-local task-thread-local 'c["increment_count"] == 80 and c["final_value"] == 20' --increments 20
check immutable in-place 'c["read_count"] == jobs * 20' --reads 20 --updates 5
for variant in locked snapshot; do
  check immutable $variant 'c["read_count"] == jobs * 20 and c["mixed_count"] == 0' --reads 20 --updates 5
done
check one-cpu one-cpu 'c["busy_permille"] <= 1010 and truth["checksum"] == "b60d79e8dd18192c"' --steps 5000000
check one-cpu all-cpus 'truth["checksum"] == "b60d79e8dd18192c"' --steps 5000000
check priority nice 'c["predicted_permille_1"] == 891 and c["measured_permille_1"] > c["measured_permille_2"] > c["measured_permille_3"]' \
  --duration-ms 300
# How even the turns are is a matter of when each thread gets a CPU; that nobody is overtaken is not.
check starvation ticket 'c["overtaken_count"] == 0 and c["fewest_turn_count"] > 0' --duration-ms 200
check starvation ticket 'c["overtaken_count"] == 0' --jobs 20 --hold-us 0 --duration-ms 20
check starvation unfair 'c["fairness_permille"] < 950 and c["longest_row_count"] > 10 and c["overtaken_count"] > 10' \
  --duration-ms 200
check starvation mutex 'c["turn_count"] > 0' --duration-ms 60
for variant in adjacent padded; do
  check false-sharing $variant 'c["step_count"] == 2000002' --steps 1000001
done
check too-many-threads cpu 'c["pieces_per_s_1"] > 0 and c["pieces_per_s_16"] > 0 and "pieces_per_s_64" not in c' \
  --jobs 20 --pieces 64
check too-many-threads io 'c["pieces_per_s_16"] > 2 * c["pieces_per_s_1"] and c["knee_thread_count"] > 1' \
  --jobs 16 --pieces 64 --piece-us 1000
# More lines than a terminal has room for.
check input blocked 'c["answered_count"] == 2000' --lines 2000 --type-ms 0 --requests 1 --work-ms 1
# A curve may have its knee where it begins; a gain of a few percent is chance, and no reason to hand work over.
check too-many-threads cpu '"with 1," not in out and ("more than 1 brings little" in out) == (c["knee_thread_count"] == 1)' \
  --jobs 4 --pieces 64 --cpus 1
for variant in event-loop thread-pool; do
  check break-even $variant \
    '("break_even_ns" in c) == (max([0] + won(c, [1, 4, 16, 64, 256])) >= 1.05) == (" pay off from " in out)' --sizes 5 --cpus 1
done
check one-cpu all-cpus '" of 1 CPU busy on average" in out' --steps 100000 --cpus 1
check starvation ticket '" 1 times" not in out' --jobs 2 --duration-ms 20

# Of one thing they speak as of one: the Python below looks at the sentences of all.
while read -r lesson variant options; do
  # shellcheck disable=SC2086
  check "$lesson" "$variant" True --jobs 1 $options
done <<'END'
race mutex --increments 1
race task --increments 1
thread-local locked --increments 1
thread-local task-context --increments 1
false-sharing padded --steps 1000000
deadlock ordered --rounds 1
readers-writers rwlock --reads 1 --writes 1
daemon mixed --chapters 1
daemon daemons --chapters 1
join joined --work-ms 1
join unjoined --work-ms 20
cancel none --sleep-ms 1
cancel futures --sleep-ms 1 --end-ms 0
immutable locked --reads 1 --updates 1
one-cpu one-cpu --steps 10000
starvation ticket --duration-ms 10
blocked-loop yielding --beat-ms 1 --work-ms 1
convoy threads --requests 1
input threads --lines 1 --requests 1 --service-ms 1 --work-ms 1
END

# What the machine does not allow is said, and is a failure.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  as_other=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all)
else
  as_other=()
fi
if ! "${as_other[@]}" chrt --fifo 1 true 2>/dev/null; then
  for lesson in 'priority --variant fifo' 'priority --variant rr' 'priority-inversion'; do
    status=0
    # shellcheck disable=SC2086
    "${as_other[@]}" "$workload" $lesson >/dev/null 2>"$work/error" || status=$?
    if [ $status != 1 ] || ! grep -q 'needs the right to real-time priorities' "$work/error" ||
      [ "$(grep -o 'Operation not permitted' "$work/error" | wc -l)" != 1 ]; then
      echo "FAIL: $lesson ends with $status"
      cat "$work/error"
      exit 1
    fi
  done
fi
if chrt --fifo 1 true 2>/dev/null; then
  check priority fifo 'c["measured_permille_1"] > 900' --duration-ms 60
  check priority fifo 'is_limit_told(c, out)' --duration-ms 2200
  check priority rr 'is_limit_told(c, out)' --duration-ms 1200
  check priority rr 'abs(sum(c[f"measured_permille_{n}"] for n in (1, 2, 3)) - 1000) <= 2' --duration-ms 60
  check priority-inversion plain 'c["inversion_count"] == 1 and c["high_wait_ns"] > c["middle_ns"]' \
    --hold-ms 5 --middle-ms 20
  check priority-inversion inherit 'c["inversion_count"] == 0' --hold-ms 5 --middle-ms 20
fi

# What would take a round of its own for a deadlock is refused.
status=0
"$workload" deadlock --variant ordered --hold-us 500000 --patience-ms 1000 >/dev/null 2>"$work/error" || status=$?
if [ $status != 2 ] || ! grep -q 'would pass for a deadlock' "$work/error"; then
  echo "FAIL: deadlock with more hold than patience ends with $status"
  exit 1
fi

# And so is a meal that takes as long.
for variant in naive ordered waiter greedy; do
  status=0
  "$workload" philosophers --variant $variant --eat-us 100000 --patience-ms 300 >/dev/null 2>"$work/error" || status=$?
  if [ $status != 2 ] || ! grep -q 'would pass for a deadlock' "$work/error"; then
    echo "FAIL: philosophers $variant with meals longer than patience ends with $status"
    exit 1
  fi
done

# A table for one is refused.
status=0
"$workload" philosophers --jobs 1 >/dev/null 2>"$work/error" || status=$?
if [ $status != 2 ] || ! grep -q 'nobody has two forks' "$work/error"; then
  echo "FAIL: philosophers --jobs 1 ends with $status"
  exit 1
fi

python3 - "$work" "$checked" <<'END'
import json, re, sys
def won(c, sizes):
    """The gains at the largest sizes, as far down as each is one."""
    gains = [c[f"bare_alone_{size}us_ns"] / c[f"bare_shared_{size}us_ns"] for size in sizes]
    return gains[1 + max((index for index, gain in enumerate(gains) if gain <= 1), default=-1):]
def is_limit_told(c, out):
    """Whether the limit for real-time threads is said where it held them back, with this machine's numbers."""
    runtime_us, period_us = (int(open(f"/proc/sys/kernel/sched_rt_{of}_us").read()) for of in ("runtime", "period"))
    told = re.search(r"; real-time limit (\d+) of (\d+) ms cost (\d+) ms$", out.splitlines()[1])
    if told:
        return told.groups() == (str(runtime_us // 1000), str(period_us // 1000), str(c["held_back_ns"] // 10**6))
    # What lies between, and far above, may have had other causes.
    return not 0 <= runtime_us < period_us or not 1 <= c["held_back_ns"] / (1000 * (period_us - runtime_us)) <= 1.4
for number in range(1, int(sys.argv[2]) + 1):
    name = f"{sys.argv[1]}/check.{number}"
    truth = json.load(open(name + ".json"))
    out = open(name + ".out").read()
    expression = open(name + ".expression").read().strip()
    c = truth["counted"]
    jobs = truth["options"]["jobs"]
    assert truth["status"] == "done", truth
    sentence = truth["sentence"]
    assert out.splitlines()[1] == sentence and 0 < len(sentence) <= 140, f"{len(sentence)} characters: {sentence}"
    slip = re.search(r"(?<![\d.,])1 (?!was\b|is\b|has\b|ms\b|brings\b)[A-Za-z-]+s\b", sentence)
    assert not slip, f"{slip[0]!r}: {sentence}"
    assert eval(expression), f"{truth['workload']} {truth['variant']}: {expression} does not hold: {c} {out}"
    print(out.splitlines()[1], f"({truth['workload']} {truth['variant']})")
END

# Asked to end as soon as it can hear that, each ends soon and says by what.
hears() { # PID: whether it is the workload, and no longer the shell that becomes it, and catches SIGTERM
  local caught
  [ "$(cat "/proc/$1/comm" 2>/dev/null)" = interleave-work ] || return 1
  caught=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null) || return 1
  [ -n "$caught" ] && [ $((0x$caught & 1 << 14)) != 0 ]
}

for lesson in 'deadlock --variant ordered --rounds 100000' 'philosophers --variant waiter --dinner-ms 60000' \
  'readers-writers --reads 100000' 'daemon --variant waited --chapters 100000' 'join --work-ms 30000' \
  'cancel --variant futures --sleep-ms 3600000' 'cancel --variant futures --end-ms 3600000' \
  'thread-local --variant locked --increments 1000000' 'immutable --reads 100000' 'one-cpu --steps 10000000000' \
  'priority --duration-ms 60000' 'starvation --duration-ms 60000' 'false-sharing --steps 100000000000' \
  'too-many-threads --variant io --pieces 100000 --piece-us 1000'; do
  # shellcheck disable=SC2086
  "$workload" $lesson --truth "$work/truth.json" >"$work/out" 2>&1 &
  pid=$!
  for _ in $(seq 1000); do
    hears $pid && break
    sleep 0.005
  done
  kill -TERM $pid
  status=0
  wait $pid || status=$?
  if [ $status != 143 ] || ! grep -q '"status": "interrupted"' "$work/truth.json"; then
    echo "FAIL: $lesson, asked to end, ends with $status"
    cat "$work/out"
    exit 1
  fi
  rm "$work/truth.json"
done
