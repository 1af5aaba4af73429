/* SPDX-License-Identifier: MIT */
/*
 * Description: what tracefs says of the scheduler's tracepoints: their ids and where their fields
 * are.
 */
#ifndef ILV_RECORDER_TRACEFS_H
#define ILV_RECORDER_TRACEFS_H

#include <sys/types.h>

#include "base/status.h"
#include "recorder/record.h"

/*
 * Reads the formats of sched_waking, sched_wakeup and sched_wakeup_new. Where tracefs is not
 * mounted, a short-lived thread mounts it in a mount namespace of its own, which ends with the
 * thread: the machine stays as it is. `*reader_tid` is that thread, 0 when there was none: it may
 * still be listed for a while, and is none of the program's.
 */
enum ilv_status ilv_tracefs_read(struct ilv_record_format *format, pid_t *reader_tid) ILV_NODISCARD;

/* Parses the text of a `format` file; ILV_STATUS_UNSUPPORTED when it has no id or no field `pid`.
 */
enum ilv_status ilv_tracefs_parse(const char *text,
				  struct ilv_tracepoint *tracepoint) ILV_NODISCARD;

#endif /* ILV_RECORDER_TRACEFS_H */
