#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Speed and memory, each figure beside a peer measured in the same run: machines are noisy, ratios last. Needs root, or user
# namespaces, for a session daemon of its own. Some minutes, and 2 GB under TMPDIR.
#
# Usage: bench.sh [EVENTS]      events of the smaller trace; the larger has eight times as many (default 1000000)
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${ILV_IN_PRIVATE_PLACE:-0}" != 1 ]; then
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
pids() { pgrep -f "lttng-consumerd.*" -P "$(cat /run/lttng/lttng-sessiond.pid)" || true; }
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
"$bench/bench_pair" 3 "8 times" "$bin/interleave report $place/trace-8 >/dev/null" \
  "once" "$bin/interleave report $place/trace-1 >/dev/null" | tail -n 1
