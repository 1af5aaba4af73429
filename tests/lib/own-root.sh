#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a command where root can make mount namespaces. In a chroot into a plain folder that is impossible, for what lies
# there is part of a mount that nobody in it can see, nor make private: there a bind mount of all that can be seen becomes
# the root, in a mount namespace of its own. Usage: own-root.sh COMMAND ARGS
set -euo pipefail

if [ "${ILV_OWN_ROOT:-0}" = 0 ]; then
  if [ "$(id -u)" != 0 ] || unshare -m true 2>/dev/null || ! unshare -m --propagation unchanged true 2>/dev/null; then
    exec "$@"
  fi
  ILV_OWN_ROOT=1 exec unshare -m --propagation unchanged "$0" "$@"
fi
unset ILV_OWN_ROOT

# Whatever is mounted within a mount that is private stays in this namespace.
for place in /dev/shm /dev /sys /proc; do
  if mount --make-private "$place" 2>/dev/null; then
    mount -t tmpfs tmpfs "$place"
    mkdir "$place/root"
    mount --rbind / "$place/root"
    mount --make-rprivate "$place/root"
    umount "$place/root$place"
    # shellcheck disable=SC2016 # for the shell within
    exec chroot "$place/root" bash -c 'cd "$0" && exec "$@"' "$PWD" "$@"
  fi
done
exec "$@"
