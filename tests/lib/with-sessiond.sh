#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a command beside a session daemon of its own, which nobody else sees: as root in namespaces of its own (mounts,
# network), so that a daemon that runs on the machine is neither used nor disturbed. Usage: with-sessiond.sh COMMAND ARGS
# With ILV_NO_SESSIOND=1 only the private place is made, and no daemon started.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=needs.sh
. "$(dirname "$0")/needs.sh"

if [ "${ILV_IN_PRIVATE_PLACE:-0}" != 1 ]; then
  command -v lttng-sessiond >/dev/null || skip "lttng-sessiond is not installed (apt-get install lttng-tools)"
  if [ "$(id -u)" = 0 ]; then
    unshare -mn true 2>/dev/null || skip "no private mount and network namespace can be made here"
    exec env ILV_IN_PRIVATE_PLACE=1 unshare -mn --propagation private "$0" "$@"
  fi
  unshare -rmn true 2>/dev/null || skip "no user namespace can be made here; run the tests as root"
  exec env ILV_IN_PRIVATE_PLACE=1 unshare -rmn --propagation private "$0" "$@"
fi

mkdir -p /run/lttng
mount -t tmpfs tmpfs /run/lttng
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
ip link set lo up 2>/dev/null || true
LTTNG_HOME=$(mktemp -d "${TMPDIR:-/tmp}/ilv-lttng.XXXXXX")
export LTTNG_HOME

daemon=
finish() {
  local status=$?
  if [ -n "$daemon" ]; then
    kill "$daemon" 2>/dev/null || true
    for _ in $(seq 50); do
      kill -0 "$daemon" 2>/dev/null || break
      sleep 0.1
    done
    # A wedged session keeps the daemon from ending: then its worker and its consumers are ended by pid.
    for pid in "$daemon" $(cat /run/lttng/lttng-sessiond.pid /run/lttng/*/consumerd.pid 2>/dev/null); do
      kill -9 "$pid" 2>/dev/null || true
    done
  fi
  rm -rf "$LTTNG_HOME"
  exit $status
}
trap finish EXIT

if [ "${ILV_NO_SESSIOND:-0}" != 1 ]; then
  lttng-sessiond --no-kernel >"$LTTNG_HOME/sessiond.log" 2>&1 &
  daemon=$!
  for _ in $(seq 200); do
    lttng --no-sessiond list >/dev/null 2>&1 && break
    kill -0 "$daemon" 2>/dev/null || { cat "$LTTNG_HOME/sessiond.log"; exit 1; }
    sleep 0.02
  done
fi

"$@"
