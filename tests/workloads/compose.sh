#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The server of compose.yaml (Dockerfile) takes as many connections as any option can ask for, its own health check beside them, and
# is at the address that the file says. It is not started here: that wants a container engine and its image.
set -euo pipefail

file="$ILV_SOURCE/compose.yaml"
image="$ILV_SOURCE/Dockerfile"

taken=$(sed -n 's/.*max_connections=\([0-9]\+\).*/\1/p' "$image")
# As many as --connections; in a workload without it, one a job.
asked=$("$ILV_BIN/interleave-workload" --list --json | jq '[.jobs[], .lessons[]
  | [.options[] | {key: .name, value: .max}] | from_entries | select(has("database-url")) | .connections // .jobs] | max')
[ "$taken" -gt "$asked" ] || { echo "Dockerfile: $taken connections, options: up to $asked"; exit 1; }

url=$(sed -n 's|.*--database-url ||p' "$file")
port=$(sed -n 's/.*"127\.0\.0\.1:\([0-9]\+\):5432".*/\1/p' "$file")
user=$(sed -n 's/.*POSTGRES_USER=\([a-z]*\).*/\1/p' "$image")
[ "$url" = "postgresql://$user@127.0.0.1:$port/$user" ] || { echo "compose.yaml: $user, $port, but $url"; exit 1; }
