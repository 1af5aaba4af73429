/* SPDX-License-Identifier: MIT */
/* Description: whatever goes wrong in the guarded child becomes a status and one sentence; outputs
 * come whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analysis/guard.h"
#include "base/cause.h"

static char folder[] = "/tmp/ilv-guard.XXXXXX";
static char output_path[64];

static int set_up(void **state)
{
	(void)state;
	ilv_cause_clear();
	return 0;
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder)) {
		return -1;
	}

	(void)snprintf(output_path, sizeof(output_path), "%s/output", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	(void)unlink(output_path);
	return rmdir(folder); /* Fails, and with it the test, when something was left. */
}

static enum ilv_status run(enum ilv_status (*function)(void *context,
						       struct ilv_guard_output *outputs))
{
	return ilv_guard_run("the-trace", function, NULL, NULL, 0);
}

static void assert_blames_the_trace(enum ilv_status status)
{
	assert_int_equal(status, ILV_STATUS_TRACE);
	assert_non_null(strstr(ilv_cause_text(), "path=\"the-trace\""));
	assert_null(strchr(ilv_cause_text(), '\n'));
}

static enum ilv_status do_abort(void *context, struct ilv_guard_output *outputs)
{
	(void)context;
	(void)outputs;
	(void)fprintf(stderr, "noise that nobody shall see\n");
	abort();
}

static void survives_abort(void **state)
{
	(void)state;
	assert_blames_the_trace(run(do_abort));
	assert_non_null(strstr(ilv_cause_text(), "Aborted"));
	assert_null(strstr(ilv_cause_text(), "noise"));
}

static enum ilv_status do_raise(void *context, struct ilv_guard_output *outputs)
{
	(void)outputs;
	(void)signal(*(int *)context, SIG_DFL); /* Sanitizers catch some. */
	(void)raise(*(int *)context);
	return ILV_STATUS_OK;
}

static void survives_deadly_signals(void **state)
{
	int numbers[] = {SIGFPE, SIGSEGV, SIGTRAP, SIGBUS};

	(void)state;
	for (size_t index = 0; index < sizeof(numbers) / sizeof(numbers[0]); index++) {
		ilv_cause_clear();
		assert_blames_the_trace(
			ilv_guard_run("the-trace", do_raise, &numbers[index], NULL, 0));
	}
}

static enum ilv_status do_loop(void *context, struct ilv_guard_output *outputs)
{
	(void)context;
	(void)outputs;
	for (volatile int forever = 1; forever;) {
	}

	return ILV_STATUS_OK;
}

/* As one that waits for a disk, or for its turn on a CPU. */
static enum ilv_status do_wait(void *context, struct ilv_guard_output *outputs)
{
	(void)outputs;
	(void)sleep(*(unsigned int *)context);
	return ILV_STATUS_OK;
}

/* Whoever does not compute is not lost in what it reads. */
static void lets_the_waiting_be(void **state)
{
	unsigned int duration_s = 7;

	(void)state;
	assert_int_equal(ilv_guard_run("the-trace", do_wait, &duration_s, NULL, 0), ILV_STATUS_OK);
}

static void does_not_wait_for_ever(void **state)
{
	unsigned int duration_s = 3600;

	(void)state;
	assert_blames_the_trace(ilv_guard_run("the-trace", do_wait, &duration_s, NULL, 0));
	assert_non_null(strstr(ilv_cause_text(), "30 s in all"));
}

/* Rests for longer than silence is allowed, then goes on. */
static enum ilv_status do_rest(void *context, struct ilv_guard_output *outputs)
{
	(void)context;
	(void)outputs;
	ilv_guard_progress();
	ilv_guard_rest();
	(void)sleep(6);
	ilv_guard_progress();
	return ILV_STATUS_OK;
}

static void lets_the_resting_be(void **state)
{
	(void)state;
	assert_int_equal(run(do_rest), ILV_STATUS_OK);
}

/* Whoever goes on after a rest is watched again. */
static enum ilv_status do_rest_then_loop(void *context, struct ilv_guard_output *outputs)
{
	ilv_guard_rest();
	ilv_guard_progress();
	return do_loop(context, outputs);
}

static void ends_the_silent_after_a_rest(void **state)
{
	(void)state;
	assert_blames_the_trace(run(do_rest_then_loop));
}

static void ends_the_silent(void **state)
{
	(void)state;
	assert_blames_the_trace(run(do_loop));
	assert_non_null(strstr(ilv_cause_text(), "5 s"));
}

static enum ilv_status do_allocate(void *context, struct ilv_guard_output *outputs)
{
	size_t size = (size_t)3 << 30;
	char *volatile bytes = malloc(size);

	(void)context;
	(void)outputs;
	if (!bytes) {
		ilv_cause_add("no such memory");
		return ILV_STATUS_MEMORY;
	}

	free(bytes);
	return ILV_STATUS_OK;
}

static void limits_memory(void **state)
{
	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	(void)do_allocate;
	skip();
#else
	assert_int_equal(run(do_allocate), ILV_STATUS_MEMORY);
	assert_string_equal(ilv_cause_text(), "no such memory");
#endif
}

