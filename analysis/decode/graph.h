/* SPDX-License-Identifier: MIT */
/*
 * Description: one graph of libbabeltrace2 and the thread that runs it: sources of CTF files, and a
 * sink that merges the streams it was given by time and puts their events into a queue.
 */
#ifndef ILV_ANALYSIS_DECODE_GRAPH_H
#define ILV_ANALYSIS_DECODE_GRAPH_H

#include <babeltrace2/babeltrace.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/decode/foreign.h"
#include "analysis/decode/queue.h"
#include "analysis/decode/strings.h"
#include "base/status.h"

#define ILV_TROUBLE_SIZE 500

/* One stream: an output port of the source for a trace. */
struct ilv_stream_input {
	const char *trace_path; /* the folder to read */
	const char *shown_path; /* the folder that people know; another where a damaged trace was
				   salvaged */
	char *port_name;
	uint64_t size;       /* bytes, a guess: only for dividing the work */
	uint64_t trace_size; /* of all stream files of the trace, bytes */
	uint32_t index;      /* decides between equal times */
};

/* What all graphs of a decoder learn together. */
struct ilv_graph_findings {
	pthread_mutex_t lock; /* protects all below; nothing nests in it */
	uint64_t discarded_event_count;
	uint64_t discarded_packet_count;
	bool has_unknown_discards;
	bool is_kernel, has_session;
	int32_t session_pid; /* 0: of no `interleave`, or of several */
	struct ilv_foreign foreign;
	bool has_clock_origin;
	int64_t realtime_origin_ns;
	bool has_clock_uuid;
	uint8_t clock_uuid[16];
	enum ilv_status status;         /* below zero: some stream could not be read to its end */
	char trouble[ILV_TROUBLE_SIZE]; /* why: of the first such stream */
};

struct ilv_graph;

/* Quiets libbabeltrace2's log, for what it has to say becomes causes. Call it before anything else
 * of it. */
void ilv_graph_quiet(void);

/*
 * Begins a graph with a source that reads the trace at `path`. ILV_STATUS_TRACE and a cause when
 * libbabeltrace2 cannot open it. Not thread-safe against others of these functions, but for the
 * threads they start.
 */
enum ilv_status ilv_graph_open(const char *path, struct ilv_graph **graph) ILV_NODISCARD;

/* Lists the streams of the trace that `graph` was opened with by the names of their ports, in the
 * order of the source; the array and the names are the caller's. */
enum ilv_status ilv_graph_list_ports(const struct ilv_graph *graph, char ***names,
				     size_t *count) ILV_NODISCARD;

/*
 * Completes `graph` to one that reads `inputs`, which are in the order of their traces; the first
 * is of the trace that it was opened with. Strings, findings, inputs are borrowed and must outlive
 * it; `batch_count` is the room of its queue.
 */
enum ilv_status ilv_graph_connect(struct ilv_graph *graph,
				  const struct ilv_stream_input *const *inputs, size_t input_count,
				  struct ilv_strings *strings, struct ilv_graph_findings *findings,
				  size_t batch_count) ILV_NODISCARD;

/* Starts the thread. */
enum ilv_status ilv_graph_start(struct ilv_graph *graph) ILV_NODISCARD;

/* Where its events come out. */
struct ilv_queue *ilv_graph_queue(struct ilv_graph *graph);

/* Stops and joins the thread, and destroys. NULL is allowed. */
void ilv_graph_destroy(struct ilv_graph *graph);

#endif /* ILV_ANALYSIS_DECODE_GRAPH_H */
