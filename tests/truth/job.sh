#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One job under every runtime, in one recording, against the truth that each run wrote; and the same result of all.
# Usage, below with-sessiond.sh: job.sh TRUTH_CHECK JOB OPTIONS...
# shellcheck source-path=SCRIPTDIR source=record.sh
. "$(dirname "$0")/record.sh"
check=$1
job=$2
shift 2
need_source perf

begin_recording
for runtime in sequential threads event-loop; do
  ILV_SWITCH_SOURCE=perf quiet "$ILV_BIN/interleave-workload" "$job" --runtime "$runtime" --seed 11 "$@" \
    --truth "$work/$runtime.truth.json"
done
end_recording
"$check" --source perf "$work/trace" "$work/report.json" "$work"/*.truth.json

checksums=$(sed -n 's/^ *"checksum": "\(.*\)",$/\1/p' "$work"/*.truth.json)
if [ "$(wc -l <<<"$checksums")" != 3 ] || [ "$(sort -u <<<"$checksums" | wc -l)" != 1 ]; then
  echo "FAIL: the runtimes do not come to one result: $checksums"
  exit 1
fi
