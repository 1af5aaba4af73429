#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The lessons that sweep something, recorded small: phases in report and picture are what the lessons say of themselves.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

interleave run too-many-threads --variant cpu,io --jobs 8 --pieces 200 --piece-us 500 -o threads >stdout 2>stderr
expect_status $? 0 "run too-many-threads"
interleave run break-even --variant threads,event-loop --jobs 4 --sizes 4 --rounds 2 -o even >stdout 2>stderr
expect_status $? 0 "run break-even"
interleave run spawn-cost --variant fork --jobs 2 --memory-mib 2 -o spawn >stdout 2>stderr
expect_status $? 0 "run spawn-cost"
expect_line stdout "touch 100 %"
interleave run spawn-cost --variant thread,fork --jobs 3 --memory-mib 2 -o price >stdout 2>stderr
expect_status $? 0 "run spawn-cost, compared"
expect_line stdout "a start with its end"
grep -q '<g class="prices">' price/compare.svg || fail "price/compare.svg has no prices"

for picture in threads/compare.svg even/compare.svg price/compare.svg threads/cpu/timeline.svg spawn/timeline.svg; do
  xmllint --noout "$picture" || fail "$picture is not valid XML"
  [ "$(wc -c <"$picture")" -lt 1000000 ] || fail "$picture is too large"
  grep -q '<g class="chart">' "$picture" || fail "$picture has no curves"
done
# Of sweeps the curves are the comparison; in a timeline there are lanes besides, and phases along the time.
grep -q '<g class="entity">' threads/compare.svg && fail "compare.svg has lanes"
for timeline in threads/cpu/timeline.svg spawn/timeline.svg; do
  grep -q '<g class="entity">' "$timeline" || fail "$timeline has no lanes"
  grep -q '<g class="phases">' "$timeline" || fail "$timeline has no phases"
done

python3 "$ILV_SOURCE/tests/cli/sweeps.py" . || fail "what was measured is not what was done"
interleave compare threads --json >again.json 2>stderr
expect_status $? 0 "compare the folder"
cmp -s again.json threads/compare.json || fail "compare --json says something else than compare.json"
expect_nothing_left
finish
