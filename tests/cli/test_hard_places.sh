#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Where LTTng cannot work, the sentence names what is in its way; a reader of the output who leaves does not end a recording.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

# refused SENTENCE NAME COMMAND...: fails with one line that says it, and leaves nothing.
refused() {
  local sentence=$1 name=$2
  shift 2
  "$@" >stdout 2>stderr
  expect_status $? 1 "$name"
  expect_line stderr "^interleave: .*$sentence"
  [ "$(grep -c '^interleave: ' stderr)" = 1 ] || fail "$name is said in more than one line"
  [ ! -e out ] || fail "$name leaves a folder"
  expect_nothing_left
}

run=(interleave run matmul --runtime threads --size 64 -o out)
for limit in "-n 24" "-n 64"; do
  # shellcheck disable=SC2086
  refused "ulimit -n" "ulimit $limit" bash -c 'ulimit $0 && exec "$@"' "$limit" "${run[@]}"
done
refused "ulimit -f" "ulimit -f 1024" bash -c 'ulimit -f 1024 && exec "$@"' _ "${run[@]}"
if unshare -m true 2>/dev/null; then
  refused "/dev/shm, which has room for" "a small /dev/shm" \
    unshare -m sh -c 'mount -t tmpfs -o mode=1777,size=512k tmpfs /dev/shm && exec "$@"' _ "${run[@]}"
fi

# Nobody reads: the recording is made all the same, and the status says that its report was not printed.
{
  "${run[@]}" 2>&1
  echo $? >status
} | true
expect_status "$(cat status)" 1 "a closed pipe"
expect_file out/report.json
jq -e .trace.is_complete out/report.json >/dev/null || fail "a recording that nobody listened to is not whole"
expect_nothing_left
finish
