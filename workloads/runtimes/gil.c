/* SPDX-License-Identifier: MIT */
/*
 * Description: runtime `gil`: a POSIX thread for each job, of which only the holder of one lock may
 * work, as in CPython since 3.2. Who waits for the lock for a whole switch interval asks its holder
 * to give it up; the holder does so at its next tick, and then waits until another has taken it
 * (else it would win the race for it time and again). Around every wait the lock is given up. The
 * trace shows a lock of kind gil, handed over by request where threads compute, and given up to
 * block where they wait.
 *
 * A thread that computes and never ticks keeps the lock, as native code does that never returns to
 * its interpreter.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include <interleave/trace.h>

#include "recorder/rusage.h"
#include "workloads/runtimes/blocking.h"
#include "workloads/runtimes/job_thread.h"

#define NS_PER_US INT64_C(1000)
#define NS_PER_S  INT64_C(1000000000)

#define DEFAULT_SWITCH_INTERVAL_US 5000 /* as in Python */

enum option { OPTION_SWITCH_INTERVAL };

static const struct ilv_option options[] = {
	[OPTION_SWITCH_INTERVAL] = {"switch-interval",
				    "us that a thread waits for the GIL before it asks for it",
				    DEFAULT_SWITCH_INTERVAL_US, 1, 60000000},
	{0},
};

/* The address of this stands for the thread. */
static _Thread_local char self;

/*
 * `mutex` protects all but the atomics, nests inside nothing but a job's own locks, and is never
 * held for longer than it takes to change a field and say so. `is_drop_requested` is written under
 * it too, but read by the holder without.
 */
static struct {
	pthread_mutex_t mutex;
	pthread_cond_t freed; /* nobody holds it any more */
	pthread_cond_t taken; /* somebody holds it now */
	bool is_held;
	const char *last_holder;
	uint64_t switch_count; /* how often it went to another than had it last */
	atomic_bool is_drop_requested;
	int64_t switch_interval_ns; /* written before other threads are */
} gil = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void say_wait(void)
{
	ilv_trace_lock_wait_begin(&gil, ILV_LOCK_KIND_GIL, ILV_LOCK_MODE_EXCLUSIVE);
}

static void say_acquire(bool is_contended)
{
	ilv_trace_lock_acquire(&gil, ILV_LOCK_KIND_GIL, ILV_LOCK_MODE_EXCLUSIVE, is_contended);
}

static void say_release(enum ilv_release_cause cause)
{
	ilv_trace_lock_release(&gil, ILV_LOCK_KIND_GIL, ILV_LOCK_MODE_EXCLUSIVE, cause);
}

/* One wait of a switch interval. When it ends in vain, and nobody else had it meanwhile, its
 * holder is asked to give way. */
static void wait_and_ask(void)
{
	const uint64_t switch_count = gil.switch_count;
	const int64_t deadline_ns = ilv_trace_now_ns() + gil.switch_interval_ns;
	const struct timespec deadline = {.tv_sec = deadline_ns / NS_PER_S,
					  .tv_nsec = deadline_ns % NS_PER_S};

	if (pthread_cond_timedwait(&gil.freed, &gil.mutex, &deadline) != 0 && gil.is_held &&
	    gil.switch_count == switch_count) {
		atomic_store_explicit(&gil.is_drop_requested, true, memory_order_relaxed);
	}
}

/* Takes the GIL as soon as it is free. The mutex is held, before and after. */
static void take_held(void)
{
	while (gil.is_held) {
		wait_and_ask();
	}

	gil.is_held = true;
	if (gil.last_holder != &self) {
		gil.last_holder = &self;
		gil.switch_count++;
	}

	atomic_store_explicit(&gil.is_drop_requested, false, memory_order_relaxed);
	(void)pthread_cond_broadcast(&gil.taken);
}

static void take(void)
{
	bool is_contended = false;

	(void)pthread_mutex_lock(&gil.mutex);
	is_contended = gil.is_held;
	if (is_contended) {
		say_wait();
		ilv_rusage_wait_begin();
	}

	take_held();
	(void)pthread_mutex_unlock(&gil.mutex);
	if (is_contended) {
		ilv_rusage_wait_end();
	}

	say_acquire(is_contended);
}

/* Gives it up. The mutex is held. True when somebody had asked for it: then another is to have it
 * first. */
static bool give_up(void)
{
	const bool is_requested =
		atomic_load_explicit(&gil.is_drop_requested, memory_order_relaxed);

	gil.is_held = false;
	atomic_store_explicit(&gil.is_drop_requested, false, memory_order_relaxed);
	(void)pthread_cond_signal(&gil.freed);

	return is_requested;
}

static void wait_until_taken(void)
{
	while (gil.last_holder == &self) {
		(void)pthread_cond_wait(&gil.taken, &gil.mutex);
	}
}

/* Gives the GIL up of its own will. */
static void drop_for(enum ilv_release_cause cause)
{
	say_release(cause);
	(void)pthread_mutex_lock(&gil.mutex);
	if (give_up()) {
		ilv_trace_wait_begin(ILV_WAIT_REASON_COND, (uintptr_t)&gil.taken);
		ilv_rusage_wait_begin();
		wait_until_taken();
		ilv_rusage_wait_end();
		ilv_trace_wait_end(ILV_WAIT_REASON_COND, (uintptr_t)&gil.taken);
	}

	(void)pthread_mutex_unlock(&gil.mutex);
}

