/* SPDX-License-Identifier: MIT */
/* Description: plans, one for each class of events, and the loop that follows them. */
#include "analysis/decode/reader.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decode/catalogue.h"
#include "base/line.h"

/* Payload fields, pid and tid in front of them, which may come from two contexts. */
#define STEP_MAX       (ILV_CATALOGUE_FIELD_MAX + 2)
#define PLAN_SLOTS_MIN 256

enum place { PLACE_PAYLOAD, PLACE_COMMON, PLACE_SPECIFIC, PLACE_COUNT };

enum field_kind { FIELD_KIND_UNSIGNED, FIELD_KIND_SIGNED, FIELD_KIND_BOOL, FIELD_KIND_STRING };

/* Copy member `index` of a structure of the event to `offset` of ours. */
struct step {
	uint32_t index;
	uint16_t offset;
	uint8_t kind; /* enum field_kind */
	bool is_narrow;
	int32_t unknown;
	int64_t lowest, highest; /* what fits a narrow member; other values count as unknown */
};

struct plan {
	const bt_event_class *class; /* holds a reference, so that the address is nobody else's */
	struct ilv_event blank;      /* what the event is before its fields are copied */
	struct step steps[STEP_MAX];
	uint8_t counts[PLACE_COUNT]; /* steps by place, one place after the other */
};

struct ilv_reader {
	struct ilv_string_cache *strings;
	struct ilv_graph_findings *findings;
	struct plan **slots; /* open-addressed by the address of the class */
	size_t slot_count;   /* a power of two, at most half full */
	size_t plan_count;
	const struct plan *last;
};

struct ilv_reader *ilv_reader_create(struct ilv_strings *strings,
				     struct ilv_graph_findings *findings)
{
	struct ilv_reader *reader = ilv_line_calloc(1, sizeof(*reader));

	if (!reader) {
		return NULL;
	}

	reader->findings = findings;
	reader->slot_count = PLAN_SLOTS_MIN;
	reader->slots = calloc(reader->slot_count, sizeof(struct plan *));
	reader->strings = ilv_string_cache_create(strings);
	if (!reader->slots || !reader->strings) {
		ilv_reader_destroy(reader);
		return NULL;
	}

	return reader;
}

void ilv_reader_destroy(struct ilv_reader *reader)
{
	if (!reader) {
		return;
	}

	for (size_t index = 0; reader->slots && index < reader->slot_count; index++) {
		if (reader->slots[index]) {
			bt_event_class_put_ref(reader->slots[index]->class);
			free(reader->slots[index]);
		}
	}

	free(reader->slots);
	ilv_string_cache_destroy(reader->strings);
	free(reader);
}

static bool kind_of(const bt_field_class *class, enum field_kind *kind)
{
	bt_field_class_type type = bt_field_class_get_type(class);

	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER)) {
		*kind = FIELD_KIND_UNSIGNED;
	} else if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_SIGNED_INTEGER)) {
		*kind = FIELD_KIND_SIGNED;
	} else if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_BOOL)) {
		*kind = FIELD_KIND_BOOL;
	} else if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_STRING)) {
		*kind = FIELD_KIND_STRING;
	} else {
		return false;
	}

	return true;
}

/* Sets what `step` lets through. A wide member takes any field, as its 64 bits. */
static void set_range(struct step *step, enum field_kind kind, enum ilv_member_type type)
{
	step->is_narrow = type == ILV_MEMBER_TYPE_I32 || type == ILV_MEMBER_TYPE_U32;
	if (step->is_narrow) {
		step->lowest =
			type == ILV_MEMBER_TYPE_U32 || kind == FIELD_KIND_UNSIGNED ? 0 : INT32_MIN;
		step->highest = type == ILV_MEMBER_TYPE_U32 ? (int64_t)UINT32_MAX : INT32_MAX;
	}
}

/* Finds member `name` of the structure `class` and makes `step` copy it; false: it is not there, or
 * of no use. */
static bool find_member(const bt_field_class *class, const char *name, enum ilv_member_type type,
			struct step *step)
{
	uint64_t count = 0;

	if (!class || bt_field_class_get_type(class) != BT_FIELD_CLASS_TYPE_STRUCTURE) {
		return false;
	}

