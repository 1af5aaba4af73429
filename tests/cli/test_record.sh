#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Records one job under two runtimes with a daemon of our own: everything is there, and nothing is left behind.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

interleave run matmul --runtime threads,event-loop --size 160 -o deep/out >stdout 2>stderr
expect_status $? 0 "run matmul"
for runtime in threads event-loop; do
  for file in output.txt truth.json report.json timeline.svg; do
    expect_file "deep/out/$runtime/$file"
  done
  xmllint --noout "deep/out/$runtime/timeline.svg" || fail "timeline.svg of $runtime is not valid XML"
  jq -e '.format == "interleave-report" and .trace.is_complete' "deep/out/$runtime/report.json" >/dev/null ||
    fail "report.json of $runtime does not say that it is complete"
  jq -e --arg runtime "$runtime" '.runs[0].runtime == $runtime' "deep/out/$runtime/report.json" >/dev/null ||
    fail "report.json of $runtime names another runtime"
  expect_line stderr "^recording matmul under $runtime \.+ [0-9]+\.[0-9][0-9] s, [0-9,]+ events, 0 lost$"
done
expect_file deep/out/compare.json
xmllint --noout deep/out/compare.svg || fail "compare.svg is not valid XML"
expect_line stdout "threads"
expect_line stdout "event-loop"
expect_line stdout "deep/out/compare.svg"
[ ! -e deep/out/threads/.report.txt ] || fail "a file for the time of the command is left behind"
expect_nothing_left

# What was printed can be had again.
interleave compare deep/out --json >again.json 2>stderr
expect_status $? 0 "compare a folder of several"
cmp -s again.json deep/out/compare.json || fail "compare --json says something else than compare.json"
interleave compare deep/out/event-loop deep/out/threads -o swapped.svg >stdout 2>stderr
expect_status $? 0 "compare two"
xmllint --noout swapped.svg || fail "swapped.svg is not valid XML"
interleave compare deep/out -o small.svg --marks 100 >stdout 2>stderr
expect_status $? 0 "compare with few marks"
interleave timeline deep/out/threads -o small-timeline.svg --marks 100 >stdout 2>stderr
expect_status $? 0 "timeline with few marks"
for picture in small.svg small-timeline.svg; do
  xmllint --noout $picture || fail "$picture is not valid XML"
  [ "$(grep -c '<title>' $picture)" -le 100 ] || fail "$picture has more than 100 marks that are explained"
done
[ "$(stat -c %s small.svg)" -le "$(stat -c %s deep/out/compare.svg)" ] || fail "with fewer marks the picture is larger"
interleave report deep/out/threads >stdout 2>stderr
expect_status $? 0 "report"
expect_line stdout "threads"
interleave report deep/out/threads --run 2 >stdout 2>stderr
expect_status $? 2 "report of a run that is not there"
expect_line stderr "holds 1 run, so there is no run 2"
interleave timeline deep/out/threads >stdout 2>stderr
expect_status $? 0 "timeline in the terminal"
[ -s stdout ] || fail "timeline printed nothing"

# A lesson is its variants side by side, unless one is asked for.
interleave run join --jobs 2 -o lesson >stdout 2>stderr
expect_status $? 0 "run join"
for variant in joined unjoined; do
  expect_file "lesson/$variant/report.json"
done
expect_file lesson/compare.svg
interleave run join --variant unjoined --jobs 2 -o alone >stdout 2>stderr
expect_status $? 0 "run join --variant unjoined"
jq -e '.runs[0].variant == "unjoined"' alone/report.json >/dev/null || fail "another variant was recorded"

# The same folder again: refused, replaced with --force, and what is not ours stays.
before=$(cksum <deep/out/threads/truth.json)
echo mine >deep/out/threads/notes
interleave run matmul --runtime threads,event-loop --size 160 -o deep/out >stdout 2>stderr
expect_status $? 2 "run into a recording"
[ "$before" = "$(cksum <deep/out/threads/truth.json)" ] || fail "a refused run changed something"
rm deep/out/threads/notes
echo mine >deep/out/notes
interleave run matmul --runtime threads --size 160 -o deep/out --force --json >stdout 2>stderr
expect_status $? 0 "run --force"
jq -e '.format == "interleave-report"' stdout >/dev/null || fail "--json printed something else"
[ "$(cat deep/out/notes)" = mine ] || fail "--force removed what is not ours"
[ ! -e deep/out/event-loop ] || fail "--force left the old recording"
[ ! -e deep/out/compare.svg ] || fail "--force left the old comparison"
expect_file deep/out/report.json
expect_nothing_left

# Without -o: the first free name.
mkdir matmul-1
interleave run matmul --runtime sequential --size 64 >stdout 2>stderr
expect_status $? 0 "run without -o"
expect_file matmul-2/report.json

# Repeats of one runtime are not compared with each other.
interleave run matmul --runtime threads,sequential --size 64 --repeat 2 -o twice --json >stdout 2>stderr
expect_status $? 0 "run --repeat"
expect_file twice/threads.2/report.json
[ "$(jq '.runs | length' stdout)" = 2 ] || fail "repeats are compared with each other"
expect_line stderr "the one that took the median time"
expect_nothing_left
finish
