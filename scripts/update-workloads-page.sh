#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Writes docs/workloads.md anew from the table of jobs, lessons and runtimes; with --check it only says whether the page
# is as the table has it. Usage: update-workloads-page.sh [--check] INTERLEAVE-WORKLOAD
set -euo pipefail
cd "$(dirname "$0")/.."

check=0
if [ "${1:-}" = --check ]; then
  check=1
  shift
fi
program=${1:-build/release/bin/interleave-workload}
made=$(mktemp "${TMPDIR:-/tmp}/interleave-page.XXXXXX")
trap 'rm -f "$made"' EXIT

{
  cat <<'MD'
# Jobs, runtimes and lessons

`interleave run JOB --runtime R[,R...]` records a job under one or several runtimes; `interleave run LESSON
[--variant V[,V...]]` records a lesson. `interleave-workload NAME` does the same work without recording, or under plain
`lttng`. This page is written by `scripts/update-workloads-page.sh` from the table in the program.

For one seed, a job's result and checksum are the same under every runtime. `--truth FILE` writes what a run
counted of itself ([truth.schema.json](truth.schema.json)).

A task has a stack of 64 KiB with a guard page below it. Only pages that it touches cost memory, as a rule one or two of
4 KiB; where a thousand tasks or more ran, the run says how many bytes each took of all that the process grew by.
MD
  "$program" --list --json | jq -r '
    def option: "| `--\(.name)` | \(.help) | " +
      (if .kind == "number" then "\(.min) to \(.max) | \(.default)"
       elif .kind == "choice" then (.choices | join(", ")) + " | \(.default)"
       elif .kind == "flag" then " | off"
       else "text | " end) + " |";
    def options: if length > 0 then "| option | meaning | values | default |", "|---|---|---|---|", (.[] | option), "" else empty end;
    "\n## Runtimes\n", "| runtime | what it is | counts |", "|---|---|---|",
    (.runtimes[] | "| `\(.name)` | \(.description) | \(.unit | gsub("-"; " "))s |"), "",
    (.runtimes[] | select((.options // []) | length > 0) | "Options of `\(.name)`:\n", (.options | options)),
    "## Jobs\n",
    (.jobs[] | "### `\(.name)`\n", "\(.description | (.[0:1] | ascii_upcase) + .[1:]).\n", (.options | options)),
    "## Lessons\n",
    (.lessons[] | "### `\(.name)`\n", "\(.description | (.[0:1] | ascii_upcase) + .[1:]).\n",
      "| variant | what it is | runtime |", "|---|---|---|",
      (.variants[] | "| `\(.name)` | \(.description) | `\(.runtime)` |"), "", (.options | options))' |
    sed -e 's/processs |/processes |/' -e :a -e '/^\n*$/{$d;N;ba' -e '}'
} >"$made"

if [ $check = 1 ]; then
  diff -u docs/workloads.md "$made" || {
    echo "docs/workloads.md is not as the table has it; run scripts/update-workloads-page.sh" >&2
    exit 1
  }
else
  cp "$made" docs/workloads.md
fi
