#!/bin/sh
# SPDX-License-Identifier: MIT
# Draws an event script and holds the picture against the golden one: golden.sh GOLDEN PROGRAM ARGUMENTS...
set -eu
# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"

golden=$1
shift
drawn=$(mktemp)
trap 'rm -f "$drawn"' EXIT
"$@" >"$drawn"
if ! diff -u "$golden" "$drawn"; then
	echo "The picture has changed. Look at it; if it is better: cmake --build BUILD -t update-golden" >&2
	exit 1
fi
case $golden in
*.svg)
	need xmllint libxml2-utils
	xmllint --noout "$drawn"
	;;
esac
