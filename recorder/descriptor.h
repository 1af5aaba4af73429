/* SPDX-License-Identifier: MIT */
/*
 * Description: descriptors in a program that may close all that it did not open, as daemons do, and
 * then have a file of its own by the same number: that must not be read, written or closed by us.
 */
#ifndef ILV_RECORDER_DESCRIPTOR_H
#define ILV_RECORDER_DESCRIPTOR_H

#include <stdbool.h>
#include <sys/types.h>

/* What a descriptor stands for, as the kernel names it. Zeroed: nothing. Of events, and of what
 * else has no file behind it, all stand for the same. */
struct ilv_descriptor_kind {
	dev_t device;
	ino_t inode;
};

struct ilv_descriptor_kind ilv_descriptor_kind(int fd);

/* Whether `fd` still stands for that. */
bool ilv_descriptor_is(int fd, struct ilv_descriptor_kind kind);

/* Closes `fd` if it does. */
void ilv_descriptor_close(int fd, struct ilv_descriptor_kind kind);

#endif /* ILV_RECORDER_DESCRIPTOR_H */
