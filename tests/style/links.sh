#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every page's links to files of the tree lead somewhere.
# shellcheck source=tests/style/common.sh
. "$(dirname "$0")/common.sh"

failed=0
while read -r page; do
  while read -r target; do
    [ -e "$(dirname "$page")/$target" ] || {
      echo "$page: no such file: $target"
      failed=1
    }
  done < <(grep -oE '\]\([^)#:]+' "$page" | sed 's/^](//')
done < <(sources '*.md')
exit $failed
