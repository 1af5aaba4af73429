#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Speed and memory, each figure beside a peer measured in the same run: machines are noisy, ratios last. Needs root, or user
# namespaces, for a session daemon of its own. Some minutes, and 2 GB under TMPDIR.
#
# Usage: bench.sh [EVENTS]      events of the smaller trace; the larger has eight times as many (default 1000000)
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${ILV_IN_PRIVATE_PLACE:-0}" = 0 ]; then
  scripts/install-dependencies.sh build test
  [ -f build/release/build.ninja ] || cmake --preset release >/dev/null
  cmake --build --preset release >/dev/null
  cmake --build --preset release --target bench >/dev/null
  exec tests/lib/with-sessiond.sh "$0" "$@"
fi

events=${1:-1000000}
bin=build/release/bin
bench=build/release/bench
place=$(mktemp -d "${TMPDIR:-/tmp}/interleave-bench.XXXXXX")
trap 'rm -rf "$place"' EXIT
runs=5
pids() { pgrep -f "lttng-consumerd.*" -P "$(cat "$ILV_LTTNG_FOLDER/lttng-sessiond.pid")" || true; }
cpu_of() { awk '{ print ($14 + $15) / '"$(getconf CLK_TCK)"' }' "/proc/$1/stat" 2>/dev/null || echo 0; }

session() { # session FOLDER COMMAND...: records the command with plain lttng
  local folder=$1
  shift
  {
    lttng create bench -o "$folder"
    # Larger buffers than a recording takes: the emitter does nothing but emit.
    lttng enable-channel --userspace --subbuf-size 8M --num-subbuf 8 channel
    lttng enable-event --userspace 'interleave:*' -c channel
    lttng enable-event --userspace 'lttng_ust_tracef:*' -c channel
    lttng start
  } >/dev/null
  "$@"
  lttng destroy >/dev/null
}

echo "machine: $(nproc) CPUs, $(uname -r), $(sed -n 's/model name.*: //p' /proc/cpuinfo | head -n 1)"
echo
echo "1. One event (medians of 7 turns)"
echo "  off:"
ILV_SWITCH_SOURCE=none "$bench/bench_tracepoint" 20000000 | sed "s/ *lttng_ust.*//"
echo "  on:"
ILV_SWITCH_SOURCE=none session "$place/one" "$bench/bench_tracepoint" 200000
rm -rf "$place/one"

echo
echo "2. A program that switches, recorded with plain lttng against not recorded"
for rate in 20000 0; do
  read -r bare_rate bare_cpu < <("$bench/bench_switches" 4 $rate)
  {
    lttng create bench -o "$place/switches"
    lttng enable-channel --userspace --subbuf-size 1M --num-subbuf 8 channel
    lttng enable-event --userspace 'interleave:*' -c channel
    lttng start
  } >/dev/null
  consumer=$(pids | head -n 1)
  before=$(cpu_of "${consumer:-0}")
  read -r traced_rate traced_cpu < <("$bench/bench_switches" 4 $rate)
  consumer=$(pids | head -n 1)
  after=$(cpu_of "${consumer:-0}")
  lttng destroy >/dev/null
  "$bin/interleave" report --json "$place/switches" >"$place/report.json" || true
  python3 - "$bare_rate" "$bare_cpu" "$traced_rate" "$traced_cpu" "$before" "$after" "$place/report.json" <<'PY'
import json, sys
bare_rate, bare_cpu, rate, cpu, before, after = map(float, sys.argv[1:7])
report = json.load(open(sys.argv[7]))
trace = report["trace"]
consumer = (after - before) / 4
print(f"  {rate:9,.0f} switches a second (bare {bare_rate:,.0f}): program {100 * cpu:.1f} % of a CPU, bare "
      f"{100 * bare_cpu:.1f} %; consumer {100 * consumer:.1f} %; "
      f"recording costs {100 * (cpu - bare_cpu + consumer):.1f} %; "
      f"lost {trace['lost_switch_count']} switches, {trace['discarded_event_count']} events; "
      f"source {trace['switch_source']}")
PY
  rm -rf "$place/switches"
done

for factor in 1 8; do
  count=$((events * factor))
  trace=$place/trace-$factor
  ILV_SWITCH_SOURCE=none session "$trace" "$bench/bench_emit" "$count"
  echo
  echo "$((factor == 1 ? 3 : 4)). A trace of $count events on two streams ($(du -sm "$trace" | cut -f1) MB)"
  "$bench/bench_pair" $runs "interleave report" "$bin/interleave report $trace >/dev/null" \
    "babeltrace2 dummy" "babeltrace2 $trace -o dummy"
  "$bench/bench_pair" 3 "timeline SVG" "$bin/interleave timeline $trace -o $place/$factor.svg" \
    "interleave report" "$bin/interleave report $trace >/dev/null"
  echo "  SVG: $(stat -c %s "$place/$factor.svg") bytes"
done

