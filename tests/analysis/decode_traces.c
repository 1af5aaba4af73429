/* SPDX-License-Identifier: MIT */
/*
 * Description: traces that others recorded, and what other tools say of them; malformed ones, each
 * of which must become a status and a sentence; and damage done here to good ones. All in the
 * guard, as everywhere in the program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analysis/decode/decode.h"
#include "analysis/guard.h"
#include "base/cause.h"

#define PATH_SIZE 512

/* What the child found out, in memory that it shares with us. */
struct decoded {
	char path[PATH_SIZE * 2];
	unsigned int thread_count;
	enum ilv_status status; /* of the decoder */
	struct ilv_trace_facts facts;
	uint64_t digest; /* of all times and CPUs in their order */
	bool is_in_order;
};

static char traces[PATH_SIZE];
static char scratch[] = "/tmp/ilv-decode.XXXXXX";
static struct decoded *decoded;

static enum ilv_status decode_in_child(void *context, struct ilv_guard_output *outputs)
{
	struct decoded *result = context;
	struct ilv_decoder *decoder = NULL;
	const struct ilv_event *event = NULL;
	int64_t last_ns = INT64_MIN;

	(void)outputs;
	result->is_in_order = true;
	result->status = ilv_decoder_open(result->path, result->thread_count, &decoder);
	while (result->status == ILV_STATUS_OK) {
		ilv_guard_progress();
		result->status = ilv_decoder_next(decoder, &event);
		if (result->status == ILV_STATUS_OK) {
			result->is_in_order = result->is_in_order && event->recorded_ns >= last_ns;
			last_ns = event->recorded_ns;
			result->digest = (result->digest ^ (uint64_t)event->recorded_ns ^
					  (uint64_t)event->cpu << 56) *
					 0x9e3779b97f4a7c15U;
		}
	}

	if (decoder) {
		result->facts = *ilv_decoder_facts(decoder);
	}

	ilv_decoder_close(decoder);
	return result->status;
}

static enum ilv_status decode(const char *path, unsigned int thread_count)
{
	memset(decoded, 0, sizeof(*decoded));
	ilv_cause_clear();
	(void)snprintf(decoded->path, sizeof(decoded->path), "%s", path);
	decoded->thread_count = thread_count;
	return ilv_guard_run(path, decode_in_child, decoded, NULL, 0);
}

static const char *trace_path(const char *name)
{
	static char path[PATH_SIZE * 2];

	(void)snprintf(path, sizeof(path), "%s/%s", traces, name);
	return path;
}

static const char *scratch_path(const char *name)
{
	static char path[PATH_SIZE];

	(void)snprintf(path, sizeof(path), "%s/%s", scratch, name);
	return path;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info;
	(void)kind;
	(void)where;
	return remove(path);
}

static int make_scratch(void **state)
{
	(void)state;
	(void)strcpy(strrchr(scratch, '.'), ".XXXXXX");
	return mkdtemp(scratch) ? 0 : -1;
}

