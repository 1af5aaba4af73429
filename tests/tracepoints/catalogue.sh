#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The catalogue, the provider, the header's numbers and the list of what the analysis knows say the same.
# Usage: catalogue.sh CATALOGUE PROGRAM
set -euo pipefail
# shellcheck source=tests/tracepoints/record.sh
. "$(dirname "$0")/record.sh"

catalogue=$1
same() { # WHAT FILE FILE
  [ -s "$2" ] || fail "nothing was found of $1"
  diff -u "$2" "$3" >"$work/diff" || fail "they differ in $1 (- the page, + the other): $(cat "$work/diff")"
}

# Of the page: "EVENT FIELD TYPE" in the order of the fields, and "NAME 0 label, 1 label".
awk '
  /^### `/ { count = gsub(/[#`,]/, ""); names = split($0, name, " ")
             for (i = 1; i <= names; i++) { print name[i], "pid i32"; print name[i], "tid i32" } }
  /^## / { names = 0 }
  /^- `[a-z_]+` \(/ { field = $2; gsub(/`/, "", field); type = $0; sub(/^[^(]*\(/, "", type); sub(/\).*/, "", type)
                      sub(/ /, ":", type)
                      for (i = 1; i <= names; i++) print name[i], field, type }' "$catalogue" | sort -s -k1,1 >"$work/page.fields"
awk '/^#### enum `/ { name = $3; gsub(/`/, "", name); getline; print name, $0 }' "$catalogue" | sort >"$work/page.enums"

# Of the header: the same of its enumerations.
awk '
  /^enum ilv_[a-z_]+ \{/ { name = substr($2, 5); list = ""; prefix = "ILV_" toupper(name) "_" }
  /^\tILV_[A-Z_]+ = [0-9]+,/ { label = $1; sub(prefix, "", label); number = $3; sub(/,/, "", number)
                               list = list (list == "" ? "" : ", ") number " " tolower(label) }
  /^};/ { print name, list }' "$ILV_SOURCE/tracepoints/include/interleave/events.h" | sort >"$work/header.enums"
same "the numbers of <interleave/events.h>" "$work/page.enums" "$work/header.enums"

# Of the provider, as a real trace describes itself. An enumeration is named by what it lists.
status=$(record described "$2")
[ "$status" = 42 ] || fail "the program ended with $status"
stream=$(dirname "$(find "$work/described" -name metadata)")
babeltrace2 --output-format=ctf-metadata "$stream" >"$work/metadata"
awk '
  FNR == NR { name = $1; sub(/^[a-z_]+ /, ""); enum[$0] = name; next }
  /name = "interleave:/ { event = $3; gsub(/"interleave:|[";]/, "", event) }
  event == "" { next }
  /^\t\tinteger / { match($0, /size = [0-9]+/); size = substr($0, RSTART + 7, RLENGTH - 7); field = $NF
    print event, plain(field), (/base = 16/ ? "x" : /signed = 1/ ? "i" : "u") size }
  /^\t\tstring / { print event, plain($NF), "string" }
  /^\t\tenum / { list = ""; match($0, /size = [0-9]+/); size = substr($0, RSTART + 7, RLENGTH - 7) }
  /^\t\t\t"/ { label = $1; gsub(/"/, "", label); number = $3; sub(/,/, "", number)
               list = list (list == "" ? "" : ", ") number " " label }
  /^\t\t} / { print event, plain($NF), size == 8 && list in enum ? "enum:" enum[list] : "unknown enum " size ": " list }
  /^};/ { event = "" }
  function plain(field) { sub(/^_/, "", field); sub(/;$/, "", field); return field }
' "$work/page.enums" "$work/metadata" | sort -s -k1,1 >"$work/provider.fields"
same "events and fields" "$work/page.fields" "$work/provider.fields"

# Of the analysis, and of the test that emits every event.
cut -d' ' -f1 "$work/page.fields" | sort -u >"$work/page.events"
sed -nE 's/.*"interleave:([a-z_]+)".*/\1/p' "$ILV_SOURCE/analysis/event.h" | sort -u >"$work/analysis.events"
same "the events that the analysis knows" "$work/page.events" "$work/analysis.events"
events described | cut -d: -f1 | sort -u >"$work/emitted.events"
same "the events that are emitted by a test" "$work/page.events" "$work/emitted.events"
