/* SPDX-License-Identifier: MIT */
/* Description: which picture a file name asks for, by its suffix. */
#ifndef ILV_CLI_PICTURE_H
#define ILV_CLI_PICTURE_H

#include <stdbool.h>

/* Can a picture be drawn into a file of this name? */
bool ilv_picture_is_supported(const char *path);

/* Says that it cannot, and what can. Returns ILV_EXIT_USAGE. */
int ilv_picture_usage_error(const char *command, const char *path);

#endif /* ILV_CLI_PICTURE_H */
