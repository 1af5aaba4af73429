/* SPDX-License-Identifier: MIT */
/* Description: what the command line may say of a picture: the name of its file, and its size. */
#ifndef ILV_CLI_PICTURE_H
#define ILV_CLI_PICTURE_H

/* Of --marks, wherever it is an option. */
#define ILV_PICTURE_MARKS_HELP                                                                     \
	"draw at most about N marks, 100 to 10000 (default: 3500); with few\n"                     \
	"marks the file is small, and what is short is folded"

/*
 * Looks at what `command` was told of its picture: the file, NULL for none, and how many marks it
 * may have, 0 where nobody said. Returns ILV_EXIT_USAGE when that makes no sense, and said why.
 */
int ilv_picture_check(const char *command, const char *path, unsigned long mark_limit);

#endif /* ILV_CLI_PICTURE_H */
