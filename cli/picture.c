/* SPDX-License-Identifier: MIT */
/* Description: knows the suffixes of pictures. */
#include "cli/picture.h"

#include <string.h>
#include <strings.h>

#include "cli/options.h"

static const char *suffix_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash ? slash : path, '.');

	return dot ? dot : "";
}

bool ilv_picture_is_supported(const char *path)
{
	return strcasecmp(suffix_of(path), ".svg") == 0;
}

int ilv_picture_usage_error(const char *command, const char *path)
{
	return ilv_usage_error(command, "cannot draw \"%s\": the file's name must end in .svg",
			       path);
}
