# SPDX-License-Identifier: MIT
# Sourced by the tests that hold recordings against the truth: they run below tests/lib/with-sessiond.sh.
# shellcheck shell=bash
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/needs.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-truth.XXXXXX")
clean() {
  local status=$?
  case $status in
  0 | 77) rm -rf "$work" ;;
  *) echo "left: $work" ;;
  esac
  exit $status
}
trap clean EXIT

quiet() {
  "$@" >>"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
}

export LTTNG_UST_REGISTER_TIMEOUT=-1
# The leak checker stops all threads in its own way, and in a forked child finds some it cannot stop.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

begin_recording() {
  quiet lttng create "truth-$$" --output="$work/trace"
  quiet lttng enable-channel -u -s "truth-$$" --subbuf-size=1M --num-subbuf=8 all
  quiet lttng enable-event -u -s "truth-$$" -c all 'interleave:*'
  quiet lttng start "truth-$$"
}

end_recording() {
  quiet lttng destroy "truth-$$"
  "$ILV_BIN/interleave" report "$work/trace" --json >"$work/report.json" || {
    echo "FAIL: interleave report ends with $?"
    exit 1
  }
}
