/* SPDX-License-Identifier: MIT */
/* Description: streams, their messages one by one, and the merge of them into batches. */
#include "analysis/decode/sink.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decode/merge.h"
#include "analysis/decode/reader.h"
#include "analysis/decode/trouble.h"
#include "base/cause.h"
#include "base/line.h"

#define NS_PER_S 1000000000

struct stream {
	const struct ilv_stream_input *input;
	bt_message_iterator *iterator;
	bt_message_array_const
		messages; /* what the iterator gave last, from `next` on still to do */
	uint64_t message_count;
	uint64_t next;
	const bt_message *head; /* the next event, whose time is known; NULL: the stream is over */
	int64_t time_ns;        /* of the head; never falls */
	uint64_t frequency;     /* of the clock; 0: the stream has no clock */
	uint64_t cpu_member;    /* of the packet context; UINT64_MAX: it does not say */
	int32_t cpu;
	uint64_t event_count;
};

struct ilv_sink {
	struct stream *streams;
	size_t stream_count;
	struct ilv_merge merge;
	struct ilv_reader *reader;
	struct ilv_queue *queue;
	struct ilv_graph_findings *findings;
};

/* Keeps the reason why `stream` cannot be read on, if it is the first that cannot. */
static void __attribute__((format(printf, 4, 5)))
note_trouble(struct ilv_sink *sink, const struct stream *stream, enum ilv_status status,
	     const char *format, ...)
{
	struct ilv_graph_findings *findings = sink->findings;
	char why[ILV_TROUBLE_SIZE / 2];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);

	pthread_mutex_lock(&findings->lock);
	if (findings->status >= ILV_STATUS_OK) {
		/* Names of ports end in the file, or in the number that the tracer gave to the
		 * stream. */
		const char *name = strrchr(stream->input->port_name, '|');

		findings->status = status;
		(void)snprintf(findings->trouble, sizeof(findings->trouble),
			       "%s (trace \"%.120s\", stream \"%.100s\")", why,
			       stream->input->shown_path,
			       name ? name + 2 : stream->input->port_name);
	}

	pthread_mutex_unlock(&findings->lock);
}

static void drop_messages(struct stream *stream)
{
	if (stream->head) {
		bt_message_put_ref(stream->head);
		stream->head = NULL;
	}

	while (stream->next < stream->message_count) {
		bt_message_put_ref(stream->messages[stream->next++]);
	}
}

/* Remembers the clock of a stream, and holds it against the others': times must mean the same. */
static bool take_clock(struct ilv_sink *sink, struct stream *stream, const bt_clock_class *clock)
{
	struct ilv_graph_findings *findings = sink->findings;
	bt_uuid uuid = bt_clock_class_get_uuid(clock);
	int64_t offset_s = 0;
	uint64_t offset_cycles = 0;
	bool is_same = true;

	stream->frequency = bt_clock_class_get_frequency(clock);
	bt_clock_class_get_offset(clock, &offset_s, &offset_cycles);

	pthread_mutex_lock(&findings->lock);
	if (!findings->has_clock_origin && bt_clock_class_origin_is_unix_epoch(clock) &&
	    offset_s < INT64_MAX / NS_PER_S - 1 && offset_s > INT64_MIN / NS_PER_S + 1) {
		findings->has_clock_origin = true;
		findings->realtime_origin_ns =
			offset_s * NS_PER_S +
			(int64_t)((unsigned __int128)offset_cycles * NS_PER_S / stream->frequency);
	}

	if (uuid && findings->has_clock_uuid) {
		is_same = memcmp(uuid, findings->clock_uuid, sizeof(findings->clock_uuid)) == 0;
	} else if (uuid) {
		memcpy(findings->clock_uuid, uuid, sizeof(findings->clock_uuid));
		findings->has_clock_uuid = true;
	}

	pthread_mutex_unlock(&findings->lock);
	return is_same;
}

/* Learns whose session the stream is of. */
static void take_session(struct ilv_sink *sink, const bt_stream *source)
{
	struct ilv_graph_findings *findings = sink->findings;
	int32_t pid = ilv_reader_session_pid(bt_stream_borrow_trace_const(source));

	pthread_mutex_lock(&findings->lock);
	findings->session_pid = !findings->has_session || findings->session_pid == pid ? pid : 0;
	findings->has_session = true;
	pthread_mutex_unlock(&findings->lock);
}

