#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Lesson `web-scraper`: in every variant all pages are fetched once, all links are found, and the database has them all.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib/needs.sh
. "$(dirname "$0")/../lib/needs.sh"

workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-scraper.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
export TMPDIR="$work"

# One server for all variants: that of a run that takes for ever.
"$workload" postgres --jobs 6 --service-ms 600000 >"$work/server" 2>&1 &
server=$!
for _ in $(seq 200); do
  socket=$(find "$work" -name '.s.PGSQL.5432' 2>/dev/null || true)
  if [ -n "$socket" ] || [ ! -e "/proc/$server" ]; then
    break
  fi
  sleep 0.05
done
if [ -z "$socket" ]; then
  cat "$work/server"
  grep -q 'PostgreSQL is not installed' "$work/server" || exit 1
  skip "no PostgreSQL (apt-get install postgresql)"
fi
url="host=$(dirname "$socket") port=5432 user=interleave dbname=postgres"
for _ in $(seq 200); do
  "$workload" postgres --jobs 1 --queries 1 --service-ms 0 --database-url "$url" >/dev/null 2>&1 && break
  sleep 0.05
done

first=
for variant in $("$workload" --list --json | python3 -c 'import json, sys; print(*(v["name"] for l in json.load(sys.stdin)["lessons"] if l["name"] == "web-scraper" for v in l["variants"]))'); do
  "$workload" web-scraper --variant "$variant" --pages 30 --service-ms 2 --passes 5 --jobs 4 --database-url "$url" --truth "$work/$variant.json" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
  grep -q '^4 workers: 30 pages fetched' "$work/out" || { cat "$work/out"; exit 1; }
  sum=$(sed -n 's/^checksum //p' "$work/out")
  first=${first:-$sum}
  [ -n "$sum" ] && [ "$sum" = "$first" ] || { echo "FAIL: $sum in $variant, not $first"; exit 1; }
  python3 - "$work/$variant.json" <<'PYTHON'
import json, sys
counted = json.load(open(sys.argv[1]))["counted"]
assert counted["site_page_count"] == counted["fetched_page_count"] == counted["page_row_count"] == 30, counted
assert counted["site_link_count"] == counted["found_link_count"] == counted["link_row_count"] > 29, counted
PYTHON
done
# One page, and more workers than pages. Then with a server of its own.
"$workload" web-scraper --variant threads --pages 1 --jobs 3 --service-ms 0 --passes 1 --database-url "$url" | grep -q '^3 workers: 1 page fetched'
kill -INT "$server"
wait "$server" || true
[ -z "$(find "$work" -maxdepth 1 -name 'interleave-scratch.*')" ] || { echo "FAIL: a folder stays"; exit 1; }
"$workload" web-scraper --variant event-loop --pages 5 --jobs 2 --service-ms 1 --passes 1 | grep -q '^2 workers: 5 pages fetched'
[ -z "$(find "$work" -maxdepth 1 -name 'interleave-scratch.*')" ] || { echo "FAIL: a folder stays"; exit 1; }
echo "checksum $first in every variant"
