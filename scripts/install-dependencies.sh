#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the Debian packages that are missing; does nothing, and needs no network, when none is. As root, or
# with a sudo that asks for nothing; else prints the one command to run, and stops with 2.
#
# Usage: install-dependencies.sh [build] [test]
set -euo pipefail

build=(
  gcc libc6-dev cmake ninja-build pkg-config
  liblttng-ust-dev liblttng-ctl-dev lttng-tools libbabeltrace2-dev
  libuv1-dev libpq-dev libboost-context-dev uthash-dev libjansson-dev libxml2-dev
)
# What the tests hold us against, and what checks the sources.
test=(
  libcmocka-dev babeltrace2 g++ clang clang-format clang-tidy shellcheck libxml2-utils librsvg2-bin
  python3 python3-jsonschema jq iproute2 strace util-linux procps fonts-dejavu-core git
  postgresql
)

wanted=()
for set in "${@:-build}"; do
  case $set in
    build) wanted+=("${build[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    *)
      echo "install-dependencies: unknown set: $set (known: build, test)" >&2
      exit 2
      ;;
  esac
done

missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
  if sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
  else
    echo "Some packages are missing. Run this as root, then start again:" >&2
    echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 2
  fi
fi

echo "installing ${missing[*]}" >&2
log=$(mktemp "${TMPDIR:-/tmp}/interleave-install.XXXXXX")
run() {
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "install-dependencies: failed: $* (all of its output: $log)" >&2
    exit 1
  fi
}
run apt-get -q update
run apt-get -q install -y --no-install-recommends "${missing[@]}"
rm -f "$log"