static int remove_scratch(void **state)
{
	(void)state;
	return nftw(scratch, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void copy_file(const char *from_path, const char *to_path)
{
	static char bytes[65536];
	FILE *from = fopen(from_path, "rb");
	FILE *to = fopen(to_path, "wb");
	size_t size = 0;

	assert_non_null(from);
	assert_non_null(to);
	while ((size = fread(bytes, 1, sizeof(bytes), from)) > 0) {
		assert_int_equal(fwrite(bytes, 1, size, to), size);
	}

	(void)fclose(from);
	assert_int_equal(fclose(to), 0);
}

/* Copies the files of a trace, without its index, into the scratch folder. */
static void copy_trace(const char *name)
{
	char folder_path[PATH_SIZE * 2];
	const struct dirent *entry = NULL;
	DIR *folder = NULL;

	(void)snprintf(folder_path, sizeof(folder_path), "%s", trace_path(name));
	folder = opendir(folder_path);
	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		char from[PATH_SIZE * 3];

		if (entry->d_type == DT_REG) {
			(void)snprintf(from, sizeof(from), "%s/%s", folder_path, entry->d_name);
			copy_file(from, scratch_path(entry->d_name));
		}
	}

	closedir(folder);
}

static void knows_cat_kernel(void **state)
{
	(void)state;
	assert_int_equal(decode(trace_path("cat-kernel"), 0), ILV_STATUS_END);
	assert_int_equal(decoded->facts.event_count, 100420);
	assert_int_equal(decoded->facts.end_ns - decoded->facts.begin_ns, 186624649);
	assert_int_equal(decoded->facts.discarded_event_count, 0);
	assert_true(decoded->facts.is_kernel);
	assert_true(decoded->facts.has_clock_origin);
	assert_false(decoded->facts.is_cut_off);
	assert_true(decoded->facts.foreign.has_kernel_switches);
	assert_int_equal(decoded->facts.foreign.provider_count, 0);
	assert_true(decoded->is_in_order);
	/* babeltrace2 shows the first event at this second of the wall clock. */
	assert_int_equal((decoded->facts.realtime_origin_ns + decoded->facts.begin_ns) / 1000000000,
			 1539809784);
}

static void knows_cat_ust(void **state)
{
	(void)state;
	assert_int_equal(decode(trace_path("cat-ust"), 0), ILV_STATUS_END);
	assert_int_equal(decoded->facts.event_count, 1885);
	assert_false(decoded->facts.is_kernel);
	assert_false(decoded->facts.foreign.has_ours);
	assert_false(decoded->facts.foreign.has_kernel);
	assert_int_equal(decoded->facts.foreign.provider_count, 3);
	assert_string_equal(decoded->facts.foreign.providers[1], "lttng_ust_libc");
}

static void counts_what_the_tracer_lost(void **state)
{
	(void)state;
	assert_int_equal(decode(trace_path("hello-lost"), 0), ILV_STATUS_END);
	assert_int_equal(decoded->facts.event_count, 32300);
	assert_int_equal(decoded->facts.discarded_event_count, 967700);
	assert_false(decoded->facts.has_unknown_discards);
	assert_true(decoded->is_in_order);

	assert_int_equal(decode(trace_path("packets-lost"), 0), ILV_STATUS_END);
	assert_int_equal(decoded->facts.discarded_packet_count, 7);
	assert_true(decoded->facts.has_unknown_discards);
}

/* However many threads decode, the events come in the same order. */
static void does_not_depend_on_threads(void **state)
{
	const char *const names[] = {"cat-kernel", "hello-lost"};

	(void)state;
	for (size_t index = 0; index < 2; index++) {
		uint64_t digest = 0;

		assert_int_equal(decode(trace_path(names[index]), 1), ILV_STATUS_END);
		digest = decoded->digest;
		for (unsigned int thread_count = 2; thread_count <= 8; thread_count += 3) {
			assert_int_equal(decode(trace_path(names[index]), thread_count),
					 ILV_STATUS_END);
			assert_int_equal(decoded->digest, digest);
		}
	}
}

/* Kernel and user space of one moment, below one folder that also has links that lead in circles.
 */
static void reads_traces_together(void **state)
{
	(void)state;
	assert_int_equal(mkdir(scratch_path("deep"), 0700), 0);
	assert_int_equal(symlink("..", scratch_path("deep/up")), 0);
	assert_int_equal(symlink(".", scratch_path("deep/here")), 0);
	assert_int_equal(symlink("nowhere", scratch_path("deep/broken")), 0);
	assert_int_equal(symlink(trace_path("cat-kernel"), scratch_path("deep/k")), 0);
	assert_int_equal(symlink(trace_path("cat-kernel"), scratch_path("deep/k-again")), 0);
	assert_int_equal(symlink(trace_path("cat-ust"), scratch_path("deep/u")), 0);
	assert_int_equal(decode(scratch, 0), ILV_STATUS_END);
	assert_int_equal(decoded->facts.event_count, 100420 + 1885);
	assert_int_equal(decoded->facts.path_count, 2);
	assert_true(decoded->is_in_order);

	for (unsigned int thread_count = 1; thread_count <= 7; thread_count += 3) {
		const uint64_t digest = decoded->digest;

		assert_int_equal(decode(scratch, thread_count), ILV_STATUS_END);
		assert_int_equal(decoded->digest, digest);
	}
}

/* The first of the traces has no streams, so that nothing that is decoded is of it. */
static void passes_over_a_trace_without_streams(void **state)
{
	(void)state;
	assert_int_equal(mkdir(scratch_path("empty"), 0700), 0);
	copy_file(trace_path("cat-ust/metadata"), scratch_path("empty/metadata"));
	assert_int_equal(symlink(trace_path("cat-ust"), scratch_path("ust")), 0);
	for (unsigned int thread_count = 1; thread_count <= 3; thread_count++) {
		assert_int_equal(decode(scratch, thread_count), ILV_STATUS_END);
		assert_int_equal(decoded->facts.event_count, 1885);
		assert_int_equal(decoded->facts.path_count, 2);
	}
}

static void refuses_clocks_that_differ(void **state)
{
	(void)state;
	assert_int_equal(symlink(trace_path("cat-kernel"), scratch_path("k")), 0);
	assert_int_equal(symlink(trace_path("hello-lost"), scratch_path("h")), 0);
	assert_int_equal(decode(scratch, 0), ILV_STATUS_TRACE);
	assert_non_null(strstr(ilv_cause_text(), "clock"));
}

static void answers_malformed_traces(void **state)
{
	static const struct {
		const char *name, *says;
	} malformed[] = {
		{"metadata-syntax-error", "metadata cannot be understood"},
		{"invalid-packet-size", "channel0_3"},
		{"valid-events-then-invalid-events", "No event class with ID"},
		{"aborts-babeltrace", "Aborted"},
		{"hangs-babeltrace", "event of no size"},
		{"ctf2", "CTF 2 is not supported by the installed libbabeltrace2"},
	};
	char name[128];

	(void)state;
	for (size_t index = 0; index < sizeof(malformed) / sizeof(malformed[0]); index++) {
		struct timespec begin;
		struct timespec end;

		(void)snprintf(name, sizeof(name), "malformed/%s", malformed[index].name);
		(void)clock_gettime(CLOCK_MONOTONIC, &begin);
		assert_int_equal(decode(trace_path(name), 0), ILV_STATUS_TRACE);
		(void)clock_gettime(CLOCK_MONOTONIC, &end);
		assert_in_range(end.tv_sec - begin.tv_sec, 0, 9);
		print_message("%s: %s\n", malformed[index].name, ilv_cause_text());
		assert_non_null(strstr(ilv_cause_text(), malformed[index].says));
		assert_non_null(strstr(ilv_cause_text(), malformed[index].name));
		assert_null(strchr(ilv_cause_text(), '\n'));
		assert_null(strstr(ilv_cause_text(), "0x"));
	}
}

/* A file that ends in the middle of a packet: all whole packets count, the trace is not complete,
 * nothing is left. */
static void reads_what_is_whole(void **state)
{
	struct stat info;
	uint64_t count_without = 0;
	uint64_t count_cut = 0;

	(void)state;
	copy_trace("hello-lost");
	assert_int_equal(rename(scratch_path("channel1_2"), "/tmp/ilv-decode-stream"), 0);
	assert_int_equal(decode(scratch, 0), ILV_STATUS_END);
	count_without = decoded->facts.event_count;
	assert_int_equal(rename("/tmp/ilv-decode-stream", scratch_path("channel1_2")), 0);

	assert_int_equal(stat(scratch_path("channel1_2"), &info), 0);
	assert_int_equal(truncate(scratch_path("channel1_2"), info.st_size / 2 + 100), 0);
	assert_int_equal(decode(scratch, 0), ILV_STATUS_TRACE);
	assert_true(decoded->facts.is_cut_off);
	assert_true(decoded->is_in_order);
	assert_non_null(strstr(ilv_cause_text(), "channel1_2"));
	assert_non_null(strstr(ilv_cause_text(), "ends in the middle of a packet"));
	count_cut = decoded->facts.event_count;
	assert_in_range(count_cut, count_without + 1, 32299);

	/* The user's trace was not touched. */
	assert_int_equal(truncate(scratch_path("channel1_2"), 50), 0);
	assert_int_equal(decode(scratch, 0), ILV_STATUS_TRACE);
	assert_int_equal(decoded->facts.event_count, count_without);
	assert_int_equal(stat(scratch_path("channel1_2"), &info), 0);
	assert_int_equal(info.st_size, 50);
}

static void says_what_is_no_trace(void **state)
{
	FILE *file = NULL;

	(void)state;
	assert_int_equal(decode("/no/such/path", 0), ILV_STATUS_TRACE);
	assert_non_null(strstr(ilv_cause_text(), "No such file"));
	assert_int_equal(decode(scratch, 0), ILV_STATUS_TRACE);
	assert_non_null(strstr(ilv_cause_text(), "Not a trace"));
	file = fopen(scratch_path("file"), "w");
	assert_non_null(file);
	(void)fclose(file);
	assert_int_equal(decode(scratch_path("file"), 0), ILV_STATUS_TRACE);
	assert_non_null(strstr(ilv_cause_text(), "not a folder"));
	assert_int_equal(rename(scratch_path("file"), "/tmp/ilv-decode-empty"), 0);
	assert_int_equal(rename("/tmp/ilv-decode-empty", scratch_path("metadata")), 0);
	assert_int_equal(decode(scratch, 0), ILV_STATUS_TRACE);
	assert_non_null(strstr(ilv_cause_text(), "metadata is empty"));
}

static void reads_a_trace_without_events(void **state)
{
	char from[PATH_SIZE * 2];

	(void)state;
	(void)snprintf(from, sizeof(from), "%s", trace_path("cat-ust/metadata"));
	copy_file(from, scratch_path("metadata"));
	assert_int_equal(decode(scratch, 0), ILV_STATUS_END);
	assert_int_equal(decoded->facts.event_count, 0);
	assert_int_equal(decoded->facts.begin_ns, INT64_MAX);
	assert_false(decoded->facts.is_cut_off);
}

static void says_what_may_not_be_read(void **state)
{
	(void)state;
	if (geteuid() == 0) {
		skip(); /* root may read everything */
	}

	copy_trace("cat-ust");
	assert_int_equal(chmod(scratch_path("metadata"), 0), 0);
	assert_int_equal(decode(scratch, 0), ILV_STATUS_TRACE);
	assert_non_null(strstr(ilv_cause_text(), "Permission denied"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_cat_kernel),
		cmocka_unit_test(knows_cat_ust),
		cmocka_unit_test(counts_what_the_tracer_lost),
		cmocka_unit_test(does_not_depend_on_threads),
		cmocka_unit_test(answers_malformed_traces),
		cmocka_unit_test_setup_teardown(reads_traces_together, make_scratch,
						remove_scratch),
		cmocka_unit_test_setup_teardown(passes_over_a_trace_without_streams, make_scratch,
						remove_scratch),
		cmocka_unit_test_setup_teardown(refuses_clocks_that_differ, make_scratch,
						remove_scratch),
		cmocka_unit_test_setup_teardown(reads_what_is_whole, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(says_what_is_no_trace, make_scratch,
						remove_scratch),
		cmocka_unit_test_setup_teardown(reads_a_trace_without_events, make_scratch,
						remove_scratch),
		cmocka_unit_test_setup_teardown(says_what_may_not_be_read, make_scratch,
						remove_scratch),
	};
	const char *source = getenv("ILV_SOURCE");
	const char *strict = getenv("ILV_TEST_STRICT");

	(void)snprintf(traces, sizeof(traces), "%s/../shared/traces", source ? source : ".");
	if (access(traces, R_OK) != 0) {
		printf("SKIP: the traces that others recorded are not at %s\n", traces);
		return strict && strcmp(strict, "1") == 0 ? 1 : 77;
	}

	decoded = mmap(NULL, sizeof(*decoded), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (decoded == MAP_FAILED) {
		return 1;
	}

	return cmocka_run_group_tests(tests, NULL, NULL);
}