/* Learns what the stream says of itself before its events. */
static bool begin_stream(struct ilv_sink *sink, struct stream *stream, const bt_stream *source)
{
	const bt_stream_class *class = bt_stream_borrow_class_const(source);
	const bt_clock_class *clock = bt_stream_class_borrow_default_clock_class_const(class);
	const bt_field_class *context = NULL;

	if (ilv_reader_is_kernel(bt_stream_borrow_trace_const(source))) {
		pthread_mutex_lock(&sink->findings->lock);
		sink->findings->is_kernel = true;
		pthread_mutex_unlock(&sink->findings->lock);
	}
	take_session(sink, source);

	stream->cpu_member = UINT64_MAX;
	if (bt_stream_class_supports_packets(class)) {
		context = bt_stream_class_borrow_packet_context_field_class_const(class);
	}

	for (uint64_t index = 0;
	     context && index < bt_field_class_structure_get_member_count(context); index++) {
		if (strcmp(bt_field_class_structure_member_get_name(
				   bt_field_class_structure_borrow_member_by_index_const(context,
											 index)),
			   "cpu_id") == 0) {
			stream->cpu_member = index;
		}
	}

	return !clock || take_clock(sink, stream, clock);
}

static void begin_packet(struct stream *stream, const bt_packet *packet)
{
	int64_t cpu = -1;

	stream->cpu = -1;
	if (stream->cpu_member != UINT64_MAX &&
	    ilv_reader_integer(
		    bt_field_structure_borrow_member_field_by_index_const(
			    bt_packet_borrow_context_field_const(packet), stream->cpu_member),
		    &cpu) &&
	    cpu >= 0 && cpu <= INT32_MAX) {
		stream->cpu = (int32_t)cpu;
	}
}

static void count_discards(struct ilv_sink *sink, const bt_message *message, bool are_packets)
{
	struct ilv_graph_findings *findings = sink->findings;
	uint64_t count = 0;
	bt_property_availability known =
		are_packets ? bt_message_discarded_packets_get_count(message, &count)
			    : bt_message_discarded_events_get_count(message, &count);

	pthread_mutex_lock(&findings->lock);
	if (known != BT_PROPERTY_AVAILABILITY_AVAILABLE) {
		findings->has_unknown_discards = true;
	} else if (are_packets) {
		findings->discarded_packet_count += count;
	} else {
		findings->discarded_event_count += count;
	}

	/* How many events were in a packet that was lost, nobody says. */
	if (are_packets) {
		findings->has_unknown_discards = true;
	}

	pthread_mutex_unlock(&findings->lock);
}

/* Sets the time of the head; false: it has none. */
static bool take_time(struct stream *stream)
{
	uint64_t value = 0;

	if (stream->frequency == 0) {
		return false;
	}

	value = bt_clock_snapshot_get_value(
		bt_message_event_borrow_default_clock_snapshot_const(stream->head));
	if (stream->frequency != NS_PER_S) {
		unsigned __int128 wide = (unsigned __int128)value * NS_PER_S / stream->frequency;

		value = wide > INT64_MAX ? INT64_MAX : (uint64_t)wide;
	}

	if (value > INT64_MAX) {
		value = INT64_MAX;
	}

	if ((int64_t)value > stream->time_ns) {
		stream->time_ns = (int64_t)value;
	}

	return true;
}

/* Takes a message. True: it is an event, and has become the head; false: it is dealt with, or the
 * stream is over. */