static enum ilv_status do_fail(void *context, struct ilv_guard_output *outputs)
{
	(void)context;
	(void)outputs;
	ilv_cause_add("the innermost");
	ilv_cause_add("the middle");
	ilv_cause_add("the outermost");
	return ILV_STATUS_UNSUPPORTED;
}

static void passes_status_and_causes_on(void **state)
{
	(void)state;
	assert_int_equal(run(do_fail), ILV_STATUS_UNSUPPORTED);
	assert_string_equal(ilv_cause_text(), "the outermost: the middle: the innermost");
}

static enum ilv_status do_signal_parent(void *context, struct ilv_guard_output *outputs)
{
	(void)outputs;
	(void)kill(getppid(), *(int *)context);
	for (;;) {
		(void)usleep(1000);
		ilv_guard_progress();
	}

	return ILV_STATUS_OK;
}

static void ends_with_the_parent(void **state)
{
	int numbers[] = {SIGINT, SIGTERM};

	(void)state;
	for (size_t index = 0; index < 2; index++) {
		struct ilv_guard_output output = {.path = output_path};

		ilv_cause_clear();
		assert_int_equal(
			ilv_guard_run("the-trace", do_signal_parent, &numbers[index], &output, 1),
			ILV_STATUS_INTERRUPTED);
		assert_int_equal(access(output_path, F_OK), -1);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	}
}

static enum ilv_status do_write(void *context, struct ilv_guard_output *outputs)
{
	(void)fputs(context, outputs[0].stream);
	return ILV_STATUS_OK;
}

static enum ilv_status do_write_and_abort(void *context, struct ilv_guard_output *outputs)
{
	(void)fputs(context, outputs[0].stream);
	(void)fflush(outputs[0].stream);
	abort();
}

static void assert_output_is(const char *expected)
{
	char text[64] = "";
	FILE *file = fopen(output_path, "r");

	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	(void)fclose(file);
	assert_string_equal(text, expected);
}

static void puts_whole_files_in_place(void **state)
{
	struct ilv_guard_output output = {.path = output_path};

	(void)state;
	assert_int_equal(ilv_guard_run("the-trace", do_write, "first", &output, 1), ILV_STATUS_OK);
	assert_output_is("first");
	assert_int_equal(ilv_guard_run("the-trace", do_write_and_abort, "broken", &output, 1),
			 ILV_STATUS_TRACE);
	assert_output_is("first");
	assert_int_equal(ilv_guard_run("the-trace", do_write, "second", &output, 1), ILV_STATUS_OK);
	assert_output_is("second");
}

static void says_that_the_disk_is_full(void **state)
{
	struct ilv_guard_output output = {.path = "/dev/full"};

	(void)state;
	assert_int_equal(ilv_guard_run("the-trace", do_write, "text", &output, 1), ILV_STATUS_IO);
	assert_non_null(strstr(ilv_cause_text(), "/dev/full"));
	assert_non_null(strstr(ilv_cause_text(), "No space left"));
}

static void says_that_nobody_reads(void **state)
{
	struct ilv_guard_output output = {.path = NULL};
	int saved = dup(STDOUT_FILENO);
	int pipe_fds[2];
	enum ilv_status status = ILV_STATUS_OK;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	(void)fflush(stdout);
	close(pipe_fds[0]);
	(void)dup2(pipe_fds[1], STDOUT_FILENO);
	close(pipe_fds[1]);
	status = ilv_guard_run("the-trace", do_write, "text", &output, 1);
	(void)dup2(saved, STDOUT_FILENO);
	close(saved);
	assert_int_equal(status, ILV_STATUS_IO);
	assert_non_null(strstr(ilv_cause_text(), "Broken pipe"));
}

static void refuses_impossible_places(void **state)
{
	struct ilv_guard_output output = {.path = "/no/such/folder/file"};

	(void)state;
	assert_int_equal(ilv_guard_run("the-trace", do_write, "text", &output, 1), ILV_STATUS_IO);
	assert_non_null(strstr(ilv_cause_text(), "/no/such/folder/file"));
	output.path = folder;
	assert_int_equal(ilv_guard_run("the-trace", do_write, "text", &output, 1), ILV_STATUS_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(survives_abort, set_up),
		cmocka_unit_test_setup(survives_deadly_signals, set_up),
		cmocka_unit_test_setup(ends_the_silent, set_up),
		cmocka_unit_test_setup(lets_the_waiting_be, set_up),
		cmocka_unit_test_setup(does_not_wait_for_ever, set_up),
		cmocka_unit_test_setup(lets_the_resting_be, set_up),
		cmocka_unit_test_setup(ends_the_silent_after_a_rest, set_up),
		cmocka_unit_test_setup(limits_memory, set_up),
		cmocka_unit_test_setup(passes_status_and_causes_on, set_up),
		cmocka_unit_test_setup(ends_with_the_parent, set_up),
		cmocka_unit_test_setup(puts_whole_files_in_place, set_up),
		cmocka_unit_test_setup(says_that_the_disk_is_full, set_up),
		cmocka_unit_test_setup(says_that_nobody_reads, set_up),
		cmocka_unit_test_setup(refuses_impossible_places, set_up),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
