/* SPDX-License-Identifier: MIT */
/* Description: divides the streams of a recording among graphs, and merges what comes out of them.
 */
#include "analysis/decode/decode.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decode/find.h"
#include "analysis/decode/graph.h"
#include "analysis/decode/merge.h"
#include "analysis/decode/salvage.h"
#include "analysis/decode/strings.h"
#include "base/cause.h"
#include "base/line.h"

/* Each graph parses the metadata for itself, so a small stream is not worth one; and the graph that
 * lists the streams of the first trace is one of those that decode. */
#define GRAPH_BYTES_MIN (256 * 1024)
#define GRAPH_MAX       32

/*
 * Room between the graphs and who consumes: some 5 MB over all. With little of it a graph waits
 * whenever the others lag behind, and with two of them on two CPUs decoding takes a fifth longer;
 * with more, what is read has long left the caches, and how far the room is used, and so the peak
 * of memory, is a matter of luck.
 */
#define BATCHES_TOTAL 20
#define BATCHES_MIN   2

/* What comes out of one graph. */
struct lane {
	struct ilv_graph *graph;
	const struct ilv_batch *batch; /* NULL: it is over */
	size_t next;
};

struct ilv_decoder {
	char *path;
	struct ilv_found *found;
	struct ilv_salvage **salvages; /* by trace; NULL: the trace is read as it is */
	struct ilv_stream_input *inputs;
	size_t input_count;
	struct ilv_strings *strings;
	struct ilv_graph_findings findings;
	struct ilv_graph *first_graph; /* of the first input's trace, until its lane takes it */
	struct lane *lanes;
	size_t lane_count;
	struct ilv_merge merge;
	bool is_started; /* the first batches are there */
	bool is_given;   /* the head of the merge is with the caller */
	struct ilv_trace_facts facts;
	const char **fact_paths;
};

static enum ilv_status out_of_memory(void)
{
	ilv_cause_add("Cannot open trace: out of memory");
	return ILV_STATUS_MEMORY;
}

static unsigned int cpu_count(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0) {
		return 1;
	}

	return (unsigned int)CPU_COUNT(&set);
}

/* Guesses how much there is to decode behind the port named `TRACE | CLASS | STREAM`. */
static uint64_t port_size(const struct ilv_found_trace *trace, const char *port_name)
{
	const char *stream_name = strrchr(port_name, '|');
	unsigned long long class_id = 0;
	unsigned long long instance_id = 0;
	uint64_t size = 0;
	bool has_ids = false;

	if (!stream_name) {
		return 0;
	}

	for (const char *at = stream_name - 1; at > port_name && !has_ids; at--) {
		has_ids = *at == '|' && sscanf(at, "| %llu | %llu", &class_id, &instance_id) == 2;
		if (*at == '|') {
			break;
		}
	}

	for (size_t index = 0; index < trace->stream_count; index++) {
		const struct ilv_stream_file *stream = &trace->streams[index];

		if (strcmp(stream->path, stream_name + 2) == 0 ||
		    (has_ids && stream->class_id == class_id &&
		     stream->instance_id == instance_id)) {
			size += stream->size;
		}
	}

	return size;
}

/* Opens a trace, as it is or, where it is damaged, what is whole of it. */
static enum ilv_status open_trace(struct ilv_decoder *decoder, size_t trace_index,
				  const char **path, struct ilv_graph **graph)
{
	const struct ilv_found_trace *trace = &decoder->found->traces[trace_index];
	struct ilv_salvage *salvage = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	*path = trace->path;
	status = ilv_graph_open(*path, graph);
	if (status != ILV_STATUS_TRACE) {
		return status;
	}

	if (ilv_salvage_create(trace, &salvage) != ILV_STATUS_OK) {
		return status;
	}

	decoder->salvages[trace_index] = salvage;
	*path = ilv_salvage_path(salvage);
	status = ilv_graph_open(*path, graph);
	if (status == ILV_STATUS_OK) {
		/* What libbabeltrace2 said is dealt with, and said again at the end. */
		ilv_cause_clear();
		decoder->findings.status = ILV_STATUS_TRACE;
		(void)snprintf(decoder->findings.trouble, sizeof(decoder->findings.trouble), "%s",
			       ilv_salvage_text(salvage));
	}

	return status;
}

