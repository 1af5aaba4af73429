/* SPDX-License-Identifier: MIT */
/* Description: asks the kernel what a descriptor stands for. */
#include "recorder/descriptor.h"

#include <sys/stat.h>
#include <unistd.h>

struct ilv_descriptor_kind ilv_descriptor_kind(int fd)
{
	struct ilv_descriptor_kind kind = {0};
	struct stat status;

	if (fstat(fd, &status) == 0) {
		kind.device = status.st_dev;
		kind.inode = status.st_ino;
	}

	return kind;
}

bool ilv_descriptor_is(int fd, struct ilv_descriptor_kind kind)
{
	const struct ilv_descriptor_kind found = ilv_descriptor_kind(fd);

	return found.inode != 0 && found.inode == kind.inode && found.device == kind.device;
}

void ilv_descriptor_close(int fd, struct ilv_descriptor_kind kind)
{
	if (ilv_descriptor_is(fd, kind)) {
		(void)close(fd);
	}
}
