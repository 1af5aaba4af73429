#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Where a truth is written: into the file behind a link; to what is no plain file and stays what it is, a pipe or a device;
# or nowhere, and says so. Devices are made in a private folder, for a mistake would cost the machine its own.
set -euo pipefail

workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-places.XXXXXX")
reader=
trap 'rm -rf "$work"; [ -z "$reader" ] || kill "$reader" 2>/dev/null || true' EXIT
mkdir "$work/places" "$work/behind"
cd "$work/places"

fail() {
  echo "FAIL: $*"
  ls -l "$work/places" "$work/behind"
  exit 1
}

# write_to PLACE: what it prints goes to $work/out, and its complaints to $work/error.
write_to() {
  status=0
  timeout 60 "$workload" sleep --jobs 1 --naps 1 --sleep-ms 0 --truth "$1" >"$work/out" 2>"$work/error" || status=$?
}

# is_truth FILE: whether it holds a truth and nothing else.
is_truth() {
  python3 -c 'import json, sys; sys.exit(json.load(open(sys.argv[1]))["format"] != "interleave-truth")' "$1"
}

# written WHAT TRUTH CONDITION...: the run went well, TRUTH is one, and of the place the condition holds.
written() {
  local what=$1 truth=$2
  shift 2
  if [ $status != 0 ] || ! [ "$@" ] || ! is_truth "$truth"; then
    cat "$work/error"
    fail "$what: status $status"
  fi
}

# refuses PLACE WORDS
refuses() {
  write_to "$1"
  if [ $status != 1 ] || [ "$(wc -l <"$work/error")" != 1 ] ||
    ! grep -q -- "Cannot write truth: path=\"$1\", error=\"$2\"" "$work/error"; then
    cat "$work/error"
    fail "$1: status $status, not: $2"
  fi
}

write_to new.json
written "a new file" new.json -f new.json
echo before >old.json
write_to old.json
written "a file that was there" old.json -f old.json

echo before >"$work/behind/old.json"
ln -s "$work/behind/old.json" old-link
write_to old-link
written "a link to a file" "$work/behind/old.json" -L old-link
ln -s ../behind/new.json new-link
write_to new-link
written "a link to a file that is not there yet" "$work/behind/new.json" -L new-link

mkfifo pipe
cat pipe >"$work/read" &
reader=$!
write_to pipe
if [ $status != 0 ] || ! [ -p pipe ]; then
  fail "a pipe: status $status"
fi
wait "$reader"
reader=
written "a pipe" "$work/read" -p pipe

# A link to the program's own output, as /dev/stdout is one: what is there already stays, be it a file or a pipe.
ln -s /proc/self/fd/1 own-output
for way in file pipe; do
  write_to own-output
  [ $way = file ] || "$workload" sleep --jobs 1 --naps 1 --sleep-ms 0 --truth own-output | cat >"$work/out"
  grep -q '^sleep under threads: done' "$work/out" || fail "what its own output held, a $way"
  sed -n '/^{/,$p' "$work/out" >"$work/rest"
  written "its own output, a $way" "$work/rest" -L own-output
done

mkdir folder
refuses folder 'Is a directory'
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
refuses socket 'No such device or address'
[ -S socket ] || fail "a socket"
ln -s loop loop
refuses loop 'Too many levels of symbolic links'
[ -L loop ] || fail "a link to itself"

# Devices of their own: what discards all, and what is always full.
if mknod null c 1 3 2>/dev/null && mknod full c 1 7 2>/dev/null && : >null 2>/dev/null; then
  write_to null
  written "a device" new.json -c null
  refuses full 'No space left on device'
  [ -c full ] || fail "a full device"
  rm null full
else
  echo "devices are left out: this user may not make them here"
  rm -f null full
fi

found=$(echo *)
[ "$found" = "folder loop new-link new.json old-link old.json own-output pipe socket" ] || fail "left behind: $found"
found=$(ls -A "$work/behind")
[ "$found" = $'new.json\nold.json' ] || fail "left behind: $found"
