#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The lessons about loops, and the jobs that show how their runtimes differ, small, in one recording by bare lttng: what
# the report says of each run is what the run says of itself. Usage, below with-sessiond.sh: blocked_loop.sh
# shellcheck source-path=SCRIPTDIR source=../truth/record.sh
. "$(dirname "$0")/../truth/record.sh"
need_source perf

# run NAME OPTIONS...
run() {
  local name=$1
  shift
  ILV_SWITCH_SOURCE=perf quiet timeout 60 "$ILV_BIN/interleave-workload" "$@" --truth "$work/$name.truth.json"
}

begin_recording
for variant in blocked yielding pool; do run blocked-loop-$variant blocked-loop --variant $variant --work-ms 100; done
run cancel-none cancel --variant none --sleep-ms 60
# However late the loop looks at the clock, nobody whose sleep is to be cancelled has slept enough by then.
for variant in failure timeout shield; do run cancel-$variant cancel --variant $variant --sleep-ms 3600000; done
for variant in condition semaphore pipe loop-queue; do
  run producer-$variant producer-consumer --variant $variant --items 40
done
for variant in threads event-loop blocked; do run input-$variant input --variant $variant --lines 8; done
for runtime in threads event-loop green nursery hybrid; do
  run blocking-$runtime blocking-request --runtime $runtime --jobs 5 --requests 1 --service-ms 60
done
run matmul-hybrid matmul --runtime hybrid --size 100 --workers 2
run sleep-green sleep --runtime green --jobs 3 --naps 2 --sleep-ms 5 --children 2
run sleep-nursery sleep --runtime nursery --jobs 3 --naps 2 --sleep-ms 5 --children 2
end_recording

python3 "$(dirname "$0")/blocked_loop.py" "$work/report.json" "$work/trace" "$work"/*.truth.json
