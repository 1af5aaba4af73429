/* SPDX-License-Identifier: MIT */
/*
 * Description: the end of a graph, as a component of libbabeltrace2. It has one input port a
 * stream, takes the stream whose head is the oldest, and counts what the tracer says it lost.
 * (flt.utils.muxer would merge too, but gives up on valid traces in which a loss is told with a
 * time before the last event's.)
 */
#ifndef ILV_ANALYSIS_DECODE_SINK_H
#define ILV_ANALYSIS_DECODE_SINK_H

#include <babeltrace2/babeltrace.h>

#include "analysis/decode/graph.h"

struct ilv_sink;

/* All that is passed is borrowed and must outlive the sink. NULL when memory is short. */
struct ilv_sink *ilv_sink_create(const struct ilv_stream_input *const *inputs, size_t input_count,
				 struct ilv_strings *strings, struct ilv_graph_findings *findings,
				 struct ilv_queue *queue);

/* Adds the sink to `graph`, whose component it sets: input port n is for input n. */
enum ilv_status ilv_sink_add(struct ilv_sink *sink, bt_graph *graph,
			     const bt_component_sink **component) ILV_NODISCARD;

/* Lets go of all objects of the graph, which is destroyed next. NULL is allowed. */
void ilv_sink_release(struct ilv_sink *sink);

/* Destroys, after the graph. NULL is allowed. */
void ilv_sink_destroy(struct ilv_sink *sink);

#endif /* ILV_ANALYSIS_DECODE_SINK_H */
