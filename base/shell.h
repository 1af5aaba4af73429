/* SPDX-License-Identifier: MIT */
/* Description: words of commands that people are to paste into a shell. */
#ifndef ILV_BASE_SHELL_H
#define ILV_BASE_SHELL_H

/*
 * Returns `text` as one word of a POSIX shell: quoted where a shell would take it apart or read
 * something into it, else as it is. The caller's to free; NULL when memory is short.
 */
char *ilv_shell_word(const char *text);

#endif /* ILV_BASE_SHELL_H */
