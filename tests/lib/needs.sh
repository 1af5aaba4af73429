# SPDX-License-Identifier: MIT
# What a test cannot do without. To be sourced.
# shellcheck shell=sh

# skip REASON: ends the test as skipped, or as failed where nothing may be missing.
skip() {
  echo "SKIP: $1"
  [ "${ILV_TEST_STRICT:-0}" = 1 ] && exit 1
  exit 77
}

# need COMMAND PACKAGE
need() { command -v "$1" >/dev/null || skip "$1 is not installed (apt-get install $2)"; }

# need_python MODULE PACKAGE
need_python() { python3 -c "import $1" 2>/dev/null || skip "$1 of Python is not installed (apt-get install $2)"; }

# need_source SOURCE: of thread switches; the kernel may refuse it.
need_source() {
  [ "$(id -u)" != 0 ] || return 0
  case $1 in
  perf)
    [ "$(cat /proc/sys/kernel/perf_event_paranoid 2>/dev/null || echo 4)" -le 2 ] ||
      skip "an ordinary user may not use perf events: kernel.perf_event_paranoid is above 2"
    ;;
  perf+wakeups) skip "perf+wakeups needs root" ;;
  esac
}
