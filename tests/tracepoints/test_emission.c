/* SPDX-License-Identifier: MIT */
/*
 * Description: who emits, the count of events, the gate that closes at the end, and what a fork
 * does to them.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <interleave/trace.h>

#include "tracepoints/recorder_events.h"
#include "tracepoints/src/emission.h"

enum {
	THREAD_COUNT = 100, /* more than there are counters */
	EVENT_COUNT = 1000,
};

/* What a tracepoint of ours does around itself, also where no session has it enabled. */
static bool emit(void)
{
	struct ilv_emission emission;

	if (!ilv_emission_begin(&emission)) {
		return false;
	}

	ilv_emission_end(&emission);
	return true;
}

/* Runs `function` in a forked child and returns the child's exit status. */
static int in_child(int (*function)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		_exit(function());
	}

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void *check_own_ids(void *unused)
{
	(void)unused;
	return ilv_trace_pid() == getpid() && ilv_trace_tid() == gettid() &&
			       ilv_trace_tid() != getpid()
		       ? NULL
		       : "wrong ids";
}

static void test_ids_are_the_callers(void **state)
{
	pthread_t thread;
	void *result;

	(void)state;
	assert_int_equal(ilv_trace_pid(), getpid());
	assert_int_equal(ilv_trace_tid(), gettid());
	assert_int_equal(pthread_create(&thread, NULL, check_own_ids, NULL), 0);
	pthread_join(thread, &result);
	assert_null(result);
}

static void *emit_many(void *unused)
{
	for (int i = 0; i < EVENT_COUNT; i++) {
		emit();
	}

	return unused;
}

static void test_no_count_is_lost_when_threads_end(void **state)
{
	pthread_t threads[THREAD_COUNT];
	uint64_t before = ilv_emission_count();

	(void)state;
	for (int i = 0; i < THREAD_COUNT; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, emit_many, NULL), 0);
	}

	for (int i = 0; i < THREAD_COUNT; i++) {
		pthread_join(threads[i], NULL);
	}

	assert_int_equal(ilv_emission_count() - before, THREAD_COUNT * EVENT_COUNT);
}

static void test_what_is_disabled_is_not_counted(void **state)
{
	uint64_t before = ilv_emission_count();

	(void)state;
	errno = 77;
	ilv_trace_thread_yield_begin();
	ilv_trace_run_begin(NULL, NULL, NULL, NULL, ILV_UNIT_THREAD);
	assert_int_equal(errno, 77);
	assert_int_equal(ilv_emission_count(), before);
	assert_false(ilv_trace_switches_enabled());
}

static void test_errno_passes_through(void **state)
{
	struct ilv_emission emission;

	(void)state;
	errno = 78;
	assert_true(ilv_emission_begin(&emission));
	errno = 79;
	ilv_emission_end(&emission);
	assert_int_equal(errno, 78);
}

static int check_fresh_child(void)
{
	if (ilv_emission_count() != 0 || ilv_trace_pid() != getpid() ||
	    ilv_trace_tid() != gettid()) {
		return 1;
	}

	emit();
	return ilv_emission_count() == 1 ? 0 : 2;
}

static void test_forked_child_begins_anew(void **state)
{
	uint64_t before;

	(void)state;
	emit();
	before = ilv_emission_count();
	assert_true(before > 0);
	assert_int_equal(in_child(check_fresh_child), 0);
	assert_int_equal(ilv_emission_count(), before);
}

static void test_ilv_fork_is_a_fork(void **state)
{
	int status;
	pid_t pid = ilv_fork("child", ILV_ROLE_JOB);

	(void)state;
	if (pid == 0) {
		sigset_t blocked;

		sigprocmask(SIG_SETMASK, NULL, &blocked);
		_exit(sigismember(&blocked, SIGTERM) ? 3 : check_fresh_child());
	}

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int hook_calls;

static void first_hook(void)
{
	hook_calls = hook_calls * 10 + 1;
}

static void second_hook(void)
{
	/* What a recorder says when it is stopped still passes. */
	hook_calls = hook_calls * 10 + (emit() ? 2 : 9);
}

static int close_after_hooks(void)
{
	uint64_t before = ilv_emission_count();

	if (!ilv_trace_at_exit(first_hook) || !ilv_trace_at_exit(second_hook)) {
		return 1;
	}

	ilv_trace_process_exit(0);
	ilv_trace_process_exit(0);
	if (hook_calls != 21) {
		return 2;
	}

	return !emit() && ilv_emission_count() == before + 1 ? 0 : 3;
}

static void test_gate_closes_after_the_hooks(void **state)
{
	(void)state;
	assert_int_equal(in_child(close_after_hooks), 0);
	assert_true(emit());
}

static int close_and_fork(void)
{
	ilv_trace_at_exit(first_hook);
	ilv_emission_close();
	return in_child(check_fresh_child) == 0 && hook_calls == 0 ? 0 : 1;
}

static void test_child_of_a_closed_process_is_open(void **state)
{
	(void)state;
	assert_int_equal(in_child(close_and_fork), 0);
}

static int fill_hooks(void)
{
	int hook_count = 0;

	while (hook_count < 100 && ilv_trace_at_exit(first_hook)) {
		hook_count++;
	}

	return hook_count;
}

static void test_hooks_are_refused_when_there_is_no_room(void **state)
{
	(void)state;
	assert_int_equal(in_child(fill_hooks), 4);
}

static void *emit_until_refused(void *passed)
{
	uint64_t *passed_count = passed;

	while (emit()) {
		++*passed_count;
	}

	return NULL;
}

static int close_under_fire(void)
{
	pthread_t threads[4];
	uint64_t passed[4] = {0};
	uint64_t before = ilv_emission_count();
	uint64_t at_close;
	uint64_t sum = 0;

	for (int i = 0; i < 4; i++) {
		if (pthread_create(&threads[i], NULL, emit_until_refused, &passed[i]) != 0) {
			return 1;
		}
	}

	while (ilv_emission_count() - before < 10000) {
		sched_yield();
	}

	ilv_emission_close();
	at_close = ilv_emission_count();
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		sum += passed[i];
	}

	return at_close - before == sum ? 0 : 2;
}

