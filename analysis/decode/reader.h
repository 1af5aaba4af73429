/* SPDX-License-Identifier: MIT */
/*
 * Description: turns an event of libbabeltrace2 into ours. What the catalogue says of a class of
 * events is looked up once, and becomes a flat list of fields to copy. A reader belongs to one
 * thread.
 */
#ifndef ILV_ANALYSIS_DECODE_READER_H
#define ILV_ANALYSIS_DECODE_READER_H

#include <babeltrace2/babeltrace.h>

#include "analysis/decode/graph.h"
#include "analysis/decode/strings.h"
#include "analysis/event.h"
#include "base/status.h"

struct ilv_reader;

/*
 * Creates a reader that interns into `strings` and notes in `findings` whose events it meets; both
 * must outlive it. NULL when memory is short.
 */
struct ilv_reader *ilv_reader_create(struct ilv_strings *strings,
				     struct ilv_graph_findings *findings);

/* Whether `trace` says that the kernel's tracer wrote it. */
bool ilv_reader_is_kernel(const bt_trace *trace);

/* The process id of the `interleave` whose session recorded the trace, which named it; 0: of none.
 */
int32_t ilv_reader_session_pid(const bt_trace *trace);

/* Destroys `reader`, before the graph whose events it read. NULL is allowed. */
void ilv_reader_destroy(struct ilv_reader *reader);

/*
 * Sets everything of `event` but `recorded_ns`, `cpu` and `stream_index`, which the caller has set;
 * `time_ns` equals `recorded_ns` unless the event names an earlier time. An event that is not
 * understood becomes ILV_EVENT_OTHER.
 */
enum ilv_status ilv_reader_read(struct ilv_reader *reader, const bt_event *source,
				struct ilv_event *event) ILV_NODISCARD;

/* Reads an integer of any kind; false: it is none, or it does not fit. */
bool ilv_reader_integer(const bt_field *field, int64_t *value);

#endif /* ILV_ANALYSIS_DECODE_READER_H */
