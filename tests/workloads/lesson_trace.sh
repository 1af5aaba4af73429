#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every variant of the lessons about threads and locks, small, in one recording by bare lttng: what the report says of
# each run is what the run says of itself. Usage, below with-sessiond.sh: lesson_trace.sh
# shellcheck source-path=SCRIPTDIR source=../truth/record.sh
. "$(dirname "$0")/../truth/record.sh"
need_source perf

# run LESSON VARIANT OPTIONS...
run() {
  local lesson=$1 variant=$2
  shift 2
  ILV_SWITCH_SOURCE=perf quiet "$ILV_BIN/interleave-workload" "$lesson" --variant "$variant" "$@" \
    --truth "$work/$lesson.$variant.truth.json"
}

can_be_real_time=0
chrt --fifo 1 true 2>/dev/null && can_be_real_time=1

# What the hypervisor took of this machine's CPUs, in ms: threads seem to run on, and their clocks stand still.
stolen_ms() {
  awk -v hz="$(getconf CLK_TCK)" '/^cpu / { print int($9 * 1000 / hz) }' /proc/stat
}

stolen_before=$(stolen_ms)
begin_recording
run deadlock abba --patience-ms 1000
for variant in ordered trylock; do run deadlock $variant --rounds 10; done
run philosophers naive --patience-ms 1000 --dinner-ms 5000
for variant in ordered waiter greedy; do run philosophers $variant --dinner-ms 60; done
for variant in mutex rwlock; do run readers-writers $variant --reads 10 --writes 2; done
for variant in mixed daemons waited; do run daemon $variant --chapters 3; done
for variant in joined unjoined; do run join $variant --work-ms 2; done
run cancel futures --jobs 100 --sleep-ms 40 --end-ms 20
for variant in shared locked thread-local task-thread-local task-context; do
  run thread-local $variant --increments 20
done
for variant in in-place locked snapshot; do run immutable $variant --reads 20 --updates 5; done
for variant in one-cpu all-cpus; do run one-cpu $variant --steps 5000000; done
run priority nice --duration-ms 600
for variant in unfair mutex ticket; do run starvation $variant --duration-ms 60; done
for variant in adjacent padded; do run false-sharing $variant --steps 1000000; done
for variant in cpu io; do run too-many-threads $variant --jobs 16 --pieces 64; done
if [ $can_be_real_time = 1 ]; then
  for variant in fifo rr; do run priority $variant --duration-ms 60; done
  for variant in plain inherit; do run priority-inversion $variant --hold-ms 5 --middle-ms 20; done
fi
end_recording
export STOLEN_MS=$(($(stolen_ms) - stolen_before))

python3 "$(dirname "$0")/lesson_trace.py" "$work/report.json" "$work/trace" "$work"/*.truth.json
