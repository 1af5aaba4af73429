#!/bin/sh
# SPDX-License-Identifier: MIT
# Holds the curves of event scripts against the numbers of the same comparison: sweep.sh PICTURE_DUMP COMPARISON_DUMP DATA
set -eu

# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"
need xmllint libxml2-utils

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

check() { # NAME SCRIPT...
	name=$1
	shift
	"$picture" compare --findings "$@" >"$folder/$name.svg"
	"$comparison" --json "$@" >"$folder/$name.json"
	xmllint --noout "$folder/$name.svg"
	python3 "$(dirname "$0")/sweep.py" "$folder/$name.svg" "$folder/$name.json"
}

picture=$1
comparison=$2
data=$3
check sharers "$data/sweep_computing.script" "$data/sweep_waiting.script"
check crossing "$data/sweep_handing.script"
check untraced "$data/untraced_pool.script" "$data/untraced_fork.script"

# As many lines and steps as are drawn, with names that are no good as text: the picture stays small and valid.
for line in 1 2 3 4 5 6 7 8 9; do
	{
		echo "0 run_begin pid=$line tid=$line cpu=0 workload=w variant=\"v$line<&\" unit=thread cpu_count=2"
		for step in $(seq 150); do
			echo "$step phase_begin pid=$line tid=$line cpu=0 name=\"p<$step&\""
			echo "$step phase_point pid=$line tid=$line cpu=0 name=\"p<$step&\" what=\"<size>&\" value=$step unit=sharers"
			echo "$step phase_count pid=$line tid=$line cpu=0 name=\"p<$step&\" what=\"]]>\" value=$((step * line)) is_work=true"
			echo "$((step + 1)) phase_end pid=$line tid=$line cpu=0 name=\"p<$step&\""
		done
		echo "200 run_end pid=$line tid=$line cpu=0"
	} >"$folder/$line.script"
done
check crowd "$folder"/[1-9].script
