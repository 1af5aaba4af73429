/* SPDX-License-Identifier: MIT */
/* Description: builds a graph, and runs it in a thread of its own until all is read or nobody wants
 * more. */
#include "analysis/decode/graph.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decode/sink.h"
#include "analysis/decode/trouble.h"
#include "base/cause.h"

#define THREAD_STACK_BYTES (1024 * 1024)

struct ilv_graph {
	bt_graph *graph;
	const bt_component_source *source; /* of the trace that it was opened with */
	struct ilv_sink *sink;
	struct ilv_queue *queue;
	struct ilv_graph_findings *findings;
	pthread_t thread;
	bool is_started;
};

void ilv_graph_quiet(void)
{
	/* Starting an interpreter to look for plugins in its language takes longer than most
	 * traces. */
	setenv("LIBBABELTRACE2_DISABLE_PYTHON_PLUGINS", "1", 1);
	bt_logging_set_global_level(BT_LOGGING_LEVEL_NONE);
}

/* Adds a source for the trace at `path` to `graph`; the component is the graph's. */
static enum ilv_status add_source(bt_graph *graph, const char *path,
				  const bt_component_source **source)
{
	enum ilv_status status = ILV_STATUS_MEMORY;
	const bt_plugin *plugin = NULL;
	bt_value *parameters = bt_value_map_create();
	bt_value *inputs = NULL;
	char why[ILV_TROUBLE_SIZE];

	if (!parameters ||
	    bt_value_map_insert_empty_array_entry(parameters, "inputs", &inputs) !=
		    BT_VALUE_MAP_INSERT_ENTRY_STATUS_OK ||
	    bt_value_array_append_string_element(inputs, path) !=
		    BT_VALUE_ARRAY_APPEND_ELEMENT_STATUS_OK) {
		ilv_cause_add("Cannot open trace: out of memory");
		goto end;
	}

	/* Each graph has a plugin of its own: reference counts of libbabeltrace2 are not atomic. */
	if (bt_plugin_find("ctf", BT_TRUE, BT_TRUE, BT_TRUE, BT_TRUE, BT_FALSE, &plugin) !=
	    BT_PLUGIN_FIND_STATUS_OK) {
		ilv_trouble_take(why, sizeof(why));
		ilv_cause_add("Cannot find libbabeltrace2's plugin \"ctf\" (package "
			      "libbabeltrace2-0): %s",
			      why);
		status = ILV_STATUS_UNSUPPORTED;
		goto end;
	}

	/* The path as name makes two traces of one folder two components. */
	if (bt_graph_add_source_component(
		    graph, bt_plugin_borrow_source_component_class_by_name_const(plugin, "fs"),
		    path, parameters, BT_LOGGING_LEVEL_NONE,
		    source) != BT_GRAPH_ADD_COMPONENT_STATUS_OK) {
		ilv_trouble_take(why, sizeof(why));
		ilv_cause_add("%s", why);
		ilv_cause_add("Cannot read trace: path=\"%s\"", path);
		status = ILV_STATUS_TRACE;
		goto end;
	}

	status = ILV_STATUS_OK;

end:
	bt_plugin_put_ref(plugin);
	bt_value_put_ref(parameters);
	return status;
}

static enum ilv_status out_of_memory(void)
{
	ilv_cause_add("Cannot open trace: out of memory");
	return ILV_STATUS_MEMORY;
}

enum ilv_status ilv_graph_open(const char *path, struct ilv_graph **opened)
{
	enum ilv_status status = ILV_STATUS_OK;
	struct ilv_graph *graph = calloc(1, sizeof(*graph));

	*opened = NULL;
	if (!graph) {
		return out_of_memory();
	}

	graph->graph = bt_graph_create(0);
	status = graph->graph ? add_source(graph->graph, path, &graph->source) : out_of_memory();
	if (status != ILV_STATUS_OK) {
		ilv_graph_destroy(graph);
		return status;
	}

	*opened = graph;
	return ILV_STATUS_OK;
}

enum ilv_status ilv_graph_list_ports(const struct ilv_graph *graph, char ***names, size_t *count)
{
	const uint64_t port_count = bt_component_source_get_output_port_count(graph->source);

	*count = 0;
	*names = calloc(port_count ? port_count : 1, sizeof(**names));
	if (!*names) {
		return out_of_memory();
	}

	for (; *count < port_count; (*count)++) {
		const bt_port_output *port = bt_component_source_borrow_output_port_by_index_const(
			graph->source, *count);

		(*names)[*count] = strdup(bt_port_get_name(bt_port_output_as_port_const(port)));
		if (!(*names)[*count]) {
			return out_of_memory();
		}
	}

