#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each thread's switches and CPU time, of a crowd of threads in four processes, as the analysis tells them, against
# the kernel's own counts. Usage, below with-sessiond.sh: switches.sh CROWD TRUTH_CHECK SOURCE [EXPECTED]
# With EXPECTED, SOURCE is asked for, and EXPECTED is what it comes to.
# shellcheck source-path=SCRIPTDIR source=record.sh
. "$(dirname "$0")/record.sh"
crowd=$1
check=$2
expected=${4:-$3}
need_source "$expected"

# What the threads' clocks say as a whole may be wrong once (3: in doubt), on a crowded machine; all else may not.
for attempt in 1 2 3 4 5 6 7 8; do
  rm -rf "$work"/trace "$work"/truth.*.json
  begin_recording
  ILV_SWITCH_SOURCE=$3 quiet "$crowd" "$work/truth"
  end_recording
  status=0
  "$check" --source "$expected" --threads 50 --switches 10000 --times "$work/trace" "$work/report.json" \
    "$work"/truth.*.json || status=$?
  [ "$status" = 3 ] || exit "$status"
  echo "attempt $attempt leaves doubts"
done
exit 1
