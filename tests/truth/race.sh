#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every variant of the race, in one recording: the updates that the report calls lost are those that the program lost.
# Usage, below with-sessiond.sh: race.sh TRUTH_CHECK OPTIONS...
# shellcheck source-path=SCRIPTDIR source=record.sh
. "$(dirname "$0")/record.sh"
check=$1
shift
need_source perf

begin_recording
for variant in unlocked mutex atomic task task-await; do
  ILV_SWITCH_SOURCE=perf quiet "$ILV_BIN/interleave-workload" race --variant "$variant" "$@" \
    --truth "$work/$variant.truth.json"
done
end_recording
"$check" --source perf "$work/trace" "$work/report.json" "$work"/*.truth.json
case " $* " in *' --cpus 1 '*)
  "$(dirname "$0")/one_cpu_race.py" "$work/trace" "$work/unlocked.truth.json" ;;
esac
sed -n 's/^race /&/p' "$work/log"