static bool take_message(struct ilv_sink *sink, struct stream *stream, const bt_message *message,
			 bool *is_over)
{
	switch (bt_message_get_type(message)) {
	case BT_MESSAGE_TYPE_EVENT:
		stream->event_count++;
		stream->head = message;
		/* An event of no size never ends: no file holds more events than bits. */
		if (stream->event_count / 8 > stream->input->trace_size) {
			note_trouble(sink, stream, ILV_STATUS_TRACE,
				     "There are more events than bits in its files: an event of no "
				     "size");
			*is_over = true;
		} else if (take_time(stream)) {
			return true;
		}

		stream->head = NULL;
		break;
	case BT_MESSAGE_TYPE_STREAM_BEGINNING:
		if (!begin_stream(sink, stream,
				  bt_message_stream_beginning_borrow_stream_const(message))) {
			note_trouble(
				sink, stream, ILV_STATUS_TRACE,
				"Its clock is not that of the other traces beside it, so their "
				"times do not compare");
			*is_over = true;
		}
		break;
	case BT_MESSAGE_TYPE_PACKET_BEGINNING:
		begin_packet(stream, bt_message_packet_beginning_borrow_packet_const(message));
		break;
	case BT_MESSAGE_TYPE_DISCARDED_EVENTS:
		count_discards(sink, message, false);
		break;
	case BT_MESSAGE_TYPE_DISCARDED_PACKETS:
		count_discards(sink, message, true);
		break;
	default:
		break;
	}

	bt_message_put_ref(message);
	return false;
}

/* Asks for more messages; false: the stream is over. */
static bool fetch(struct ilv_sink *sink, struct stream *stream)
{
	char why[ILV_TROUBLE_SIZE / 2];

	stream->next = 0;
	stream->message_count = 0;
	switch (bt_message_iterator_next(stream->iterator, &stream->messages,
					 &stream->message_count)) {
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_OK:
		return true;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_AGAIN:
		stream->message_count = 0;
		return true;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_END:
		if (stream->frequency == 0 && stream->event_count > 0) {
			note_trouble(sink, stream, ILV_STATUS_TRACE,
				     "It has no clock, so nothing says when its events happened");
		}

		return false;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_MEMORY_ERROR:
		ilv_trouble_take(why, sizeof(why));
		note_trouble(sink, stream, ILV_STATUS_MEMORY, "out of memory");
		return false;
	default:
		ilv_trouble_take(why, sizeof(why));
		note_trouble(sink, stream, ILV_STATUS_TRACE, "%s", why);
		return false;
	}
}

/* Goes on to the stream's next event; false: the stream is over. */
static bool advance(struct ilv_sink *sink, struct stream *stream)
{
	bool is_over = false;

	while (!is_over) {
		while (stream->next < stream->message_count && !is_over) {
			if (take_message(sink, stream, stream->messages[stream->next++],
					 &is_over)) {
				return true;
			}
		}

		if (!is_over && !fetch(sink, stream)) {
			is_over = true;
		}
	}

	drop_messages(stream);
	return false;
}

static bt_component_class_sink_graph_is_configured_method_status
on_configured(bt_self_component_sink *self)
{
	struct ilv_sink *sink =
		bt_self_component_get_data(bt_self_component_sink_as_self_component(self));

	for (size_t index = 0; index < sink->stream_count; index++) {
		struct stream *stream = &sink->streams[index];

		if (bt_message_iterator_create_from_sink_component(
			    self, bt_self_component_sink_borrow_input_port_by_index(self, index),
			    &stream->iterator) !=
		    BT_MESSAGE_ITERATOR_CREATE_FROM_SINK_COMPONENT_STATUS_OK) {
			char why[ILV_TROUBLE_SIZE / 2];

			ilv_trouble_take(why, sizeof(why));
			note_trouble(sink, stream, ILV_STATUS_TRACE, "%s", why);
			continue;
		}

		if (advance(sink, stream)) {
			ilv_merge_add(&sink->merge,
				      (struct ilv_merge_head){.time_ns = stream->time_ns,
							      .stream_index = stream->input->index,
							      .source = (uint32_t)index});
		}
	}

	return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_OK;
}

