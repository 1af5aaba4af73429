/* SPDX-License-Identifier: MIT */
/*
 * Description: a trace made here byte by byte, with fields that are missing, of another type, too
 * large, or only in LTTng's contexts, and a clock that does not count nanoseconds: what becomes of
 * each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/decode/decode.h"
#include "base/cause.h"

static const char metadata[] =
	"/* CTF 1.8 */\n"
	"typealias integer { size = 8; align = 8; signed = false; } := u8;\n"
	"typealias integer { size = 32; align = 8; signed = true; } := i32;\n"
	"typealias integer { size = 64; align = 8; signed = true; } := i64;\n"
	"typealias integer { size = 64; align = 8; signed = false; } := u64;\n"
	"trace { major = 1; minor = 8; byte_order = le; };\n"
	"env { domain = \"ust\"; };\n"
	"clock { name = ms; freq = 1000; offset_s = 7; offset = 500; absolute = TRUE; };\n"
	"stream {\n"
	"  packet.context := struct { i32 cpu_id; };\n"
	"  event.header := struct { u8 id;\n"
	"    integer { size = 64; align = 8; signed = false; map = clock.ms.value; } timestamp; "
	"};\n"
	"  event.context := struct { i32 _vpid; i32 _vtid; };\n"
	"};\n"
	"event { name = \"interleave:lock_acquire\"; id = 0; fields := struct {\n"
	"  i32 _pid; i32 _tid; u64 _lock; enum : u8 { spin = 2 } _kind; u8 _mode;\n"
	"  u8 _is_contended; }; };\n"
	"event { name = \"interleave:lock_release\"; id = 1; fields := struct { i32 _pid; }; };\n"
	"event { name = \"interleave:thread_switch_in\"; id = 2; fields := struct {\n"
	"  i32 _pid; i32 _tid; u64 _recorder_id; i32 _subject_tid; i64 _time_ns; }; };\n"
	"event { name = \"interleave:thread_create\"; id = 3; fields := struct {\n"
	"  u64 _key; string _name; }; };\n"
	"event { name = \"interleave:process_exit\"; id = 4; fields := struct { i64 _status; }; "
	"};\n"
	"event { name = \"interleave:lock_destroy\"; id = 5; fields := struct { string _lock; }; "
	"};\n"
	"event { name = \"other:thing\"; id = 6; fields := struct { u64 _pid; }; };\n"
	"event { name = \"interleave:shared_read\"; id = 7; fields := struct {\n"
	"  u64 _address; u64 _value; }; };\n"
	"event { name = \"interleave:thread_exit\"; id = 8; };\n";

static char folder[] = "/tmp/ilv-fields.XXXXXX";
static char metadata_path[64];
static char stream_path[64];
static unsigned char stream[4096];
static size_t stream_size;

static void put(uint64_t value, size_t size)
{
	for (size_t index = 0; index < size; index++) {
		stream[stream_size++] = (unsigned char)(value >> (8 * index));
	}
}

static void put_text(const char *text)
{
	memcpy(stream + stream_size, text, strlen(text) + 1);
	stream_size += strlen(text) + 1;
}

static void put_event(unsigned int id, uint64_t time_ms)
{
	put(id, 1);
	put(time_ms, 8);
	put(11, 4); /* vpid */
	put(22, 4); /* vtid */
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder)) {
		return -1;
	}

	(void)snprintf(metadata_path, sizeof(metadata_path), "%s/metadata", folder);
	(void)snprintf(stream_path, sizeof(stream_path), "%s/stream", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	(void)unlink(metadata_path);
	(void)unlink(stream_path);
	return rmdir(folder);
}

/* Starts a trace: its one packet is of CPU 3. */
static void begin(void)
{
	stream_size = 0;
	put(3, 4);
}

static struct ilv_decoder *finish(const char *metadata_text)
{
	struct ilv_decoder *decoder = NULL;
	FILE *file = fopen(metadata_path, "w");

	assert_non_null(file);
	(void)fputs(metadata_text, file);
	assert_int_equal(fclose(file), 0);
	file = fopen(stream_path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(stream, 1, stream_size, file), stream_size);
	assert_int_equal(fclose(file), 0);
	if (ilv_decoder_open(folder, 2, &decoder) != ILV_STATUS_OK) {
		fail_msg("%s", ilv_cause_text());
	}

	return decoder;
}