	count = bt_field_class_structure_get_member_count(class);
	for (uint64_t index = 0; index < count; index++) {
		const bt_field_class_structure_member *member =
			bt_field_class_structure_borrow_member_by_index_const(class, index);
		enum field_kind kind;

		if (strcmp(bt_field_class_structure_member_get_name(member), name) != 0) {
			continue;
		}

		if (!kind_of(bt_field_class_structure_member_borrow_field_class_const(member),
			     &kind) ||
		    (kind == FIELD_KIND_STRING) != (type == ILV_MEMBER_TYPE_STRING)) {
			return false;
		}

		step->index = (uint32_t)index;
		step->kind = (uint8_t)kind;
		set_range(step, kind, type);
		return true;
	}

	return false;
}

static void store(struct ilv_event *event, size_t offset, enum ilv_member_type type, int64_t value)
{
	unsigned char *at = (unsigned char *)event + offset;

	switch (type) {
	case ILV_MEMBER_TYPE_I32:
	case ILV_MEMBER_TYPE_U32: {
		uint32_t narrow = (uint32_t)value;

		memcpy(at, &narrow, sizeof(narrow));
		break;
	}
	case ILV_MEMBER_TYPE_I64:
	case ILV_MEMBER_TYPE_U64:
		memcpy(at, &value, sizeof(value));
		break;
	case ILV_MEMBER_TYPE_STRING:
		break;
	}
}

/* Adds the steps for who emitted the event: the payload says it, else LTTng's contexts. */
static void plan_emitter(struct plan *plan, const bt_field_class *const places[PLACE_COUNT],
			 struct step steps[PLACE_COUNT][STEP_MAX])
{
	static const struct {
		const char *payload_name;
		const char *context_names[2]; /* of the user's side and of the kernel's */
		size_t offset;
	} members[] = {
		{"pid", {"vpid", "pid"}, offsetof(struct ilv_event, pid)},
		{"tid", {"vtid", "tid"}, offsetof(struct ilv_event, tid)},
	};

	for (size_t index = 0; index < 2; index++) {
		struct step step = {.offset = (uint16_t)members[index].offset, .unknown = -1};
		bool is_found = false;

		/* Payloads of others mean something else by these names. */
		if (plan->blank.type != ILV_EVENT_OTHER &&
		    find_member(places[PLACE_PAYLOAD], members[index].payload_name,
				ILV_MEMBER_TYPE_I32, &step)) {
			steps[PLACE_PAYLOAD][plan->counts[PLACE_PAYLOAD]++] = step;
			continue;
		}

		for (int place = PLACE_COMMON; place <= PLACE_SPECIFIC && !is_found; place++) {
			for (size_t name = 0; name < 2 && !is_found; name++) {
				is_found = find_member(places[place],
						       members[index].context_names[name],
						       ILV_MEMBER_TYPE_I32, &step);
				if (is_found) {
					steps[place][plan->counts[place]++] = step;
				}
			}
		}
	}
}

/* Adds the steps for the fields that the catalogue names; false: one without which the event says
 * nothing is missing. */
static bool plan_fields(struct plan *plan, const struct ilv_catalogue_entry *entry,
			const bt_field_class *payload, struct step steps[STEP_MAX])
{
	for (const struct ilv_catalogue_field *field = entry->fields; field->name; field++) {
		struct step step = {.offset = (uint16_t)field->offset,
				    .unknown = (int32_t)field->unknown};

		if (find_member(payload, field->name, field->type, &step)) {
			steps[plan->counts[PLACE_PAYLOAD]++] = step;
		} else if (field->is_required) {
			return false;
		} else {
			store(&plan->blank, field->offset, field->type, field->unknown);
		}
	}

	return true;
}