/* Fills one batch. */
static bt_component_class_sink_consume_method_status on_consume(bt_self_component_sink *self)
{
	struct ilv_sink *sink =
		bt_self_component_get_data(bt_self_component_sink_as_self_component(self));
	struct ilv_batch *batch = ilv_queue_borrow_empty(sink->queue);

	if (!batch) {
		return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_END;
	}

	batch->count = 0;
	while (sink->merge.count > 0 && batch->count < ILV_BATCH_SIZE) {
		struct stream *stream = &sink->streams[sink->merge.heads[0].source];
		struct ilv_event *event = &batch->events[batch->count];

		event->recorded_ns = stream->time_ns;
		event->cpu = stream->cpu;
		event->stream_index = stream->input->index;
		if (ilv_reader_read(sink->reader, bt_message_event_borrow_event_const(stream->head),
				    event) != ILV_STATUS_OK) {
			note_trouble(sink, stream, ILV_STATUS_MEMORY, "out of memory");
			sink->merge.count = 0;
			break;
		}

		batch->count++;
		bt_message_put_ref(stream->head);
		stream->head = NULL;
		if (advance(sink, stream)) {
			ilv_merge_advance(&sink->merge, stream->time_ns, stream->input->index);
		} else {
			ilv_merge_remove(&sink->merge);
		}
	}

	if (batch->count > 0) {
		ilv_queue_put(sink->queue, batch);
	}

	return sink->merge.count > 0 ? BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_OK
				     : BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_END;
}

static bt_component_class_initialize_method_status
on_initialize(bt_self_component_sink *self, bt_self_component_sink_configuration *configuration,
	      const bt_value *parameters, void *context)
{
	struct ilv_sink *sink = context;

	(void)configuration;
	(void)parameters;
	bt_self_component_set_data(bt_self_component_sink_as_self_component(self), sink);
	for (size_t index = 0; index < sink->stream_count; index++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "in%zu", index);
		if (bt_self_component_sink_add_input_port(self, name, NULL, NULL) !=
		    BT_SELF_COMPONENT_ADD_PORT_STATUS_OK) {
			return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_MEMORY_ERROR;
		}
	}

	return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

struct ilv_sink *ilv_sink_create(const struct ilv_stream_input *const *inputs, size_t input_count,
				 struct ilv_strings *strings, struct ilv_graph_findings *findings,
				 struct ilv_queue *queue)
{
	struct ilv_sink *sink = ilv_line_calloc(1, sizeof(*sink));

	if (!sink) {
		return NULL;
	}

	sink->queue = queue;
	sink->findings = findings;
	sink->reader = ilv_reader_create(strings, findings);
	sink->streams = ilv_line_calloc(input_count ? input_count : 1, sizeof(*sink->streams));
	if (!sink->reader || !sink->streams || !ilv_merge_init(&sink->merge, input_count)) {
		ilv_sink_destroy(sink);
		return NULL;
	}

	sink->stream_count = input_count;
	for (size_t index = 0; index < input_count; index++) {
		sink->streams[index] = (struct stream){
			.input = inputs[index], .cpu_member = UINT64_MAX, .cpu = -1};
	}

	return sink;
}

enum ilv_status ilv_sink_add(struct ilv_sink *sink, bt_graph *graph,
			     const bt_component_sink **component)
{
	bt_component_class_sink *class = bt_component_class_sink_create("events", on_consume);
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (class &&
	    bt_component_class_sink_set_initialize_method(class, on_initialize) ==
		    BT_COMPONENT_CLASS_SET_METHOD_STATUS_OK &&
	    bt_component_class_sink_set_graph_is_configured_method(class, on_configured) ==
		    BT_COMPONENT_CLASS_SET_METHOD_STATUS_OK &&
	    bt_graph_add_sink_component_with_initialize_method_data(
		    graph, class, "events", NULL, sink, BT_LOGGING_LEVEL_NONE, component) ==
		    BT_GRAPH_ADD_COMPONENT_STATUS_OK) {
		status = ILV_STATUS_OK;
	}

	bt_component_class_sink_put_ref(class);
	return status;
}

void ilv_sink_release(struct ilv_sink *sink)
{
	if (!sink) {
		return;
	}

	for (size_t index = 0; index < sink->stream_count; index++) {
		drop_messages(&sink->streams[index]);
		bt_message_iterator_put_ref(sink->streams[index].iterator);
		sink->streams[index].iterator = NULL;
	}

	ilv_reader_destroy(sink->reader);
	sink->reader = NULL;
}

void ilv_sink_destroy(struct ilv_sink *sink)
{
	if (!sink) {
		return;
	}

	ilv_sink_release(sink);
	ilv_merge_fini(&sink->merge);
	free(sink->streams);
	free(sink);
}
