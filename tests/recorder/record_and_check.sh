#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Records switch_heavy with plain lttng commands and holds each thread's switches against the kernel's own counts.
# Usage, below with-sessiond.sh: record_and_check.sh PROGRAM SOURCE [HOST SPAWNER]
# HOST is inside (the program has the recorder), parent (the program that starts it has), or outside (interleave's way).
set -euo pipefail
program=$1
source=$2
host=${3:-inside}
spawner=${4:-}
here=$(cd "$(dirname "$0")" && pwd)

# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"
need_source "$source"

# Source rusage knows one process: the forked child has a recorder of its own.
recorders=1
[ "$source" != rusage ] || recorders=2

work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-recorder.XXXXXX")
session=recorder-$$
quiet() { "$@" >>"$work/lttng.log" 2>&1 || { cat "$work/lttng.log"; exit 1; }; }

quiet lttng create "$session" --output="$work/trace"
quiet lttng enable-channel -u -s "$session" --subbuf-size=1M --num-subbuf=8 switches
quiet lttng enable-event -u -s "$session" -c switches 'interleave:*'
quiet lttng start "$session"
export LTTNG_UST_REGISTER_TIMEOUT=-1
# The leak checker stops all threads in its own way, and in a forked child finds some it cannot stop. choice.sh has it on.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
case $host in
inside) ILV_SWITCH_SOURCE=$source "$program" ;;
parent) ILV_SWITCH_SOURCE=$source "$spawner" "$program" ;;
outside) ILV_SWITCH_SOURCE=none "$spawner" "$program" "$source" ;;
esac >"$work/truth" 2>"$work/stderr" || { cat "$work/stderr"; exit 1; }
quiet lttng destroy "$session"

[ ! -s "$work/stderr" ] || { echo "FAIL: something on stderr:"; cat "$work/stderr"; exit 1; }
babeltrace2 "$work/trace" >"$work/text" 2>"$work/discarded"
[ ! -s "$work/discarded" ] || { cat "$work/discarded"; exit 1; }
if ! cat "$work/truth" "$work/text" | awk -v source="${source/+/_}" -v need_threads=50 -v need_switches=10000 \
  -v host="$host" -v recorders="$recorders" -f "$here/check_switches.awk"; then
  echo "left: $work"
  exit 1
fi
rm -rf "$work"
