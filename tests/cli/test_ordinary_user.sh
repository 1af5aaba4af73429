#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Without root a daemon of one's own needs a folder of its own: it is made, used, and gone afterwards.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

[ "$(id -u)" = 0 ] || skip "needs root, to become somebody else"
command -v setpriv >/dev/null || skip "setpriv is not installed (apt-get install util-linux)"
as_nobody() {
  setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "$@"
}
as_nobody test -x "$ILV_BIN/interleave" || skip "an ordinary user cannot reach $ILV_BIN"
chmod 755 "$place"
chown 65534:65534 "$TMPDIR"
mkdir home
chown 65534:65534 home
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
finish
