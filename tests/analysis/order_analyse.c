/* SPDX-License-Identifier: MIT */
/*
 * Description: one whole pass, from a trace to the model's listeners, also of a trace whose end is
 * damaged: what was good is told, with the fact that it is not all.
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

#include "analysis/analyse.h"
#include "base/cause.h"

static const char metadata[] =
	"/* CTF 1.8 */\n"
	"typealias integer { size = 8; align = 8; signed = false; } := u8;\n"
	"typealias integer { size = 32; align = 8; signed = true; } := i32;\n"
	"typealias integer { size = 64; align = 8; signed = false; } := u64;\n"
	"typealias integer { size = 64; align = 8; signed = false; map = clock.c.value; } := "
	"time;\n"
	"trace { major = 1; minor = 8; byte_order = le; };\n"
	"clock { name = c; freq = 1000000000; };\n"
	"stream { event.header := struct { u8 id; time timestamp; }; };\n"
	"event { name = \"interleave:thread_exit\"; id = 0;\n"
	"  fields := struct { i32 pid; i32 tid; }; };\n"
	"event { name = \"interleave:recorder_begin\"; id = 1;\n"
	"  fields := struct { i32 pid; i32 tid; u64 recorder_id; u8 source; i32 covered_pid; }; "
	"};\n"
	"event { name = \"interleave:thread_switch_in\"; id = 2; fields := struct {\n"
	"  i32 pid; i32 tid; u64 recorder_id; i32 subject_tid; u64 time_ns; }; };\n"
	"event { name = \"interleave:switch_watermark\"; id = 3;\n"
	"  fields := struct { i32 pid; i32 tid; u64 recorder_id; u64 time_ns; u64 switch_count; }; "
	"};\n";

static char folder[] = "/tmp/ilv-pass.XXXXXX";
static char metadata_path[64];
static char stream_path[64];

struct seen {
	unsigned int finish_count, end_count;
	int64_t end_ns;
	uint64_t late_count;
	struct ilv_trace_facts facts;
	enum ilv_status prepared, finished; /* what the callbacks answer */
};

static void put(FILE *file, uint64_t value, size_t size)
{
	for (size_t index = 0; index < size; index++) {
		(void)fputc((int)(value >> (8 * index) & 0xff), file);
	}
}

static void put_event(FILE *file, unsigned int id, uint64_t time_ns)
{
	put(file, id, 1);
	put(file, time_ns, 8);
	put(file, 9, 4);
	put(file, 9, 4);
}

static int make_trace(void **state)
{
	FILE *file = NULL;

	(void)state;
	if (!mkdtemp(folder)) {
		return -1;
	}

	(void)snprintf(metadata_path, sizeof(metadata_path), "%s/metadata", folder);
	(void)snprintf(stream_path, sizeof(stream_path), "%s/stream", folder);
	file = fopen(metadata_path, "w");
	if (!file || fputs(metadata, file) < 0 || fclose(file) != 0) {
		return -1;
	}

	file = fopen(stream_path, "w");
	if (!file) {
		return -1;
	}

	put_event(file, 1, 1000);
	put(file, (uint64_t)9 << 32 | 1, 8);
	put(file, ILV_SWITCH_SOURCE_PERF, 1);
	put(file, 9, 4);
	put_event(file, 2, 5000);
	put(file, (uint64_t)9 << 32 | 1, 8);
	put(file, 9, 4);
	put(file, 2000, 8);
	put_event(file, 3, 6000);
	put(file, (uint64_t)9 << 32 | 1, 8);
	put(file, 4000, 8);
	put(file, 1, 8);
	put_event(file, 2, 7000); /* late: its recorder had told all up to 4000 */
	put(file, (uint64_t)9 << 32 | 1, 8);
	put(file, 9, 4);
	put(file, 1500, 8);
	put_event(file, 0, 8000);
	return fclose(file);
}

static int remove_trace(void **state)
{
	(void)state;
	(void)unlink(metadata_path);
	(void)unlink(stream_path);
	return rmdir(folder);
}

static enum ilv_status on_end(void *context, int64_t time_ns)
{
	struct seen *seen = context;

	seen->end_count++;
	seen->end_ns = time_ns;
	return ILV_STATUS_OK;
}

static enum ilv_status prepare(void *context, struct ilv_model *model)
{
	struct seen *seen = context;
	const struct ilv_model_listener listener = {.context = context, .on_end = on_end};

	return seen->prepared < ILV_STATUS_OK ? seen->prepared : ilv_model_listen(model, &listener);
}

static enum ilv_status finish(void *context, struct ilv_model *model,
			      const struct ilv_trace_facts *facts, uint64_t late_switch_count)
{
	struct seen *seen = context;

	assert_non_null(model);
	seen->finish_count++;
	seen->facts = *facts;
	seen->late_count = late_switch_count;
	return seen->finished;
}

static enum ilv_status analyse(struct seen *seen)
{
	const struct ilv_pass pass = {
		.path = folder, .prepare = prepare, .finish = finish, .context = seen};

	ilv_cause_clear();
	return ilv_analyse(&pass);
}

static void passes_all_on(void **state)
{
	struct seen seen = {0};

	(void)state;
	assert_int_equal(analyse(&seen), ILV_STATUS_OK);
	assert_int_equal(seen.finish_count, 1);
	assert_int_equal(seen.end_count, 1);
	assert_int_equal(seen.end_ns, 8000);
	assert_int_equal(seen.facts.event_count, 5);
	assert_int_equal(seen.late_count, 1);
	assert_false(seen.facts.is_cut_off);
}

static void passes_failures_on(void **state)
{
	struct seen seen = {.prepared = ILV_STATUS_MEMORY};

	(void)state;
	assert_int_equal(analyse(&seen), ILV_STATUS_MEMORY);
	assert_int_equal(seen.finish_count, 0);
	seen = (struct seen){.finished = ILV_STATUS_IO};
	assert_int_equal(analyse(&seen), ILV_STATUS_IO);
}

static void tells_what_came_before_damage(void **state)
{
	struct seen seen = {0};
	FILE *file = fopen(stream_path, "a");

	(void)state;
	assert_non_null(file);
	put(file, 77, 1);
	put(file, 9000, 8);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(analyse(&seen), ILV_STATUS_OK);
	assert_int_equal(seen.finish_count, 1);
	assert_int_equal(seen.facts.event_count, 5);
	assert_true(seen.facts.is_cut_off);
}

static void refuses_what_is_damaged_from_the_start(void **state)
{
	struct seen seen = {0};
	FILE *file = fopen(stream_path, "w");

	(void)state;
	assert_non_null(file);
	put(file, 77, 1);
	put(file, 9000, 8);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(analyse(&seen), ILV_STATUS_TRACE);
	assert_int_equal(seen.finish_count, 0);
	assert_int_equal(seen.end_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_all_on),
		cmocka_unit_test(passes_failures_on),
		cmocka_unit_test(tells_what_came_before_damage),
		cmocka_unit_test(refuses_what_is_damaged_from_the_start),
	};

	return cmocka_run_group_tests(tests, make_trace, remove_trace);
}
