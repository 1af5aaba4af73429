/* SPDX-License-Identifier: MIT */
/*
 * Description: a clock for each thread that looks, and the watermark over all of them. The
 * watermark must not pass a time that a thread may yet report. A thread reports either the time of
 * its last look, or the time of now read after it has said (in `state`) that it computes again; the
 * helper reads its own now before it reads the states.
 */
#include "recorder/rusage.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "recorder/drain.h"
#include "recorder/tasks.h"
#include "tracepoints/recorder_events.h"

/* A shorter gap between two looks is not asked about. */
#define HOLE_NS 50000
/* Switches that leave no hole are counted by this time. */
#define CHECK_PERIOD_NS 10000000
/* Who has not looked for so long is taken to wait for something. */
#define PATIENCE_NS 500000000

enum clock_state {
	CLOCK_STATE_COMPUTING, /* its next report may go back to its last look */
	CLOCK_STATE_WAITING,   /* its next report will be of a later time than any watermark */
	CLOCK_STATE_CHECKING,  /* it reports right now */
};

struct clock {
	_Atomic int64_t looked_ns;
	_Atomic int state;
	bool is_enrolled;
	int64_t checked_ns;
	int64_t checked_cpu_ns;  /* what it had run by its own clock by then */
	int64_t voluntary_count; /* what has been told of */
	int64_t involuntary_count;
	pid_t tid;
	struct clock *previous;
	struct clock *next;
};

/* Protects the list of clocks, and keeps the events of a report and their count together. Nests in
 * nothing. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct clock *clocks;
static struct ilv_task *earlier_tasks; /* threads older than the recording */
static size_t earlier_count;
static uint64_t id;
static uint64_t switch_count;
static int64_t watermark_ns;

static _Thread_local struct clock mine;
static pthread_key_t end_key;
static pthread_once_t end_key_once = PTHREAD_ONCE_INIT;
static _Atomic(void (*)(void)) restart_hook;
static atomic_bool is_orphan;

atomic_bool ilv_rusage_is_on;

static void report(bool is_involuntary, int64_t out_ns, int64_t in_ns)
{
	pid_t pid = ilv_trace_pid();
	int cpu = sched_getcpu();

	ilv_trace_thread_switch_out(id, pid, mine.tid, cpu, out_ns, is_involuntary, -1);
	ilv_trace_thread_switch_in(id, pid, mine.tid, cpu, in_ns, -1);
	switch_count += 2;
}

