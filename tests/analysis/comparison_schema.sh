#!/bin/sh
# SPDX-License-Identifier: MIT
# Description: holds JSON comparisons against docs/comparison.schema.json: DUMP TREE.
set -eu

# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"
need_python jsonschema python3-jsonschema

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
data="$2/tests/data"
"$1" --json "$data/comparison_threads.script" "$data/comparison_loop.script" >"$folder/two.json"
"$1" --json "$data/comparison_threads.script" >"$folder/one.json"
"$1" --json "$data/sweep_computing.script" "$data/sweep_waiting.script" >"$folder/sweep.json"
"$1" --json "$data/sweep_handing.script" >"$folder/handing.json"
grep -q '"crossing_value": [0-9]' "$folder/handing.json"
"$1" --json "$data/untraced_pool.script" "$data/untraced_fork.script" >"$folder/untraced.json"
grep -q '"recorded_gain": [0-9]' "$folder/untraced.json"
"$1" --json "$data/prices_pool.script" "$data/prices_fork.script" >"$folder/prices.json"
grep -q '"untraced": [0-9]' "$folder/prices.json"
"$1" --json "$data"/*.script >"$folder/all.json" 2>/dev/null || rm "$folder/all.json"
"$1" --json "$data/report_threads.script" "$data/model_runs.script" "$data/comparison_loop.script" >"$folder/mixed.json"

python3 - "$2/docs/comparison.schema.json" "$folder"/*.json <<'PYTHON'
import copy
import json
import sys

import jsonschema

with open(sys.argv[1]) as file:
    schema = json.load(file)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
failed = False
for path in sys.argv[2:]:
    with open(path) as file:
        comparison = json.load(file)
    for error in validator.iter_errors(comparison):
        print(path, list(error.path), error.message)
        failed = True
    labels = [run["label"] for run in comparison["runs"]]
    if len(set(labels)) != len(labels):
        print(path, "labels are not unique:", labels)
        failed = True

# A schema that accepts everything would prove nothing.
with_more = copy.deepcopy(comparison)
with_more["runs"][0]["surprise"] = 1
with_less = copy.deepcopy(comparison)
del with_less["runs"][0]["measures"]["duration_ns"]
with_other = copy.deepcopy(comparison)
with_other["left_out"]["duration_ns"] = 3
with_key = copy.deepcopy(comparison)
with_key["left_out"]["surprise"] = "none"
for wrong in (with_more, with_less, with_other, with_key):
    if validator.is_valid(wrong):
        print("the schema accepts what it must not")
        failed = True
sys.exit(failed)
PYTHON
