#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The disk is full before, or becomes full while it is recorded to: a sentence, a status, and nothing that hangs.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$ILV_SOURCE/tests/cli/lib.sh"

mkdir disk
mount -t tmpfs -o size=3m tmpfs disk 2>/dev/null || skip "no file system can be mounted here"
interleave run race --variant unlocked --increments 40000 -o disk/out >stdout 2>stderr
status=$?
[ "$status" = 1 ] || fail "exit status is $status, not 1"
expect_line stderr "disk of disk/out is full"

head -c 3m /dev/zero >disk/filler 2>/dev/null
interleave run matmul --runtime threads --size 64 -o disk/next >stdout 2>stderr
expect_status $? 1 "a disk that is full before"
expect_line stderr "disk is full|No space left"
expect_nothing_left
umount disk
finish
