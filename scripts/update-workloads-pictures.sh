#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Records every job and lesson in the small, and draws it for docs/workloads.md into docs/pictures/NAME.svg. What other
# programs take of the CPUs is not what the picture is about: it waits for quiet moments, and of several recordings draws
# the one that took the least time.
#
# Usage: update-workloads-pictures.sh [NAME...]      only these
#        update-workloads-pictures.sh --list         NAME ARGUMENTS of `interleave run`, a line each
# ILV_BIN says where the programs are, build/release/bin unless told otherwise; TRIES how many recordings to choose from.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=${ILV_BIN:-build/release/bin}
size_limit=60000
try_count=${TRIES:-3}

# What makes one picture explain itself. A job without a line is shown under threads and event-loop, a lesson in all its
# variants.
choices() {
  cat <<'TABLE'
matmul --runtime threads,event-loop --jobs 4 --size 512
image --runtime gil,processes --jobs 3 --width 720 --height 480
sleep --runtime threads,event-loop --jobs 5 --naps 3
request --runtime threads,event-loop --jobs 5 --requests 2
file --runtime threads,event-loop --jobs 5 --rounds 1 --block-kib 1024
postgres --runtime threads,event-loop --jobs 5 --queries 2
mixed --runtime threads,event-loop,hybrid --jobs 3 --rounds 1
blocking-request --runtime event-loop,green --jobs 4 --requests 2
race --variant unlocked,mutex,task-await --jobs 3 --increments 12 --gap 500000
blocked-loop --jobs 2 --work-ms 60 --beat-ms 15 --yield-ms 6
cancel --jobs 4 --sleep-ms 60
input --jobs 2 --lines 10 --type-ms 8 --requests 1 --work-ms 25
producer-consumer --variant condition,pipe,loop-queue --items 10 --capacity 2 --consume-us 1500
deadlock --rounds 4 --patience-ms 20
philosophers --variant naive,ordered,greedy --dinner-ms 20 --patience-ms 20
readers-writers --reads 4 --writes 2
thread-local --variant shared,locked,thread-local,task-thread-local --jobs 3 --increments 8 --gap-us 400
immutable --reads 4 --updates 3 --step-us 200
daemon --chapters 4
one-cpu --jobs 3 --steps 10000000
priority --duration-ms 600
starvation --jobs 3 --duration-ms 12 --hold-us 500
too-many-threads --jobs 64 --pieces 256
convoy --variant gil-5ms,gil-100us,threads --requests 6
spawn-cost --variant thread,fork,task --jobs 3 --memory-mib 8
break-even --variant threads,thread-pool,processes,event-loop
web-scraper --variant sequential,threads,event-loop --jobs 5 --pages 12
TABLE
}

list() {
  "$bin/interleave-workload" --list --json | jq -r '
    (.jobs[] | .name + " --runtime threads,event-loop"),
    (.lessons[] | .name + " --variant " + ([.variants[].name] | join(",")))' |
    while read -r name otherwise; do
      line=$(choices | grep "^$name " || echo "$name $otherwise")
      case $line in
        *--runtime* | *--variant*) echo "$line" ;;
        *) echo "$name $otherwise${line#"$name"}" ;;
      esac
    done
}

# Waits until the CPUs were idle for 0.3 s, at most 5 s.
wait_for_quiet() {
  local before after _
  for _ in $(seq 16); do
    before=$(awk '/^cpu / { print $5 + $6, $2 + $3 + $4 + $5 + $6 + $7 + $8 }' /proc/stat)
    sleep 0.3
    after=$(awk '/^cpu / { print $5 + $6, $2 + $3 + $4 + $5 + $6 + $7 + $8 }' /proc/stat)
    if awk "BEGIN { split(\"$before $after\", t, \" \"); exit t[3] - t[1] < 0.9 * (t[4] - t[2]) }"; then
      return
    fi
  done
}

# How long all runs in folder $1 took together, in ns.
duration() {
  jq -s '[.[].runs[].sum.duration_ns] | add' "$1"/*/report.json
}

# Draws the recordings in folder $1 into file $2, with ever fewer marks until it is small enough.
draw() {
  local marks
  for marks in 800 700 640 580 530 480 440 400 360 320 280 240 200 160 130 100; do
    "$bin/interleave" compare "$1" -o "$2" --marks $marks >/dev/null
    [ "$(stat -c %s "$2")" -gt $size_limit ] || return 0
  done
  echo "docs/pictures: $2 has more than $size_limit bytes" >&2
  return 1
}

if [ "${1:-}" = --list ]; then
  list
  exit
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/interleave-pictures.XXXXXX")
trap 'rm -rf "$folder"' EXIT
mkdir -p docs/pictures
noisy=()

while read -r -a line <&3; do
  name=${line[0]}
  if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then
    continue
  fi

  least=
  for try in $(seq $try_count); do
    wait_for_quiet
    "$bin/interleave" run "${line[@]}" -o "$folder/$name.$try" >"$folder/said" 2>&1 || {
      cat "$folder/said" >&2
      exit 1
    }
    took=$(duration "$folder/$name.$try")
    if [ -z "$least" ] || [ "$took" -lt "$least" ]; then
      least=$took
      best=$folder/$name.$try
    fi
  done
  draw "$best" "docs/pictures/$name.svg"
  verdict=$(jq -r .verdict "$best/compare.json")
  printf '%-20s %6d bytes  %s\n' "$name" "$(stat -c %s "docs/pictures/$name.svg")" "$verdict"
  if [[ $verdict == *"did not have its CPUs to itself"* ]]; then
    noisy+=("$name")
  fi
  rm -rf "${folder:?}/$name".*
done 3< <(list)

if [ ${#noisy[@]} -gt 0 ]; then
  echo "Others had much of the CPUs while these were recorded; once it is quiet: $0 ${noisy[*]}" >&2
fi
