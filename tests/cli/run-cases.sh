#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the cases of a file: blocks of lines, a blank line between them. Usage: run-cases.sh FILE
#
#   NAME what is tested             starts a block
#   REQUIRES traces                 skips it where traces of other people are absent
#   RUN command                     run by bash in a fresh folder; several lines are one script
#   STATUS n                        its exit status; 0 when the line is missing
#   EXPECT pattern                  an extended regular expression that some line of stdout matches
#   MESSAGE pattern                 the same for stderr
#   NOTHING stdout|stderr           nothing may be written there
#
# $traces is the folder of traces of other people.
set -uo pipefail

file=$1
PATH="$ILV_BIN:$PATH"
export PATH
traces="$ILV_SOURCE/../shared/traces"
export traces
unset NO_COLOR
export LC_ALL=C.UTF-8
place=$(mktemp -d "${TMPDIR:-/tmp}/ilv-cases.XXXXXX")
passed=0
failed=0
skipped=0

reset_case() {
  name='' run='' status=0 requires='' checks=()
}

# Says what is wrong with the case; its folder stays.
complain() {
  echo "FAIL $(basename "$file"): $name: $1"
  is_good=0
}

check_output() {
  local kind=$1 pattern=$2
  case $kind in
  EXPECT) grep -Eq -- "$pattern" "$folder/stdout" || complain "no line of stdout matches: $pattern" ;;
  MESSAGE) grep -Eq -- "$pattern" "$folder/stderr" || complain "no line of stderr matches: $pattern" ;;
  NOTHING) [ ! -s "$folder/$pattern" ] || complain "$pattern is not empty" ;;
  esac
}

run_case() {
  [ -n "$name" ] || return 0
  if [ "$requires" = traces ] && [ ! -d "$traces" ]; then
    echo "skip $(basename "$file"): $name: no traces of other people in $traces"
    skipped=$((skipped + 1))
    return 0
  fi
  folder="$place/$((passed + failed))"
  mkdir -p "$folder/here"
  (cd "$folder/here" && timeout 60 bash -c "$run" >"$folder/stdout" 2>"$folder/stderr" </dev/null)
  local got=$?
  is_good=1
  [ "$got" = "$status" ] || complain "exit status is $got, not $status"
  for check in "${checks[@]}"; do
    check_output "${check%% *}" "${check#* }"
  done
  if [ "$is_good" = 1 ]; then
    passed=$((passed + 1))
    rm -rf "$folder"
    mkdir -p "$folder"
  else
    failed=$((failed + 1))
    sed 's/^/  stdout: /' "$folder/stdout" | head -20
    sed 's/^/  stderr: /' "$folder/stderr" | head -20
  fi
}

reset_case
while IFS= read -r line || [ -n "$line" ]; do
  case $line in
  '') run_case && reset_case ;;
  '#'*) ;;
  'NAME '*) name=${line#NAME } ;;
  'RUN '*) run+="${line#RUN }"$'\n' ;;
  'STATUS '*) status=${line#STATUS } ;;
  'REQUIRES '*) requires=${line#REQUIRES } ;;
  'EXPECT '* | 'MESSAGE '* | 'NOTHING '*) checks+=("$line") ;;
  *)
    echo "$file: what is this line? $line"
    exit 1
    ;;
  esac
done <"$file"
run_case

echo "$passed passed, $failed failed, $skipped skipped"
if [ "$failed" -gt 0 ]; then
  echo "The folder of what failed stays: $place"
  exit 1
fi
rm -rf "$place"
if [ "$passed" = 0 ]; then
  [ "$skipped" -gt 0 ] && [ "${ILV_TEST_STRICT:-0}" != 1 ] && exit 77
  echo "no case was run"
  exit 1
fi
