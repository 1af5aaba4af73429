#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Ends runs before their time, with SIGINT, SIGTERM and SIGKILL, and looks at what stays. Usage, below with-sessiond.sh:
# stops.sh workload|tool telling|all
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-stops.XXXXXX")
trap 'rm -rf "$work"' EXIT
# A private database's server is another user's, who must be able to enter.
chmod 755 "$work"

# A run is under way once the event that says so is on the disk.
{
  lttng create stops --output="$work/trace"
  lttng enable-channel --userspace --session=stops --switch-timer=20000 --subbuf-size=64k --num-subbuf=4 begun
  lttng enable-event --userspace --session=stops --channel=begun interleave:run_begin
  lttng start stops
} >"$work/lttng.log" 2>&1 || { cat "$work/lttng.log"; exit 1; }

# What stays in shared memory is seen where nobody else has any.
namespace=(unshare --ipc)
[ "$(id -u)" = 0 ] || namespace+=(--map-current-user)
"${namespace[@]}" python3 "$here/stops.py" "$work" "$@"
