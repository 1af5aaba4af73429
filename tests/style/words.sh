#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every source says its licence and what it is there for, and none carries a path of somebody's machine.
# shellcheck source=tests/style/common.sh
. "$(dirname "$0")/common.sh"

failed=0
while read -r file; do
  head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT' || {
    echo "$file: no SPDX line at its top"
    failed=1
  }
done < <(sources '*.c' '*.h' '*.sh' '*.py' '*.cmake' '*CMakeLists.txt' '.ci/run')

while read -r file; do
  sed -n 2,4p "$file" | grep -q 'Description: ' || {
    echo "$file: no description after its SPDX line"
    failed=1
  }
done < <(sources '*.c' '*.h')

if sources '*' | grep -v '^tests/style/words\.sh$' |
  xargs grep -nIE '/(home|root|Users)/[a-z]' /dev/null; then
  echo "paths of a machine in the tree"
  failed=1
fi
exit $failed
