#!/bin/sh
# SPDX-License-Identifier: MIT
# Description: holds the text of a comparison against its golden file, and its width: DUMP GOLDEN ARGUMENT...
set -eu

dump=$1
golden=$2
shift 2
"$dump" "$@" | diff -u "$golden" - || {
	echo "The comparison changed. If that is meant: cmake --build BUILD -t update-golden, and review the diff."
	exit 1
}
python3 - "$golden" <<'PYTHON' || exit 1
import re
import sys

with open(sys.argv[1]) as file:
    for number, line in enumerate(file, 1):
        width = len(re.sub("\x1b\\[[0-9;]*m", "", line.rstrip("\n")))
        if width > 100:
            sys.exit(f"line {number} is {width} columns wide")
PYTHON
