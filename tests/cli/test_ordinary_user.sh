#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Without root a daemon of one's own needs a folder of its own: it is made, used, and gone afterwards.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

need setpriv util-linux
become=()
if [ "$(id -u)" = 0 ]; then
  become=(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs)
  chown 65534:65534 "$TMPDIR"
fi
as_nobody() {
  "${become[@]}" "$@"
}
as_nobody test -x "$ILV_BIN/interleave" || skip "an ordinary user cannot reach $ILV_BIN"
chmod 755 "$place"
mkdir -m 777 home
cd home || exit 1
unset LTTNG_HOME
export HOME=/nonexistent

as_nobody interleave run matmul --runtime threads --size 200 -o out >../stdout 2>../stderr
status=$?
cd ..
expect_status $status 0 "run as an ordinary user"
expect_line stderr "^recording matmul under threads \.+ .* 0 lost$"
jq -e '.trace.is_complete and (.runs[0].threads | length > 5)' home/out/report.json >/dev/null ||
  fail "the report of an ordinary user is not whole"
expect_nothing_left

# And what tests record, they can record as an ordinary user.
as_nobody env ILV_IN_PRIVATE_PLACE=0 ILV_NO_SESSIOND=0 "$ILV_SOURCE/tests/lib/with-sessiond.sh" lttng --no-sessiond list >stdout 2>stderr
status=$?
[ "$status" != 77 ] || skip "$(cat stdout)"
expect_status $status 0 "a session daemon of an ordinary user's"
expect_line stdout "no available recording session"
expect_nothing_left
finish
