#!/bin/sh
# SPDX-License-Identifier: MIT
# Description: holds the text report of an event script against its golden file: DUMP SCRIPT GOLDEN.
set -eu

"$1" "$2" | diff -u "$3" - || {
	echo "The report changed. If that is meant: cmake --build BUILD -t update-golden, and review the diff."
	exit 1
}