	return ILV_STATUS_OK;
}

/* Connects the source's port that `input` names to the sink's port `index`. */
static enum ilv_status connect_input(struct ilv_graph *graph, const bt_component_source *source,
				     const bt_component_sink *sink,
				     const struct ilv_stream_input *input, size_t index)
{
	const bt_port_output *out =
		bt_component_source_borrow_output_port_by_name_const(source, input->port_name);
	const bt_port_input *in = bt_component_sink_borrow_input_port_by_index_const(sink, index);
	char why[ILV_TROUBLE_SIZE];

	if (!out) {
		ilv_cause_add("Cannot read trace, for it changes while it is read: path=\"%s\"",
			      input->trace_path);
		return ILV_STATUS_TRACE;
	}

	if (bt_graph_connect_ports(graph->graph, out, in, NULL) !=
	    BT_GRAPH_CONNECT_PORTS_STATUS_OK) {
		ilv_trouble_take(why, sizeof(why));
		ilv_cause_add("Cannot connect stream: stream=\"%s\", error=\"%s\"",
			      input->port_name, why);
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

enum ilv_status ilv_graph_connect(struct ilv_graph *graph,
				  const struct ilv_stream_input *const *inputs, size_t input_count,
				  struct ilv_strings *strings, struct ilv_graph_findings *findings,
				  size_t batch_count)
{
	enum ilv_status status = ILV_STATUS_OK;
	const bt_component_source *source = graph->source;
	const bt_component_sink *sink = NULL;

	graph->findings = findings;
	graph->queue = ilv_queue_create(batch_count);
	if (!graph->queue) {
		return out_of_memory();
	}

	graph->sink = ilv_sink_create(inputs, input_count, strings, findings, graph->queue);
	if (!graph->sink || ilv_sink_add(graph->sink, graph->graph, &sink) != ILV_STATUS_OK) {
		return out_of_memory();
	}

	for (size_t index = 0; status == ILV_STATUS_OK && index < input_count; index++) {
		if (index > 0 && inputs[index]->trace_path != inputs[index - 1]->trace_path) {
			status = add_source(graph->graph, inputs[index]->trace_path, &source);
		}

		if (status == ILV_STATUS_OK) {
			status = connect_input(graph, source, sink, inputs[index], index);
		}
	}

	return status;
}

static void *run(void *context)
{
	struct ilv_graph *graph = context;
	bt_graph_run_once_status status = BT_GRAPH_RUN_ONCE_STATUS_OK;

	while (status == BT_GRAPH_RUN_ONCE_STATUS_OK) {
		status = bt_graph_run_once(graph->graph);
	}

	/* The sink keeps its streams' troubles to itself: what surfaces here is the graph's own. */
	if (status != BT_GRAPH_RUN_ONCE_STATUS_END) {
		struct ilv_graph_findings *findings = graph->findings;
		char why[ILV_TROUBLE_SIZE];

		ilv_trouble_take(why, sizeof(why));
		pthread_mutex_lock(&findings->lock);
		if (findings->status >= ILV_STATUS_OK) {
			findings->status = status == BT_GRAPH_RUN_ONCE_STATUS_MEMORY_ERROR
						   ? ILV_STATUS_MEMORY
						   : ILV_STATUS_TRACE;
			(void)snprintf(findings->trouble, sizeof(findings->trouble), "%s", why);
		}

		pthread_mutex_unlock(&findings->lock);
	}

	ilv_queue_end(graph->queue);
	return NULL;
}

enum ilv_status ilv_graph_start(struct ilv_graph *graph)
{
	pthread_attr_t attributes;
	int error = pthread_attr_init(&attributes);

	if (error == 0) {
		(void)pthread_attr_setstacksize(&attributes, THREAD_STACK_BYTES);
		error = pthread_create(&graph->thread, &attributes, run, graph);
		pthread_attr_destroy(&attributes);
	}

	if (error != 0) {
		ilv_cause_add("Cannot start a thread: error=\"%s\"", strerror(error));
		return ILV_STATUS_ERROR;
	}

	graph->is_started = true;
	return ILV_STATUS_OK;
}

struct ilv_queue *ilv_graph_queue(struct ilv_graph *graph)
{
	return graph->queue;
}

void ilv_graph_destroy(struct ilv_graph *graph)
{
	if (!graph) {
		return;
	}

	if (graph->is_started) {
		ilv_queue_stop(graph->queue);
		pthread_join(graph->thread, NULL);
	}

	ilv_sink_release(graph->sink);
	bt_graph_put_ref(graph->graph);
	ilv_sink_destroy(graph->sink);
	ilv_queue_destroy(graph->queue);
	free(graph);
}