echo
echo "5. Memory: peak of the report at $((8 * events)) events against $events"
# Of both, some 16 MB are no memory of the report's: the kernel's pages of the trace's files, of which libbabeltrace2 maps
# 8 MB a stream at a time. From 600,000 events on both traces are larger than that.
"$bench/bench_pair" 3 "8 times" "$bin/interleave report $place/trace-8 >/dev/null" \
  "once" "$bin/interleave report $place/trace-1 >/dev/null" | tail -n 1

echo
echo "6. A task switch, a lock handed over, a start, a job handed to a pool: ns each, medians of 3 turns, beside plain peers"
figures=$place/figures
mkdir "$figures"
has_python=$(python3 -c 'import asyncio, concurrent.futures' 2>/dev/null && echo 1 || echo 0)
[ "$has_python" = 1 ] || echo "  (no python3 here: asyncio, threading and its executor are left out)"
note() { "${@:2}" >>"$figures/$1"; } # note NAME COMMAND...: adds the figure that the command prints

# Switches on one CPU, for on two the others run on and nobody is switched; the rest as it comes.
runtimes() { # runtimes SUFFIX
  local operation runtime
  for operation in yield lock; do
    for runtime in threads thread-pool processes process-pool event-loop green nursery hybrid; do
      note "$operation.$runtime$1" taskset -c 0 "$bench/bench_runtimes" "$runtime" "$operation" 50000
    done
    note "$operation.gil$1" taskset -c 0 "$bench/bench_runtimes" gil "$operation" 2000
  done
  note "hand-over.gil$1" "$bench/bench_runtimes" gil hand-over 200
  for runtime in thread-pool process-pool; do
    note "submit.$runtime$1" "$bench/bench_runtimes" "$runtime" submit 50000
  done
  note "start.threads$1" "$bench/bench_runtimes" threads start 2000
  note "start.processes$1" "$bench/bench_runtimes" processes start 200
}
peers() {
  local peer
  for peer in swapcontext libuv sched_yield; do
    note "yield.$peer" taskset -c 0 "$bench/bench_peers" "$peer" 200000
  done
  note lock.mutex taskset -c 0 "$bench/bench_peers" mutex 50000
  note submit.queue "$bench/bench_peers" queue 50000
  note submit.socket "$bench/bench_process_peers" socket 50000
  note start.pthread_create "$bench/bench_process_peers" pthread_create 2000
  note start.fork "$bench/bench_process_peers" fork 200
  if [ "$has_python" = 1 ]; then
    note yield.asyncio taskset -c 0 python3 bench/peers.py asyncio-yield 50000
    note lock.asyncio taskset -c 0 python3 bench/peers.py asyncio-lock 50000
    note yield.threading taskset -c 0 python3 bench/peers.py threading-yield 2000
    note lock.threading taskset -c 0 python3 bench/peers.py threading-lock 2000
    note hand-over.threading python3 bench/peers.py threading-hand-over 200
    note submit.executor python3 bench/peers.py executor-submit 50000
    note submit.process-executor python3 bench/peers.py process-executor-submit 2000
    note start.threading python3 bench/peers.py threading-start 2000
    note start.multiprocessing python3 bench/peers.py multiprocessing-start 200
  fi
}
three_times_traced() { for _ in 1 2 3; do runtimes .traced; done; }

export ILV_SWITCH_SOURCE=none
# Without ILV_UNTRACED a fork would already cost what LTTng does after it, for the daemon that runs here.
for _ in 1 2 3; do
  ILV_UNTRACED=1 runtimes ""
  peers
done
session "$place/runtimes" three_times_traced
rm -rf "$place/runtimes"

median() { sort -g "$figures/$1" | sed -n 2p; }
beside() { # beside OPERATION RUNTIME PEER...: the runtime's figures, and their ratios to those of the peers
  local peer mine
  mine=$(median "$1.$2")
  printf '  %-10s %-12s %10.0f, traced %10.0f ' "$1" "$2" "$mine" "$(median "$1.$2.traced")"
  for peer in "${@:3}"; do
    if [ -f "$figures/$1.$peer" ]; then
      awk -v mine="$mine" -v peer="$(median "$1.$peer")" -v name="$peer" \
        'BEGIN { printf "  %s %.0f (%.2f)", name, peer, mine / peer }'
    fi
  done
  echo
}
for runtime in threads thread-pool processes process-pool; do
  beside yield "$runtime" sched_yield
done
beside yield gil threading sched_yield
for runtime in event-loop green nursery hybrid; do
  beside yield "$runtime" libuv swapcontext asyncio
done
for runtime in threads thread-pool processes process-pool; do
  beside lock "$runtime" mutex
done
beside lock gil threading mutex
for runtime in event-loop green nursery hybrid; do
  beside lock "$runtime" asyncio
done
beside hand-over gil threading
beside start threads pthread_create threading
beside start processes fork multiprocessing
beside submit thread-pool queue executor
beside submit process-pool socket process-executor
echo "  (gil and threading: from hand-over to hand-over, with the 100 us after which a thread asks for the lock; where"
echo "  both threads share a CPU, or others want it, most of it is the kernel's time slice)"
