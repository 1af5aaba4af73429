/* SPDX-License-Identifier: MIT */
/*
 * Description: reads an event script: a trace as text, the golden input of tests. A line is an
 * event:
 *
 *     TIME[@RECORDED] EVENT pid=1 tid=2 [cpu=0] [field=value ...]     # comment
 *
 * TIME is in us with an optional fraction (1.5 = 1500 ns); EVENT is the name without `interleave:`;
 * fields are those of struct ilv_event's member for it; enumerations take their lower-case name
 * (reason=sleep, role=job); strings with blanks stand in double quotes. RECORDED is the trace's own
 * time where it differs.
 *
 * `pid`, `tid` and `cpu` are the emitter's, and the subject's too where the event has one (thread
 * switches); `subject_pid`, `subject_tid` and `subject_cpu` set the subject's alone, and come
 * after. Fields in ns also take us: up_to_ns=12.5us. What is not said is 0 or NULL, but -1 for ids
 * whose absence means "not known".
 */
#ifndef ILV_TESTS_LIB_SCRIPT_H
#define ILV_TESTS_LIB_SCRIPT_H

#include <stddef.h>

#include "analysis/event.h"

struct ilv_script {
	struct ilv_event *events; /* in the order of the lines */
	size_t count;
};

/* Parses `text`; ends the test program with a message that names the line when it cannot. */
struct ilv_script *ilv_script_parse(const char *text);
void ilv_script_destroy(struct ilv_script *script);

#endif /* ILV_TESTS_LIB_SCRIPT_H */
