# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced by the checks of this folder: goes to the root of the tree, and knows its files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/lib/needs.sh
. tests/lib/needs.sh

# The sources that are there, tracked or about to be, whose names match the patterns. Outside a git checkout, those of the tree.
sources() {
  if git rev-parse --git-dir >/dev/null 2>&1; then
    git ls-files --cached --others --exclude-standard -- "$@" |
      while IFS= read -r file; do [ ! -e "$file" ] || printf '%s\n' "$file"; done
  else
    local pattern arguments=()
    for pattern in "$@"; do arguments+=(-o -name "${pattern##*/}"); done
    find . -path ./build -prune -o -type f \( "${arguments[@]:1}" \) -print
  fi
}
