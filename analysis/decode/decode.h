/* SPDX-License-Identifier: MIT */
/*
 * Description: reads CTF traces with libbabeltrace2 and hands out their events, merged by the
 * trace's own time. Streams decode in parallel, a graph a thread; nothing here judges what the
 * events mean.
 */
#ifndef ILV_ANALYSIS_DECODE_DECODE_H
#define ILV_ANALYSIS_DECODE_DECODE_H

#include <stddef.h>

#include "analysis/decode/foreign.h"
#include "analysis/event.h"
#include "base/status.h"

/* What is known of a trace beside its events. */
struct ilv_trace_facts {
	const char *const *paths; /* the CTF traces read: folders with `metadata` in them */
	size_t path_count;
	bool has_clock_origin;
	int64_t realtime_origin_ns; /* wall time at time 0 of the trace's clock */
	int64_t begin_ns, end_ns; /* of the first and last event; INT64_MAX, INT64_MIN: no event */
	uint64_t event_count;
	uint64_t discarded_event_count; /* as the tracer counted them */
	bool has_unknown_discards;      /* the tracer says some were lost, not how many */
	uint64_t discarded_packet_count;
	bool is_cut_off;     /* the end of some stream is missing or damaged */
	bool is_kernel;      /* metadata says domain "kernel" for some trace */
	int32_t session_pid; /* the `interleave` whose session it is; 0: of none; from the first
				event on */
	struct ilv_foreign foreign; /* whose events they are */
};

struct ilv_decoder;

/*
 * Opens the CTF traces in `path`: the folder itself or any folder below it that holds `metadata`.
 * `thread_count` graphs decode at once, 0 for as many as there are CPUs. Fails with
 * ILV_STATUS_TRACE and a cause when there is no trace, or one that cannot be read. Meant for the
 * guarded child: libbabeltrace2 may abort or hang on malformed input.
 */
enum ilv_status ilv_decoder_open(const char *path, unsigned int thread_count,
				 struct ilv_decoder **decoder) ILV_NODISCARD;

/*
 * Gives the next event in time order, borrowed until the next call. ILV_STATUS_END after the last;
 * ILV_STATUS_TRACE when what follows is malformed: what came before is valid, and not all.
 */
enum ilv_status ilv_decoder_next(struct ilv_decoder *decoder,
				 const struct ilv_event **event) ILV_NODISCARD;

/* Borrowed; counts are final after ILV_STATUS_END. */
const struct ilv_trace_facts *ilv_decoder_facts(const struct ilv_decoder *decoder);

/* Closes; strings of its events are gone then. NULL is allowed. */
void ilv_decoder_close(struct ilv_decoder *decoder);

#endif /* ILV_ANALYSIS_DECODE_DECODE_H */
