#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Records who waits for a lock that is polled for, for a ticket lock, and for one under which hardly anything is done; what
# the report finds is held against the bare events. Usage, below with-sessiond.sh: findings_recorded.sh
# shellcheck source-path=SCRIPTDIR source=../truth/record.sh
. "$(dirname "$0")/../truth/record.sh"
need_source perf

# run VARIANT OPTIONS...
run() {
  ILV_SWITCH_SOURCE=perf quiet "$ILV_BIN/interleave-workload" starvation --variant "$@"
}

begin_recording
run unfair --duration-ms 150
run ticket --duration-ms 100
run ticket --duration-ms 100 --hold-us 0
end_recording

python3 "$(dirname "$0")/findings_recorded.py" "$work/report.json" "$work/trace"