/* Gives the GIL up before a wait for something else. */
static void drop(void)
{
	drop_for(ILV_RELEASE_CAUSE_BLOCKING);
}

/* For the last time in this thread: it does not stay to see who takes it. */
static void drop_for_good(void)
{
	say_release(ILV_RELEASE_CAUSE_DONE);
	(void)pthread_mutex_lock(&gil.mutex);
	(void)give_up();
	(void)pthread_mutex_unlock(&gil.mutex);
}

/* Lets another have the GIL, and waits to have it again. */
static void hand_over(void)
{
	say_release(ILV_RELEASE_CAUSE_REQUEST);
	(void)pthread_mutex_lock(&gil.mutex);
	say_wait(); /* It wants it, and may not have it. */
	ilv_rusage_wait_begin();
	(void)give_up();
	wait_until_taken();
	take_held();
	(void)pthread_mutex_unlock(&gil.mutex);
	ilv_rusage_wait_end();
	say_acquire(true);
}

/* Only a taker withdraws a request, and nobody takes while the caller holds: what is seen here
 * still stands in hand_over(). */
static void tick(void)
{
	if (atomic_load_explicit(&gil.is_drop_requested, memory_order_relaxed)) {
		hand_over();
	}
}

static enum ilv_status start(const struct ilv_runtime_options *runtime_options)
{
	pthread_condattr_t attributes;

	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&gil.freed, &attributes);
	(void)pthread_cond_init(&gil.taken, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	gil.switch_interval_ns = runtime_options->values[OPTION_SWITCH_INTERVAL] * NS_PER_US;
	ilv_trace_lock_name(&gil, ILV_LOCK_KIND_GIL, 1, "GIL");
	take();

	return ILV_STATUS_OK;
}

static void stop(void)
{
	drop_for_good();
	ilv_trace_lock_destroy(&gil);
	(void)pthread_cond_destroy(&gil.freed);
	(void)pthread_cond_destroy(&gil.taken);
}

static enum ilv_status spawn(struct ilv_handle *handle)
{
	struct ilv_job_thread *thread = (struct ilv_job_thread *)handle;
	enum ilv_status status = ILV_STATUS_OK;

	thread->enter = take;
	thread->leave = drop_for_good;
	status = ilv_job_thread_spawn(thread);
	tick(); /* As after any call that an interpreter makes. */

	return status;
}

static void join(struct ilv_handle *handle)
{
	drop();
	ilv_job_thread_join((struct ilv_job_thread *)handle);
	take();
}

static enum ilv_status await_fd(int fd, enum ilv_wait_reason reason, int64_t timeout_ns)
{
	enum ilv_status status = ILV_STATUS_OK;

	drop();
	status = ilv_blocking_await_fd(fd, reason, timeout_ns);
	take();

	return status;
}

static enum ilv_status await_sleep(int64_t duration_ns)
{
	enum ilv_status status = ILV_STATUS_OK;

	drop();
	status = ilv_blocking_await_sleep(duration_ns);
	take();

	return status;
}

static enum ilv_status await_call(ilv_blocking_call call, void *argument,
				  enum ilv_wait_reason reason, uint64_t object)
{
	enum ilv_status status = ILV_STATUS_OK;

	drop();
	status = ilv_blocking_await_call(call, argument, reason, object);
	take();

	return status;
}

/* The lock is held as soon as it is had, while its holder still waits for the GIL. */
static enum ilv_status lock_acquire(struct ilv_lock *lock)
{
	if (pthread_mutex_trylock(lock->state) == 0) {
		ilv_trace_lock_acquire(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE, false);
		return ILV_STATUS_OK;
	}

	drop();
	ilv_trace_lock_wait_begin(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE);
	ilv_rusage_wait_begin();
	(void)pthread_mutex_lock(lock->state);
	ilv_rusage_wait_end();
	ilv_trace_lock_acquire(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE, true);
	take();

	return ILV_STATUS_OK;
}

static const struct ilv_runtime_locks locks = {
	.init = ilv_blocking_lock_init,
	.acquire = lock_acquire,
	.release = ilv_blocking_lock_release,
	.fini = ilv_blocking_lock_fini,
};

/* As time.sleep(0): a sleep of the kernel's shortest, some 50 us, in which whoever waits for the
 * GIL has the time to take it. */
static enum ilv_status yield(void)
{
	const struct timespec nothing = {0};

	drop_for(ILV_RELEASE_CAUSE_YIELD);
	ilv_trace_wait_begin(ILV_WAIT_REASON_SLEEP, 0);
	ilv_rusage_wait_begin();
	(void)nanosleep(&nothing, NULL);
	ilv_rusage_wait_end();
	ilv_trace_wait_end(ILV_WAIT_REASON_SLEEP, 0);
	take();

	return ILV_STATUS_OK;
}

const struct ilv_runtime ilv_runtime_gil = {
	.name = "gil",
	.description = "one POSIX thread a job, and one lock that a thread must hold to work",
	.shows = "A lane says who has the GIL: it is handed over on request (dashed cuts) where "
		 "threads compute, and given up where they wait.",
	.unit = ILV_UNIT_THREAD,
	.main_role = ILV_ROLE_MAIN,
	.options = options,
	.handle_size = sizeof(struct ilv_job_thread),
	.start = start,
	.stop = stop,
	.spawn = spawn,
	.join = join,
	.await_fd = await_fd,
	.await_sleep = await_sleep,
	.await_call = await_call,
	.locks = &locks,
	.tick = tick,
	.yield = yield,
};
