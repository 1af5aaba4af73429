/* SPDX-License-Identifier: MIT */
/*
 * Description: the recorder of thread switches: asks the kernel through perf_event_open who ran
 * when, and sends it as events into the trace. One library, two hosts: inside a program that is
 * recorded with plain lttng (recorder/inside.c), and in `interleave run`, outside the program.
 */
#ifndef ILV_RECORDER_RECORDER_H
#define ILV_RECORDER_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <interleave/events.h>

#include "base/status.h"

/* Tells children which recorder covers them: "<id>:<pid of its host>". */
#define ILV_RECORDER_ENV "ILV_RECORDER"
/* Asks the library inside a program for a source: auto, perf+wakeups, perf, rusage, none. */
#define ILV_SWITCH_SOURCE_ENV "ILV_SWITCH_SOURCE"

struct ilv_recorder_options {
	pid_t pid;            /* whose threads, with all they will create */
	bool is_forked_child; /* true: `pid` is the caller, a forked child that nobody records */
	bool is_waiting_for_exec; /* true: `pid` is a child about to exec; recording begins there */
	enum ilv_switch_source source; /* ILV_SWITCH_SOURCE_NONE: the best that works */
};

struct ilv_recorder;

/* Returns the name of `source` as the command line spells it: "perf+wakeups"; a static string. */
const char *ilv_switch_source_name(enum ilv_switch_source source);

/* Parses a name; "auto" is ILV_SWITCH_SOURCE_NONE. ILV_STATUS_USAGE when it is none. */
enum ilv_status ilv_switch_source_parse(const char *name,
					enum ilv_switch_source *source) ILV_NODISCARD;

/*
 * Starts to record. `*recorder` is the caller's, to be given to `ilv_recorder_stop()`.
 * ILV_STATUS_PERMISSION or ILV_STATUS_UNSUPPORTED with a cause when the asked-for source is
 * refused. With no source asked for it takes the best that works; a host outside the program gets
 * ILV_STATUS_PERMISSION when only rusage is left, for that works inside only.
 */
enum ilv_status ilv_recorder_start(const struct ilv_recorder_options *options,
				   struct ilv_recorder **recorder) ILV_NODISCARD;

/* Which source it uses, and in a sentence why not a better one (the empty string for the best).
 * Borrowed. */
enum ilv_switch_source ilv_recorder_source(const struct ilv_recorder *recorder);
const char *ilv_recorder_why(const struct ilv_recorder *recorder);

/* Writes the value for ILV_RECORDER_ENV. */
void ilv_recorder_env(const struct ilv_recorder *recorder, char *text, size_t size);

/*
 * In a forked child: closes what the child inherited of its parent's recorder, which goes on in the
 * parent and covers the child. Memory is left alone: the rings are not mapped in a child, and its
 * heap may be in any state.
 */
void ilv_recorder_forget_after_fork(struct ilv_recorder *recorder);

/* Drains what is left, says recorder_end, joins the helper thread and frees all; NULL is allowed.
 */
void ilv_recorder_stop(struct ilv_recorder *recorder);

#endif /* ILV_RECORDER_RECORDER_H */