/* Adds the streams of a trace to the inputs. */
static enum ilv_status add_inputs(struct ilv_decoder *decoder, size_t trace_index)
{
	const struct ilv_found_trace *trace = &decoder->found->traces[trace_index];
	enum ilv_status status = ILV_STATUS_OK;
	struct ilv_stream_input *grown = NULL;
	struct ilv_graph *graph = NULL;
	const char *path = NULL;
	char **names = NULL;
	size_t count = 0;

	status = open_trace(decoder, trace_index, &path, &graph);
	if (status == ILV_STATUS_OK) {
		status = ilv_graph_list_ports(graph, &names, &count);
	}
	if (status != ILV_STATUS_OK) {
		goto end;
	}

	grown = realloc(decoder->inputs, (decoder->input_count + count + 1) * sizeof(*grown));
	if (!grown) {
		status = out_of_memory();
		goto end;
	}

	decoder->inputs = grown;
	for (size_t index = 0; index < count; index++) {
		decoder->inputs[decoder->input_count] =
			(struct ilv_stream_input){.trace_path = path,
						  .shown_path = trace->path,
						  .port_name = names[index],
						  .size = port_size(trace, names[index]),
						  .trace_size = trace->size,
						  .index = (uint32_t)decoder->input_count};
		names[index] = NULL;
		decoder->input_count++;
	}

	if (!decoder->first_graph && count > 0) {
		decoder->first_graph = graph;
		graph = NULL;
	}

end:
	ilv_graph_destroy(graph);
	for (size_t index = 0; names && index < count; index++) {
		free(names[index]);
	}

	free(names);
	return status;
}

static int by_size(const void *left, const void *right)
{
	const struct ilv_stream_input *const *a = left;
	const struct ilv_stream_input *const *b = right;

	if ((*a)->size != (*b)->size) {
		return (*a)->size < (*b)->size ? 1 : -1;
	}

	return (*a)->index < (*b)->index ? -1 : 1;
}

static int by_index(const void *left, const void *right)
{
	const struct ilv_stream_input *const *a = left;
	const struct ilv_stream_input *const *b = right;

	return (*a)->index < (*b)->index ? -1 : 1;
}

/* Builds the graph of `lane` from the inputs that `owners` gives to it. */
static enum ilv_status build_lane(struct ilv_decoder *decoder,
				  const struct ilv_stream_input **sorted, const size_t *owners,
				  size_t lane, size_t batch_count)
{
	enum ilv_status status = ILV_STATUS_OK;
	const struct ilv_stream_input **share =
		calloc(decoder->input_count, sizeof(struct ilv_stream_input *));
	struct ilv_graph *graph = NULL;
	size_t count = 0;

	if (!share) {
		return out_of_memory();
	}

	for (size_t index = 0; index < decoder->input_count; index++) {
		if (owners[index] == lane) {
			share[count++] = sorted[index];
		}
	}

	qsort(share, count, sizeof(struct ilv_stream_input *), by_index);
	if (share[0]->index == 0) {
		graph = decoder->first_graph;
		decoder->first_graph = NULL;
	} else {
		status = ilv_graph_open(share[0]->trace_path, &graph);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_graph_connect(graph, share, count, decoder->strings,
					   &decoder->findings, batch_count);
	}

	free(share);
	if (status != ILV_STATUS_OK) {
		ilv_graph_destroy(graph);
		return status;
	}

	decoder->lanes[lane].graph = graph;
	return ILV_STATUS_OK;
}

/* Divides the streams: the largest first, each to the graph that has the least. */
static enum ilv_status build_graphs(struct ilv_decoder *decoder, unsigned int thread_count)
{
	enum ilv_status status = ILV_STATUS_MEMORY;
	const struct ilv_stream_input **sorted =
		calloc(decoder->input_count + 1, sizeof(struct ilv_stream_input *));
	size_t *owners = calloc(decoder->input_count + 1, sizeof(*owners));
	uint64_t *loads = NULL;
	uint64_t total = 0;
	size_t lane_count = thread_count ? thread_count : cpu_count();

	for (size_t index = 0; index < decoder->input_count; index++) {
		total += decoder->inputs[index].size;
	}