static int64_t read_cpu_ns(void)
{
	struct timespec time = {0};

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/*
 * When a hole that ends now began: it is as long as the thread's own clock stood still since the
 * last check, and not older than its last look.
 */
static int64_t find_hole(int64_t looked_ns, int64_t now_ns, int64_t cpu_ns)
{
	int64_t off_ns = now_ns - mine.checked_ns - (cpu_ns - mine.checked_cpu_ns);

	if (off_ns < 0) {
		return now_ns;
	}
	return now_ns - off_ns > looked_ns ? now_ns - off_ns : looked_ns;
}

/* Holds the thread's counts against the kernel's, and reports what is new. */
static void check(enum clock_state next_state)
{
	int expected = CLOCK_STATE_COMPUTING;
	bool may_go_back =
		atomic_compare_exchange_strong(&mine.state, &expected, CLOCK_STATE_CHECKING);
	struct rusage usage;
	int64_t looked_ns;
	int64_t now_ns;
	int64_t cpu_ns;

	if (!may_go_back) {
		atomic_store(&mine.looked_ns, ilv_trace_now_ns());
		atomic_store(&mine.state, CLOCK_STATE_CHECKING);
		/* The helper that did not see this has read its now before; ours is read after it.
		 */
		atomic_thread_fence(memory_order_seq_cst);
	}
	getrusage(RUSAGE_THREAD, &usage);
	now_ns = ilv_trace_now_ns();
	cpu_ns = read_cpu_ns();
	looked_ns = atomic_load_explicit(&mine.looked_ns, memory_order_relaxed);
	if (!may_go_back || now_ns - looked_ns <= HOLE_NS) {
		looked_ns = now_ns;
	} else {
		looked_ns = find_hole(looked_ns, now_ns, cpu_ns);
	}
	if (usage.ru_nivcsw != mine.involuntary_count || usage.ru_nvcsw != mine.voluntary_count) {
		pthread_mutex_lock(&lock);
		for (; mine.involuntary_count < usage.ru_nivcsw; mine.involuntary_count++) {
			report(true, looked_ns, now_ns);
			looked_ns = now_ns;
		}
		for (; mine.voluntary_count < usage.ru_nvcsw; mine.voluntary_count++) {
			report(false, now_ns, now_ns);
		}
		pthread_mutex_unlock(&lock);
	}
	mine.checked_ns = now_ns;
	mine.checked_cpu_ns = cpu_ns;
	atomic_store_explicit(&mine.looked_ns, now_ns, memory_order_release);
	atomic_store_explicit(&mine.state, next_state, memory_order_release);
}

static void leave(void *unused)
{
	(void)unused;
	if (!mine.is_enrolled) {
		return;
	}
	if (atomic_load(&ilv_rusage_is_on)) {
		check(CLOCK_STATE_WAITING);
	}
	pthread_mutex_lock(&lock);
	if (mine.previous) {
		mine.previous->next = mine.next;
	} else {
		clocks = mine.next;
	}
	if (mine.next) {
		mine.next->previous = mine.previous;
	}
	mine.is_enrolled = false;
	pthread_mutex_unlock(&lock);
}

static void make_end_key(void)
{
	pthread_key_create(&end_key, leave);
}

static bool is_earlier(pid_t tid)
{
	for (size_t i = 0; i < earlier_count; i++) {
		if (earlier_tasks[i].tid == tid) {
			return true;
		}
	}
	return false;
}

/* Gives the calling thread its clock, at its first look, and tells that it runs: of a thread that
 * never looks nothing is known, and no switch of one that looks means that it had none. */
static void enroll(void)
{
	void (*restart)(void) = atomic_load(&restart_hook);
	int saved_errno = errno;
	struct rusage usage;

	if (atomic_exchange(&is_orphan, false) && restart) {
		restart();
		if (mine.is_enrolled) {
			goto end;
		}
	}
	pthread_once(&end_key_once, make_end_key);
	pthread_setspecific(end_key, &mine);
	getrusage(RUSAGE_THREAD, &usage);
	mine.tid = ilv_trace_tid();
	mine.checked_ns = 0;
	pthread_mutex_lock(&lock);
	mine.voluntary_count = is_earlier(mine.tid) ? usage.ru_nvcsw : 0;
	mine.involuntary_count = is_earlier(mine.tid) ? usage.ru_nivcsw : 0;
	atomic_store(&mine.looked_ns, ilv_trace_now_ns());
	atomic_store(&mine.state, CLOCK_STATE_WAITING);
	mine.previous = NULL;
	mine.next = clocks;
	if (clocks) {
		clocks->previous = &mine;
	}
	clocks = &mine;
	mine.is_enrolled = true;
	ilv_trace_thread_switch_in(id, ilv_trace_pid(), mine.tid, sched_getcpu(),
				   ilv_trace_now_ns(), -1);
	switch_count++;
	pthread_mutex_unlock(&lock);

end:
	errno = saved_errno;
}

void ilv_rusage_look_now(void)
{
	int64_t now_ns;

	if (!mine.is_enrolled) {
		enroll();
	}
	now_ns = ilv_trace_now_ns();
	if (now_ns - atomic_load_explicit(&mine.looked_ns, memory_order_relaxed) <= HOLE_NS &&
	    now_ns - mine.checked_ns <= CHECK_PERIOD_NS) {
		atomic_store_explicit(&mine.looked_ns, now_ns, memory_order_release);
		return;
	}
	check(CLOCK_STATE_COMPUTING);
}

void ilv_rusage_wait_begin_now(void)
{
	if (!mine.is_enrolled) {
		enroll();
	}
	check(CLOCK_STATE_WAITING);
}

void ilv_rusage_wait_end_now(void)
{
	if (!mine.is_enrolled) {
		enroll();
	}
	check(CLOCK_STATE_COMPUTING);
}

static enum ilv_status start(uint64_t recorder_id, bool is_forked_child)
{
	enum ilv_status status = ILV_STATUS_OK;

	pthread_mutex_lock(&lock);
	free(earlier_tasks);
	earlier_tasks = NULL;
	earlier_count = 0;
	if (!is_forked_child) {
		status = ilv_tasks_list(ilv_trace_pid(), &earlier_tasks, &earlier_count);
	}
	id = recorder_id;
	switch_count = 0;
	watermark_ns = ilv_trace_now_ns();
	pthread_mutex_unlock(&lock);
	atomic_store(&is_orphan, false);
	atomic_store(&ilv_rusage_is_on, status == ILV_STATUS_OK);
	return status;
}

static void send_watermark(void)
{
	int64_t now_ns;
	int64_t safe_ns;

	pthread_mutex_lock(&lock);
	now_ns = ilv_trace_now_ns();
	safe_ns = now_ns;
	atomic_thread_fence(memory_order_seq_cst); /* Pairs with the one in check(). */
	for (struct clock *clock = clocks; clock; clock = clock->next) {
		int state = atomic_load_explicit(&clock->state, memory_order_acquire);
		int64_t looked_ns = atomic_load_explicit(&clock->looked_ns, memory_order_acquire);
		int expected = CLOCK_STATE_COMPUTING;

		if (state == CLOCK_STATE_WAITING) {
			continue;
		}
		if (now_ns - looked_ns > PATIENCE_NS &&
		    atomic_compare_exchange_strong(&clock->state, &expected, CLOCK_STATE_WAITING)) {
			continue;
		}
		if (looked_ns - 1 < safe_ns) {
			safe_ns = looked_ns - 1;
		}
	}
	if (safe_ns > watermark_ns) {
		watermark_ns = safe_ns;
	}
	ilv_trace_switch_watermark(id, watermark_ns, switch_count, ilv_drain_cpu_ns());
	pthread_mutex_unlock(&lock);
}

static void check_caller(void)
{
	if (mine.is_enrolled) {
		check(CLOCK_STATE_WAITING);
	}
}

static uint64_t stop(void)
{
	atomic_store(&ilv_rusage_is_on, false);
	return switch_count;
}

static void forget_after_fork(void)
{
	if (!atomic_load(&ilv_rusage_is_on)) {
		return;
	}
	pthread_mutex_init(&lock, NULL);
	clocks = NULL;
	mine.is_enrolled = false;
	atomic_store(&is_orphan, true);
}

void ilv_rusage_set_restart(void (*restart)(void))
{
	atomic_store(&restart_hook, restart);
}

const struct ilv_inside_source ilv_rusage_source = {
	.start = start,
	.send_watermark = send_watermark,
	.check_caller = check_caller,
	.stop = stop,
	.forget_after_fork = forget_after_fork,
};