static void test_count_stands_when_the_gate_is_closed(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(close_under_fire(), 0);
		/* As in a child: this is the only thread again that emits. */
		ilv_emission_reset();
	}
}

static void emit_in_handler(int signal_number)
{
	(void)signal_number;
	emit();
}

static atomic_bool is_stopping;

static void *send_signals(void *argument)
{
	pthread_t target = *(pthread_t *)argument;

	for (int i = 0; i < EVENT_COUNT; i++) {
		pthread_kill(target, SIGUSR1);
	}

	atomic_store(&is_stopping, true);
	return NULL;
}

static volatile sig_atomic_t handled_count;

static void count_in_handler(int signal_number)
{
	emit_in_handler(signal_number);
	handled_count++;
}

static void test_signal_handlers_may_emit(void **state)
{
	struct sigaction action = {.sa_handler = count_in_handler};
	pthread_t self_thread = pthread_self();
	pthread_t sender;
	uint64_t before = ilv_emission_count();
	uint64_t own_count = 0;

	(void)state;
	handled_count = 0;
	atomic_store(&is_stopping, false);
	sigaction(SIGUSR1, &action, NULL);
	assert_int_equal(pthread_create(&sender, NULL, send_signals, &self_thread), 0);
	while (!atomic_load(&is_stopping)) {
		emit();
		own_count++;
	}

	pthread_join(sender, NULL);
	signal(SIGUSR1, SIG_DFL);
	assert_true(handled_count > 0);
	assert_int_equal(ilv_emission_count() - before, own_count + (uint64_t)handled_count);
}

static void test_text_is_bounded(void **state)
{
	char copy[ILV_TEXT_SIZE];
	char text[400];

	(void)state;
	assert_string_equal(ilv_bounded_text(NULL, copy), "");
	assert_string_equal(ilv_bounded_text("short", copy), "short");

	memset(text, 'x', sizeof(text));
	text[255] = '\0';
	assert_ptr_equal(ilv_bounded_text(text, copy), text);
	text[255] = 'x';
	text[399] = '\0';
	assert_int_equal(strlen(ilv_bounded_text(text, copy)), 255);

	/* A character of four bytes that would be cut stays out as a whole. */
	memcpy(text + 252, "\xf0\x9f\x98\x80", 4);
	assert_int_equal(strlen(ilv_bounded_text(text, copy)), 252);
	/* What is no UTF-8 is cut all the same. */
	memset(text, 0x80, 399);
	assert_in_range(strlen(ilv_bounded_text(text, copy)), 250, 255);
}

static void test_time_is_monotonic(void **state)
{
	int64_t first = ilv_trace_now_ns();
	int64_t second = ilv_trace_now_ns();

	(void)state;
	assert_true(first > 0);
	assert_true(second >= first);
	assert_true(strlen(ilv_version()) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids_are_the_callers),
		cmocka_unit_test(test_no_count_is_lost_when_threads_end),
		cmocka_unit_test(test_what_is_disabled_is_not_counted),
		cmocka_unit_test(test_errno_passes_through),
		cmocka_unit_test(test_forked_child_begins_anew),
		cmocka_unit_test(test_ilv_fork_is_a_fork),
		cmocka_unit_test(test_gate_closes_after_the_hooks),
		cmocka_unit_test(test_child_of_a_closed_process_is_open),
		cmocka_unit_test(test_hooks_are_refused_when_there_is_no_room),
		cmocka_unit_test(test_count_stands_when_the_gate_is_closed),
		cmocka_unit_test(test_signal_handlers_may_emit),
		cmocka_unit_test(test_text_is_bounded),
		cmocka_unit_test(test_time_is_monotonic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
