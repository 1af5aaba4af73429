#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Writes docs/workloads.md anew from the table of jobs, lessons and runtimes, with the pictures in docs/pictures; with
# --check it only says whether the page is as the table has it, and whether there is a picture of each and of nothing
# else. Usage: update-workloads-page.sh [--check] INTERLEAVE-WORKLOAD
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
`lttng`. This page is written by `scripts/update-workloads-page.sh` from the table in the program; its pictures are real
recordings, drawn by `scripts/update-workloads-pictures.sh` with few marks, so that they stay small. The command below
a picture records the same anew, and draws it in full.

For one seed, a job's result and checksum are the same under every runtime. `--truth FILE` writes what a run
counted of itself ([truth.schema.json](truth.schema.json)).

A task has a stack of 64 KiB with a guard page below it. Only pages that it touches cost memory, as a rule one or two of
4 KiB; where a thousand tasks or more ran, the run says how many bytes each took of all that the process grew by.

Under `green` a task gives way where its own code calls read, write, recv, send and their kin, sendfile, accept,
connect, getaddrinfo, a sleep, poll, ppoll, select, pselect, epoll_wait, a mutex, a condition, a semaphore, a lock for
readers and writers, flock, pthread_join, wait or waitpid. Streams of libc, barriers, and whatever a library waits for
within block the loop. When the run is to end, calls on descriptors, sleeps, flock and waits for children fail with EINTR
once, as after a signal, and from then on with ECANCELED, so that a task which calls again after each EINTR ends too.

A database that is there (`--database-url`) is found as libpq finds it; [compose.yaml](../compose.yaml) starts one in a
container. Each address has 30 s to answer in, or the seconds of `connect_timeout` (`PGCONNECT_TIMEOUT`), of which 0 is
for ever. A password is best said in `PGPASSWORD` or in a passfile, for others can read what stands in a command. A run
that gets no connection, or loses it, says why in one line and ends with status 1; what it made in the database is
removed, at the latest by the next run.
MD
  pictures=$(find docs/pictures -name '*.svg' 2>/dev/null | sed 's|.*/\(.*\)\.svg|\1|' | sort | jq -R . | jq -s .)
  commands=$(ILV_BIN=$(dirname "$program") scripts/update-workloads-pictures.sh --list | jq -R . |
    jq -s 'map({key: split(" ")[0], value: .}) | from_entries')
  "$program" --list --json | jq -r --argjson pictures "$pictures" --argjson commands "$commands" '
    def sentence: (.[0:1] | ascii_upcase) + .[1:] + if endswith("?") then "" else "." end;
    def picture: .name as $name |
      if $pictures | index($name) then
        "![\($name): \(.description)](pictures/\($name).svg)\n", "`interleave run \($commands[$name])`\n"
      else empty end;
    def what: "### `\(.name)`\n", "\(.description | sentence) \(.shows)\n", picture;
    def option: "| `--\(.name)` | \(.help) | " +
      (if .kind == "number" then "\(.min) to \(.max) | \(.default)"
       elif .kind == "choice" then (.choices | join(", ")) + " | \(.default)"
       elif .kind == "flag" then " | off"
       else "text | " end) + " |";
    def options: if length > 0 then "| option | meaning | values | default |", "|---|---|---|---|", (.[] | option), "" else empty end;
    "\n## Runtimes\n", "| runtime | what it is | counts | what a picture shows |", "|---|---|---|---|",
    (.runtimes[] | "| `\(.name)` | \(.description) | \(.unit | gsub("-"; " "))s | \(.shows) |"), "",
    (.runtimes[] | select((.options // []) | length > 0) | "Options of `\(.name)`:\n", (.options | options)),
    "## Jobs\n",
    (.jobs[] | what, (.options | options)),
    "## Lessons\n",
    (.lessons[] | what,
      "| variant | what it is | runtime |", "|---|---|---|",
      (.variants[] | "| `\(.name)` | \(.description) | `\(.runtime)` |"), "", (.options | options))' |
    sed -e 's/processs |/processes |/' -e :a -e '/^\n*$/{$d;N;ba' -e '}'
} >"$made"

if [ $check = 1 ]; then
  diff -u docs/workloads.md "$made" || {
    echo "docs/workloads.md is not as the table has it; run scripts/update-workloads-page.sh" >&2
    exit 1
  }
  diff -u <("$program" --list --json | jq -r '(.jobs + .lessons)[].name' | sort) \
    <(find docs/pictures -name '*.svg' -printf '%f\n' | sed 's/\.svg$//' | sort) || {
    echo "docs/pictures is not as the table has it; run scripts/update-workloads-pictures.sh" >&2
    exit 1
  }
else
  cp "$made" docs/workloads.md
fi