static const struct ilv_event *next(struct ilv_decoder *decoder, enum ilv_event_type type)
{
	const struct ilv_event *event = NULL;
	enum ilv_status status = ilv_decoder_next(decoder, &event);

	if (status != ILV_STATUS_OK) {
		fail_msg("%s", ilv_cause_text());
	}

	assert_string_equal(ilv_event_type_name(event->type), ilv_event_type_name(type));
	return event;
}

static void end(struct ilv_decoder *decoder)
{
	const struct ilv_event *event = NULL;

	assert_int_equal(ilv_decoder_next(decoder, &event), ILV_STATUS_END);
	assert_null(event);
}

static void reads_fields(void **state)
{
	struct ilv_decoder *decoder = NULL;
	const struct ilv_event *event = NULL;

	(void)state;
	begin();
	put_event(0, 5);
	put(101, 4);
	put(102, 4);
	put(0xfffffffffffffff0U, 8);
	put(2, 1);
	put(1, 1);
	put(1, 1);
	put_event(7, 6);
	put(0xabc, 8);
	put((uint64_t)-9, 8);
	decoder = finish(metadata);

	event = next(decoder, ILV_EVENT_LOCK_ACQUIRE);
	assert_int_equal(event->time_ns, 5000000);
	assert_int_equal(event->recorded_ns, 5000000);
	assert_int_equal(event->cpu, 3);
	assert_int_equal(event->pid, 101);
	assert_int_equal(event->tid, 102);
	assert_int_equal(event->u.lock.lock, 0xfffffffffffffff0U);
	assert_int_equal(event->u.lock.kind, ILV_LOCK_KIND_SPIN);
	assert_int_equal(event->u.lock.mode, ILV_LOCK_MODE_SHARED);
	assert_int_equal(event->u.lock.is_contended, 1);
	assert_null(event->u.lock.name);

	event = next(decoder, ILV_EVENT_SHARED_READ);
	assert_int_equal(event->u.shared.value_before, -9);
	assert_int_equal(event->u.shared.value_after, -9);
	end(decoder);
	assert_true(ilv_decoder_facts(decoder)->has_clock_origin);
	assert_int_equal(ilv_decoder_facts(decoder)->realtime_origin_ns, 7500000000);
	ilv_decoder_close(decoder);
}

/* pid and tid come from LTTng's contexts where the payload has none, and always for events of
 * others. */
static void reads_contexts(void **state)
{
	struct ilv_decoder *decoder = NULL;
	const struct ilv_event *event = NULL;
	const char *name = NULL;

	(void)state;
	begin();
	put_event(3, 1);
	put(1, 8);
	put_text("one");
	put_event(6, 2);
	put(77, 8);
	put_event(3, 3);
	put(2, 8);
	put_text("one");
	put_event(3, 4);
	put(3, 8);
	put_text("\xff<script>\n");
	put_event(8, 5);
	decoder = finish(metadata);

	event = next(decoder, ILV_EVENT_THREAD_CREATE);
	assert_int_equal(event->pid, 11);
	assert_int_equal(event->tid, 22);
	assert_string_equal(event->u.thread.name, "one");
	name = event->u.thread.name;
	event = next(decoder, ILV_EVENT_OTHER);
	assert_int_equal(event->pid, 11);
	event = next(decoder, ILV_EVENT_THREAD_CREATE);
	assert_ptr_equal(event->u.thread.name, name);
	event = next(decoder, ILV_EVENT_THREAD_CREATE);
	assert_string_equal(event->u.thread.name, "\xff<script>\n");
	event = next(decoder, ILV_EVENT_THREAD_EXIT);
	assert_int_equal(event->tid, 22);
	end(decoder);
	ilv_decoder_close(decoder);
}

/* Fields that are not there, not of the type they must have, or do not fit. */
static void does_without(void **state)
{
	struct ilv_decoder *decoder = NULL;
	const struct ilv_event *event = NULL;

	(void)state;
	begin();
	put_event(1, 1); /* lock_release without the lock */
	put(101, 4);
	put_event(5, 2); /* lock_destroy of a string */
	put_text("0x1000");
	put_event(4, 3);
	put((uint64_t)1 << 40, 8);
	put_event(4, 4);
	put((uint64_t)-3, 8);
	decoder = finish(metadata);

	event = next(decoder, ILV_EVENT_OTHER);
	assert_int_equal(event->pid, 11);
	(void)next(decoder, ILV_EVENT_OTHER);
	event = next(decoder, ILV_EVENT_PROCESS_EXIT);
	assert_int_equal(event->u.process.status, -1);
	assert_true(event->u.process.event_count == UINT64_MAX);
	event = next(decoder, ILV_EVENT_PROCESS_EXIT);
	assert_int_equal(event->u.process.status, -3);
	end(decoder);
	assert_int_equal(ilv_decoder_facts(decoder)->event_count, 4);
	ilv_decoder_close(decoder);
}

