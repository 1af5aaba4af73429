#!/bin/sh
# SPDX-License-Identifier: MIT
# Description: holds the JSON reports of all event scripts, the model's too, against docs/report.schema.json: DUMP TREE.
set -eu

# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"
need_python jsonschema python3-jsonschema

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for script in "$2"/tests/data/*.script; do
	"$1" "$script" --json >"$folder/$(basename "$script").json"
done

python3 - "$2/docs/report.schema.json" "$folder"/*.json <<'PYTHON'
import copy
import json
import sys

import jsonschema

with open(sys.argv[1]) as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
failed = False
for path in sys.argv[2:]:
    with open(path) as file:
        report = json.load(file)
    for error in validator.iter_errors(report):
        print(path, error.json_path, error.message)
        failed = True

# A schema that accepts everything would prove nothing.
broken = copy.deepcopy(report)
broken["trace"]["surprise"] = 1
missing = copy.deepcopy(report)
del missing["runs"][0]["threads"]
for wrong in (broken, missing):
    if validator.is_valid(wrong):
        print("the schema accepts what it must not")
        failed = True
sys.exit(failed)
PYTHON
