#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every job under every runtime, or every lesson in every variant, in one recording by bare lttng, against the truths that
# the runs wrote. Usage, below with-sessiond.sh: matrix.sh TRUTH_CHECK jobs|lessons [FACTOR]
# FACTOR multiplies what each run has to do.
# shellcheck source-path=SCRIPTDIR source=record.sh
. "$(dirname "$0")/record.sh"
check=$1
kind=$2
factor=${3:-1}
here=$(cd "$(dirname "$0")" && pwd)
need_source perf
need_python jsonschema python3-jsonschema

# The kernel gives numbers of threads again once it has given all: in one recording the truths would not tell them apart.
parts=$(((factor + 1) / 2))
for ((part = 0; part < parts; part++)); do
  rm -rf "$work"/trace "$work"/*.truth.json
  begin_recording
  python3 "$here/matrix.py" run "$kind" "$factor" "$part/$parts" "$work"
  end_recording
  "$check" --source perf "$work/trace" "$work/report.json" "$work"/*.truth.json
  python3 "$here/matrix.py" check "$kind" "$factor" "$part/$parts" "$work"
done