static void dates_switches(void **state)
{
	const int64_t times_ns[] = {4000000, 9000000000, -5, 5000000};
	const int64_t expected_ns[] = {4000000, 5000000, 5000000, 5000000};
	struct ilv_decoder *decoder = NULL;

	(void)state;
	begin();
	for (size_t index = 0; index < 4; index++) {
		put_event(2, 5);
		put(101, 4);
		put(102, 4);
		put(0x900000001, 8);
		put(103, 4);
		put((uint64_t)times_ns[index], 8);
	}

	decoder = finish(metadata);
	for (size_t index = 0; index < 4; index++) {
		const struct ilv_event *event = next(decoder, ILV_EVENT_THREAD_SWITCH_IN);

		assert_int_equal(event->time_ns, expected_ns[index]);
		assert_int_equal(event->recorded_ns, 5000000);
		assert_int_equal(event->u.thread_switch.recorder_id, 0x900000001);
		assert_int_equal(event->u.thread_switch.tid, 103);
		assert_int_equal(event->u.thread_switch.pid, -1);
		assert_int_equal(event->u.thread_switch.cpu, -1);
		assert_int_equal(event->u.thread_switch.other_tid, -1);
	}

	end(decoder);
	ilv_decoder_close(decoder);
}

/* The good events come, then the failure; it says where and why. */
static void gives_what_comes_before_damage(void **state)
{
	struct ilv_decoder *decoder = NULL;
	const struct ilv_event *event = NULL;

	(void)state;
	begin();
	put_event(8, 1);
	put_event(8, 2);
	put_event(99, 3);
	decoder = finish(metadata);
	(void)next(decoder, ILV_EVENT_THREAD_EXIT);
	(void)next(decoder, ILV_EVENT_THREAD_EXIT);
	ilv_cause_clear();
	assert_int_equal(ilv_decoder_next(decoder, &event), ILV_STATUS_TRACE);
	assert_true(ilv_decoder_facts(decoder)->is_cut_off);
	assert_int_equal(ilv_decoder_facts(decoder)->event_count, 2);
	assert_non_null(strstr(ilv_cause_text(), stream_path));
	assert_non_null(strstr(ilv_cause_text(), "No event class with ID"));
	ilv_decoder_close(decoder);
	ilv_cause_clear();
}

static void wants_a_clock(void **state)
{
	static const char clockless[] =
		"/* CTF 1.8 */\n"
		"typealias integer { size = 8; align = 8; signed = false; } := u8;\n"
		"trace { major = 1; minor = 8; byte_order = le; };\n"
		"stream { event.header := struct { u8 id; }; };\n"
		"event { name = \"x\"; id = 0; };\n";
	struct ilv_decoder *decoder = NULL;
	const struct ilv_event *event = NULL;

	(void)state;
	stream_size = 0;
	put(0, 8);
	decoder = finish(clockless);
	assert_int_equal(ilv_decoder_next(decoder, &event), ILV_STATUS_TRACE);
	assert_non_null(strstr(ilv_cause_text(), "no clock"));
	assert_int_equal(ilv_decoder_facts(decoder)->event_count, 0);
	ilv_decoder_close(decoder);
	ilv_cause_clear();
}

/* Whoever has seen enough may close at any time. */
static void closes_in_the_middle(void **state)
{
	struct ilv_decoder *decoder = NULL;

	(void)state;
	begin();
	for (uint64_t index = 0; index < 100; index++) {
		put_event(8, index);
	}

	decoder = finish(metadata);
	(void)next(decoder, ILV_EVENT_THREAD_EXIT);
	ilv_decoder_close(decoder);
	ilv_decoder_close(finish(metadata));
	ilv_decoder_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_fields),
		cmocka_unit_test(reads_contexts),
		cmocka_unit_test(does_without),
		cmocka_unit_test(dates_switches),
		cmocka_unit_test(gives_what_comes_before_damage),
		cmocka_unit_test(wants_a_clock),
		cmocka_unit_test(closes_in_the_middle),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
