#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a command below with-sessiond.sh as a user without any right, beside a session daemon of that user.
# Usage: as_ordinary_user.sh COMMAND ARGS
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"

[ "$(id -u)" = 0 ] || exec "$@"
setpriv --reuid=nobody --regid=nogroup --clear-groups test -x "$2" ||
  skip "user nobody cannot reach $2"
# A command of its own, not a function: in the background, its pid is then the daemon's and not that of a shell before it.
drop=(setpriv --reuid=nobody --regid=nogroup --clear-groups --no-new-privs)

LTTNG_HOME=$(mktemp -d "${TMPDIR:-/tmp}/ilv-nobody.XXXXXX")
export LTTNG_HOME TMPDIR=$LTTNG_HOME
chown nobody:nogroup "$LTTNG_HOME"

daemon=
finish() {
  local status=$?
  if [ -n "$daemon" ]; then
    kill "$daemon" 2>/dev/null || true
    for _ in $(seq 50); do
      kill -0 "$daemon" 2>/dev/null || break
      sleep 0.1
    done
    kill -9 "$daemon" 2>/dev/null || true
  fi
  case $status in 0 | 77) rm -rf "$LTTNG_HOME" ;; esac
  exit $status
}
trap finish EXIT

"${drop[@]}" lttng-sessiond --no-kernel --agent-tcp-port=5399 >"$LTTNG_HOME/sessiond.log" 2>&1 &
daemon=$!
for _ in $(seq 200); do
  "${drop[@]}" lttng --no-sessiond list >/dev/null 2>&1 && break
  kill -0 "$daemon" 2>/dev/null || { cat "$LTTNG_HOME/sessiond.log"; exit 1; }
  sleep 0.02
done
"${drop[@]}" "$@"