static void plan_init(struct plan *plan, const bt_event_class *class)
{
	const bt_stream_class *stream_class = bt_event_class_borrow_stream_class_const(class);
	const bt_field_class *const places[PLACE_COUNT] = {
		[PLACE_PAYLOAD] = bt_event_class_borrow_payload_field_class_const(class),
		[PLACE_COMMON] =
			bt_stream_class_borrow_event_common_context_field_class_const(stream_class),
		[PLACE_SPECIFIC] = bt_event_class_borrow_specific_context_field_class_const(class),
	};
	const char *name = bt_event_class_get_name(class);
	const struct ilv_catalogue_entry *entry = name ? ilv_catalogue_find(name) : NULL;
	struct step steps[PLACE_COUNT][STEP_MAX];
	struct step *next = plan->steps;

	plan->class = class;
	bt_event_class_get_ref(class);
	plan->blank = (struct ilv_event){
		.type = entry ? entry->type : ILV_EVENT_OTHER, .pid = -1, .tid = -1};
	if (entry && !plan_fields(plan, entry, places[PLACE_PAYLOAD], steps[PLACE_PAYLOAD])) {
		plan->blank = (struct ilv_event){.type = ILV_EVENT_OTHER, .pid = -1, .tid = -1};
		plan->counts[PLACE_PAYLOAD] = 0;
	}

	plan_emitter(plan, places, steps);
	for (int place = 0; place < PLACE_COUNT; place++) {
		memcpy(next, steps[place], plan->counts[place] * sizeof(*next));
		next += plan->counts[place];
	}
}

static struct plan **plan_slot(const struct ilv_reader *reader, const bt_event_class *class)
{
	size_t at = ((uintptr_t) class >> 4) * 0x9e3779b97f4a7c15U >> 20 & (reader->slot_count - 1);

	while (reader->slots[at] && reader->slots[at]->class != class) {
		at = (at + 1) & (reader->slot_count - 1);
	}

	return &reader->slots[at];
}

static bool grow_slots(struct ilv_reader *reader)
{
	struct plan **old = reader->slots;
	size_t old_count = reader->slot_count;

	reader->slots = calloc(old_count * 2, sizeof(struct plan *));
	if (!reader->slots) {
		reader->slots = old;
		return false;
	}

	reader->slot_count = old_count * 2;
	for (size_t index = 0; index < old_count; index++) {
		if (old[index]) {
			*plan_slot(reader, old[index]->class) = old[index];
		}
	}

	free(old);
	return true;
}

bool ilv_reader_is_kernel(const bt_trace *trace)
{
	const bt_value *domain =
		bt_trace_borrow_environment_entry_value_by_name_const(trace, "domain");

	return domain && bt_value_is_string(domain) &&
	       strcmp(bt_value_string_get(domain), "kernel") == 0;
}

int32_t ilv_reader_session_pid(const bt_trace *trace)
{
	const bt_value *name =
		bt_trace_borrow_environment_entry_value_by_name_const(trace, "trace_name");
	int32_t pid = 0;

	if (!name || !bt_value_is_string(name) ||
	    sscanf(bt_value_string_get(name), "interleave-%" SCNd32 "-", &pid) != 1) {
		return 0;
	}

	return pid > 0 ? pid : 0;
}

/* Notes whose events those of the class of `source` are. */
static void note_class(const struct ilv_reader *reader, const bt_event *source)
{
	const char *name = bt_event_class_get_name(bt_event_borrow_class_const(source));
	bool is_kernel = ilv_reader_is_kernel(
		bt_stream_borrow_trace_const(bt_event_borrow_stream_const(source)));

	if (name) {
		pthread_mutex_lock(&reader->findings->lock);
		ilv_foreign_note(&reader->findings->foreign, name, is_kernel);
		pthread_mutex_unlock(&reader->findings->lock);
	}
}

static const struct plan *find_plan(struct ilv_reader *reader, const bt_event *source)
{
	const bt_event_class *class = bt_event_borrow_class_const(source);
	struct plan **slot = plan_slot(reader, class);

	if (!*slot) {
		if (reader->plan_count >= reader->slot_count / 2) {
			if (!grow_slots(reader)) {
				return NULL;
			}

			slot = plan_slot(reader, class);
		}

		*slot = calloc(1, sizeof(**slot));
		if (!*slot) {
			return NULL;
		}

		plan_init(*slot, class);
		note_class(reader, source);
		reader->plan_count++;
	}

	return *slot;
}