	if (thread_count == 0 && lane_count > total / GRAPH_BYTES_MIN + 1) {
		lane_count = total / GRAPH_BYTES_MIN + 1;
	}

	lane_count = lane_count > GRAPH_MAX ? GRAPH_MAX : lane_count;
	lane_count = lane_count > decoder->input_count ? decoder->input_count : lane_count;
	loads = calloc(lane_count + 1, sizeof(*loads));
	decoder->lanes = ilv_line_calloc(lane_count + 1, sizeof(*decoder->lanes));
	if (!sorted || !owners || !loads || !decoder->lanes ||
	    !ilv_merge_init(&decoder->merge, lane_count)) {
		status = out_of_memory();
		goto end;
	}

	for (size_t index = 0; index < decoder->input_count; index++) {
		sorted[index] = &decoder->inputs[index];
	}

	if (decoder->input_count > 0) {
		qsort(sorted, decoder->input_count, sizeof(struct ilv_stream_input *), by_size);
	}

	for (size_t index = 0; index < decoder->input_count; index++) {
		for (size_t lane = 1; lane < lane_count; lane++) {
			if (loads[lane] < loads[owners[index]]) {
				owners[index] = lane;
			}
		}

		loads[owners[index]] += sorted[index]->size + 1;
	}

	status = ILV_STATUS_OK;
	for (size_t lane = 0; status == ILV_STATUS_OK && lane < lane_count; lane++) {
		decoder->lane_count++;
		status = build_lane(decoder, sorted, owners, lane,
				    BATCHES_TOTAL / lane_count + BATCHES_MIN);
	}

end:
	free(loads);
	free(owners);
	free(sorted);
	return status;
}

enum ilv_status ilv_decoder_open(const char *path, unsigned int thread_count,
				 struct ilv_decoder **opened)
{
	enum ilv_status status = ILV_STATUS_MEMORY;
	struct ilv_decoder *decoder = ilv_line_calloc(1, sizeof(*decoder));

	*opened = NULL;
	if (!decoder) {
		return out_of_memory();
	}

	pthread_mutex_init(&decoder->findings.lock, NULL);
	decoder->facts.begin_ns = INT64_MAX;
	decoder->facts.end_ns = INT64_MIN;
	decoder->path = strdup(path);
	decoder->strings = ilv_strings_create();
	if (!decoder->path || !decoder->strings) {
		status = out_of_memory();
		goto end;
	}

	status = ilv_found_create(path, &decoder->found);
	if (status != ILV_STATUS_OK) {
		goto end;
	}

	ilv_graph_quiet();
	decoder->fact_paths = calloc(decoder->found->trace_count, sizeof(char *));
	decoder->salvages = calloc(decoder->found->trace_count, sizeof(struct ilv_salvage *));
	if (!decoder->fact_paths || !decoder->salvages) {
		status = out_of_memory();
		goto end;
	}

	for (size_t index = 0; index < decoder->found->trace_count; index++) {
		decoder->fact_paths[index] = decoder->found->traces[index].path;
		status = add_inputs(decoder, index);
		if (status != ILV_STATUS_OK) {
			goto end;
		}
	}

	decoder->facts.paths = decoder->fact_paths;
	decoder->facts.path_count = decoder->found->trace_count;
	status = build_graphs(decoder, thread_count);
	for (size_t lane = 0; status == ILV_STATUS_OK && lane < decoder->lane_count; lane++) {
		status = ilv_graph_start(decoder->lanes[lane].graph);
	}

	if (status == ILV_STATUS_OK) {
		*opened = decoder;
		decoder = NULL;
	}

end:
	ilv_decoder_close(decoder);
	return status;
}

/* Takes over what the graphs found out, once all have ended. */
static enum ilv_status conclude(struct ilv_decoder *decoder)
{
	const struct ilv_graph_findings *findings = &decoder->findings;

	decoder->facts.discarded_event_count = findings->discarded_event_count;
	decoder->facts.discarded_packet_count = findings->discarded_packet_count;
	decoder->facts.has_unknown_discards = findings->has_unknown_discards;
	decoder->facts.has_clock_origin = findings->has_clock_origin;
	decoder->facts.realtime_origin_ns = findings->realtime_origin_ns;
	decoder->facts.is_kernel = findings->is_kernel;
	decoder->facts.foreign = findings->foreign;
	if (findings->status < ILV_STATUS_OK) {
		decoder->facts.is_cut_off = true;
		ilv_cause_add("%s", findings->trouble);
		ilv_cause_add("Cannot read trace to its end: path=\"%s\"", decoder->path);
		return findings->status;
	}

