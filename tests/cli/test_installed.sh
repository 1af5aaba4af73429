#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installed programs start under any prefix, also a moved one, without being told where the library is.
# Usage: test_installed.sh CMAKE
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"
unset LD_LIBRARY_PATH

"$1" --install "$ILV_BUILD" --prefix "$place/prefix" >stdout 2>stderr
expect_status $? 0 "cmake --install"
mv prefix moved
for program in interleave interleave-workload; do
  "moved/bin/$program" --version >stdout 2>stderr
  expect_status $? 0 "$program --version"
  expect_line stdout "^$program [0-9]+[.][0-9]+[.][0-9]+$"
done
ldd moved/bin/interleave-workload | grep -F "$place/moved/" >/dev/null || fail "another copy of the library is used"
expect_nothing_left
finish
