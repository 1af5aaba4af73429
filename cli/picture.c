/* SPDX-License-Identifier: MIT */
/* Description: what the command line may say of a picture. */
#include "cli/picture.h"

#include <string.h>
#include <strings.h>

#include "cli/exit.h"
#include "cli/options.h"
#include "viz/viz.h"

static const char *suffix_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash ? slash : path, '.');

	return dot ? dot : "";
}

int ilv_picture_check(const char *command, const char *path, unsigned long mark_limit)
{
	if (path && strcasecmp(suffix_of(path), ".svg") != 0) {
		return ilv_usage_error(
			command, "cannot draw \"%s\": the file's name must end in .svg", path);
	}
	if (mark_limit > 0 && !path) {
		return ilv_usage_error(command, "--marks is about a picture: -o FILE.svg");
	}
	if (mark_limit > 0 && (mark_limit < ILV_MARKS_LEAST || mark_limit > ILV_MARKS_MOST)) {
		return ilv_usage_error(command, "--marks must be from %d to %d", ILV_MARKS_LEAST,
				       ILV_MARKS_MOST);
	}

	return ILV_EXIT_DONE;
}
