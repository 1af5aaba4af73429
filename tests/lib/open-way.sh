#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a command where all users reach the current folder, as tests want that give up root's rights. Where it lies in one of
# root's own (/root), that one is covered by another with nothing in it but the way here, and the traces beside, in a mount
# namespace of its own. Usage: open-way.sh COMMAND ARGS
set -euo pipefail

# The topmost folder on the way that others may not enter.
closed=
folder=$(dirname "$PWD")
while [ "$folder" != / ]; do
  if (((8#$(stat -c %a "$folder") & 1) == 0)); then
    closed=$folder
  fi
  folder=$(dirname "$folder")
done
if [ "$(id -u)" != 0 ] || [ -z "$closed" ] || ! unshare -m true 2>/dev/null; then
  exec "$@"
fi
if [ "${ILV_OPEN_WAY:-0}" = 0 ]; then
  ILV_OPEN_WAY=1 exec unshare -m "$0" "$@"
fi
unset ILV_OPEN_WAY

here=$PWD
kept=$(mktemp -d /tmp/ilv-way.XXXXXX)
mount -t tmpfs tmpfs "$kept"
for folder in "$here" "$(dirname "$here")/shared"; do
  [ -d "$folder" ] || continue
  mkdir "$kept/$(basename "$folder")"
  mount --rbind "$folder" "$kept/$(basename "$folder")"
done
mount -t tmpfs -o mode=755 tmpfs "$closed"
for folder in "$kept"/*; do
  mkdir -p "$(dirname "$here")/$(basename "$folder")"
  mount --rbind "$folder" "$(dirname "$here")/$(basename "$folder")"
done
umount -l "$kept"
rmdir "$kept"
cd "$here"
exec "$@"
