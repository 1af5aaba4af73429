/* SPDX-License-Identifier: MIT */
/*
 * Description: the recorder's host inside a program that is recorded with plain lttng.
 */
#ifndef ILV_RECORDER_INSIDE_H
#define ILV_RECORDER_INSIDE_H

#include <interleave/trace.h>

/*
 * Starts to record this process, if a session takes thread switches and nobody records them yet.
 * The library does it by itself when it is loaded; a program may do it again later, for a session
 * that began after the program. Cheap when there is nothing to do.
 */
ILV_API void ilv_recorder_inside_start_if_needed(void);

#endif /* ILV_RECORDER_INSIDE_H */
