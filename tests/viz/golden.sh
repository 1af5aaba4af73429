#!/bin/sh
# SPDX-License-Identifier: MIT
# Draws an event script and holds the picture against the golden one: golden.sh GOLDEN PROGRAM ARGUMENTS...
set -eu

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
	if ! command -v xmllint >/dev/null; then
		echo "no xmllint: apt-get install libxml2-utils" >&2
		[ "${ILV_TEST_STRICT:-}" = 1 ] && exit 1
		exit 77
	fi
	xmllint --noout "$drawn"
	;;
esac
