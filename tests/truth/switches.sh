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

begin_recording
ILV_SWITCH_SOURCE=$3 quiet "$crowd" "$work/truth"
end_recording
"$check" --source "$expected" --threads 50 --switches 10000 --times "$work/trace" "$work/report.json" \
  "$work"/truth.*.json
