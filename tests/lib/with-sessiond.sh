#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a command beside a session daemon of its own, which nobody else sees, in namespaces of its own (mounts, network), so
# that a daemon that runs on the machine is neither used nor disturbed. An ordinary user has them in a user namespace, and
# stays who he is: the daemon is his own. Usage: with-sessiond.sh COMMAND ARGS
# ILV_LTTNG_FOLDER says where the daemon has its sockets. With ILV_NO_SESSIOND=1 only the private place is made, and no
# daemon started.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=needs.sh
. "$(dirname "$0")/needs.sh"

case ${ILV_IN_PRIVATE_PLACE:-0} in
0)
  command -v lttng-sessiond >/dev/null || skip "lttng-sessiond is not installed (apt-get install lttng-tools)"
  # As himself, with every right over what is in the new namespaces.
  namespaces=(unshare -mn --propagation private)
  [ "$(id -u)" = 0 ] || namespaces+=(--map-current-user --keep-caps)
  "${namespaces[@]}" true 2>/dev/null || skip "no namespaces can be made here; run the tests as root"
  ILV_IN_PRIVATE_PLACE=1 exec "${namespaces[@]}" "$0" "$@"
  ;;
1)
  [ "$(id -u)" != 0 ] || mkdir -p /run/lttng
  # Where this folder is missing and cannot be made, no daemon of root's is there to be seen.
  [ ! -d /run/lttng ] || mount -t tmpfs tmpfs /run/lttng
  mount -t tmpfs -o mode=1777 tmpfs /dev/shm
  ip link set lo up 2>/dev/null || true
  export ILV_IN_PRIVATE_PLACE=2
  [ "$(id -u)" = 0 ] || exec setpriv --ambient-caps=-all --inh-caps=-all "$0" "$@"
  ;;
esac

LTTNG_HOME=$(mktemp -d "${TMPDIR:-/tmp}/ilv-lttng.XXXXXX")
ILV_LTTNG_FOLDER=$LTTNG_HOME/.lttng
[ "$(id -u)" != 0 ] || ILV_LTTNG_FOLDER=/run/lttng
export LTTNG_HOME ILV_LTTNG_FOLDER

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
    for pid in "$daemon" $(cat "$ILV_LTTNG_FOLDER"/lttng-sessiond.pid "$ILV_LTTNG_FOLDER"/*/consumerd.pid 2>/dev/null); do
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