static void copy_integer(const struct step *step, int64_t value, struct ilv_event *event)
{
	unsigned char *at = (unsigned char *)event + step->offset;

	if (step->is_narrow) {
		bool is_fit = value >= step->lowest && value <= step->highest;
		uint32_t narrow = (uint32_t)(is_fit ? value : step->unknown);

		memcpy(at, &narrow, sizeof(narrow));
	} else {
		memcpy(at, &value, sizeof(value));
	}
}

static enum ilv_status copy_string(const struct step *step, struct ilv_string_cache *strings,
				   const bt_field *field, struct ilv_event *event)
{
	/* libbabeltrace2 2.0.4 leaves the text of an earlier event in an empty field. */
	const char *value =
		bt_field_string_get_length(field) > 0 ? bt_field_string_get_value(field) : "";
	const char *text = ilv_string_cache_intern(strings, value);

	memcpy((unsigned char *)event + step->offset, &text, sizeof(text));
	return text ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
}

static enum ilv_status follow(const struct ilv_reader *reader, const struct step *steps,
			      size_t count, const bt_field *structure, struct ilv_event *event)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t index = 0; index < count && status == ILV_STATUS_OK; index++) {
		const struct step *step = &steps[index];
		const bt_field *field = bt_field_structure_borrow_member_field_by_index_const(
			structure, step->index);

		switch ((enum field_kind)step->kind) {
		case FIELD_KIND_UNSIGNED:
			copy_integer(step, (int64_t)bt_field_integer_unsigned_get_value(field),
				     event);
			break;
		case FIELD_KIND_SIGNED:
			copy_integer(step, bt_field_integer_signed_get_value(field), event);
			break;
		case FIELD_KIND_BOOL:
			copy_integer(step, bt_field_bool_get_value(field), event);
			break;
		case FIELD_KIND_STRING:
			status = copy_string(step, reader->strings, field, event);
			break;
		}
	}

	return status;
}

enum ilv_status ilv_reader_read(struct ilv_reader *reader, const bt_event *source,
				struct ilv_event *event)
{
	const bt_event_class *class = bt_event_borrow_class_const(source);
	const struct plan *plan = reader->last;
	const int64_t recorded_ns = event->recorded_ns;
	const int32_t cpu = event->cpu;
	const uint32_t stream_index = event->stream_index;
	const struct step *steps = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	if (!plan || plan->class != class) {
		plan = find_plan(reader, source);
		if (!plan) {
			return ILV_STATUS_MEMORY;
		}

		reader->last = plan;
	}

	*event = plan->blank;
	event->recorded_ns = recorded_ns;
	event->time_ns = recorded_ns;
	event->cpu = cpu;
	event->stream_index = stream_index;

	steps = plan->steps;
	if (plan->counts[PLACE_PAYLOAD] > 0) {
		status = follow(reader, steps, plan->counts[PLACE_PAYLOAD],
				bt_event_borrow_payload_field_const(source), event);
		steps += plan->counts[PLACE_PAYLOAD];
	}

	if (status == ILV_STATUS_OK && plan->counts[PLACE_COMMON] > 0) {
		status = follow(reader, steps, plan->counts[PLACE_COMMON],
				bt_event_borrow_common_context_field_const(source), event);
		steps += plan->counts[PLACE_COMMON];
	}

	if (status == ILV_STATUS_OK && plan->counts[PLACE_SPECIFIC] > 0) {
		status = follow(reader, steps, plan->counts[PLACE_SPECIFIC],
				bt_event_borrow_specific_context_field_const(source), event);
	}

	/* Nothing is recorded before it happens: such a time is nonsense. */
	if (event->time_ns > recorded_ns || event->time_ns < 0) {
		event->time_ns = recorded_ns;
	}

	return status;
}

bool ilv_reader_integer(const bt_field *field, int64_t *value)
{
	bt_field_class_type type = bt_field_get_class_type(field);

	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER)) {
		uint64_t wide = bt_field_integer_unsigned_get_value(field);

		*value = (int64_t)wide;
		return wide <= INT64_MAX;
	}

	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_SIGNED_INTEGER)) {
		*value = bt_field_integer_signed_get_value(field);
		return true;
	}

	return false;
}