	return ILV_STATUS_END;
}

/* Waits for the first batch of each graph, so that the oldest event is known. */
static void start_merge(struct ilv_decoder *decoder)
{
	for (size_t index = 0; index < decoder->lane_count; index++) {
		struct lane *lane = &decoder->lanes[index];

		lane->batch = ilv_queue_borrow_full(ilv_graph_queue(lane->graph));
		if (lane->batch) {
			const struct ilv_event *first = &lane->batch->events[0];

			ilv_merge_add(&decoder->merge,
				      (struct ilv_merge_head){.time_ns = first->recorded_ns,
							      .stream_index = first->stream_index,
							      .source = (uint32_t)index});
		}
	}

	/* Each graph has seen its streams' beginning by now. */
	pthread_mutex_lock(&decoder->findings.lock);
	decoder->facts.session_pid = decoder->findings.session_pid;
	pthread_mutex_unlock(&decoder->findings.lock);
	decoder->is_started = true;
}

/* Leaves the event that was given out last behind. */
static void step_over(struct ilv_decoder *decoder)
{
	struct lane *lane = &decoder->lanes[decoder->merge.heads[0].source];
	const struct ilv_event *next = NULL;

	lane->next++;
	if (lane->next == lane->batch->count) {
		ilv_queue_release(ilv_graph_queue(lane->graph));
		lane->batch = ilv_queue_borrow_full(ilv_graph_queue(lane->graph));
		lane->next = 0;
	}

	decoder->is_given = false;
	if (!lane->batch) {
		ilv_merge_remove(&decoder->merge);
		return;
	}

	next = &lane->batch->events[lane->next];
	ilv_merge_advance(&decoder->merge, next->recorded_ns, next->stream_index);
}

enum ilv_status ilv_decoder_next(struct ilv_decoder *decoder, const struct ilv_event **event)
{
	const struct lane *lane = NULL;

	*event = NULL;
	if (!decoder->is_started) {
		start_merge(decoder);
	}

	if (decoder->is_given) {
		step_over(decoder);
	}

	if (decoder->merge.count == 0) {
		return conclude(decoder);
	}

	lane = &decoder->lanes[decoder->merge.heads[0].source];
	*event = &lane->batch->events[lane->next];
	decoder->is_given = true;
	if (decoder->facts.event_count++ == 0) {
		decoder->facts.begin_ns = (*event)->recorded_ns;
	}

	decoder->facts.end_ns = (*event)->recorded_ns;
	return ILV_STATUS_OK;
}

const struct ilv_trace_facts *ilv_decoder_facts(const struct ilv_decoder *decoder)
{
	return &decoder->facts;
}

void ilv_decoder_close(struct ilv_decoder *decoder)
{
	if (!decoder) {
		return;
	}

	/* All are asked to stop before the first is waited for. */
	for (size_t lane = 0; lane < decoder->lane_count; lane++) {
		if (decoder->lanes[lane].graph) {
			ilv_queue_stop(ilv_graph_queue(decoder->lanes[lane].graph));
		}
	}

	for (size_t lane = 0; lane < decoder->lane_count; lane++) {
		ilv_graph_destroy(decoder->lanes[lane].graph);
	}
	ilv_graph_destroy(decoder->first_graph);

	for (size_t index = 0; index < decoder->input_count; index++) {
		free(decoder->inputs[index].port_name);
	}

	for (size_t index = 0; decoder->salvages && index < decoder->found->trace_count; index++) {
		ilv_salvage_destroy(decoder->salvages[index]);
	}

	ilv_merge_fini(&decoder->merge);
	ilv_strings_destroy(decoder->strings);
	ilv_found_destroy(decoder->found);
	pthread_mutex_destroy(&decoder->findings.lock);
	free(decoder->lanes);
	free(decoder->inputs);
	free(decoder->salvages);
	free(decoder->fact_paths);
	free(decoder->path);
	free(decoder);
}
