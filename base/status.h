/* SPDX-License-Identifier: MIT */
/*
 * Description: what a function that can fail returns. Below zero it failed, zero it did its work,
 * above zero it has something else to say that is not an error.
 */
#ifndef ILV_BASE_STATUS_H
#define ILV_BASE_STATUS_H

/* X(name, value, text): the one list from which values, names and texts come. */
#define ILV_STATUS_LIST(X)                                                                         \
	X(INTERRUPTED, -8, "interrupted")                                                          \
	X(UNSUPPORTED, -7, "not supported here")                                                   \
	X(PERMISSION, -6, "not permitted")                                                         \
	X(IO, -5, "input or output failed")                                                        \
	X(TRACE, -4, "not a usable trace")                                                         \
	X(USAGE, -3, "wrong usage")                                                                \
	X(MEMORY, -2, "out of memory")                                                             \
	X(ERROR, -1, "failed")                                                                     \
	X(OK, 0, "done")                                                                           \
	X(END, 1, "no more")                                                                       \
	X(AGAIN, 2, "not yet")

enum ilv_status {
#define X(name, value, text) ILV_STATUS_##name = (value),
	ILV_STATUS_LIST(X)
#undef X
};

#define ILV_NODISCARD __attribute__((warn_unused_result))

/* Returns the text of `status`, a static string; never NULL. */
const char *ilv_status_text(enum ilv_status status);

#endif /* ILV_BASE_STATUS_H */
