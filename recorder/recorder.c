/* SPDX-License-Identifier: MIT */
/*
 * Description: starts and stops a recording, and chooses its source. A helper thread does all the
 * work. In a program that records itself the helper exists before the events are opened, and so
 * stays out of them.
 */
#include "recorder/recorder.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cause.h"
#include "recorder/descriptor.h"
#include "recorder/drain.h"
#include "recorder/inside_source.h"
#include "recorder/perf.h"

#include "tracepoints/recorder_events.h"

#define DRAIN_PERIOD_MS 10
/* A record may still be on its way into a ring of another CPU while that ring is read. */
#define FLIGHT_NS 1000000
#define BEST_NICE (-20)
#define SLICE_NS  100000
#define TEXT_SIZE 512

/* Written before any recorder is started. */
static const struct ilv_inside_source *inside_source;

struct ilv_recorder {
	struct ilv_recorder_options options;
	enum ilv_switch_source source;
	uint64_t id;
	pid_t host_pid;
	char why[TEXT_SIZE];   /* why not a better source */
	char cause[TEXT_SIZE]; /* why it could not start */
	enum ilv_status status;
	pthread_t helper;
	sem_t is_ready; /* posted once, when `status` is known */
	atomic_bool is_stopping;
	int stop_fd; /* wakes the helper, which looks at `is_stopping` */
	struct ilv_descriptor_kind stop_kind;
	struct pollfd *polls; /* the rings', then `stop_fd` */
	struct ilv_perf perf;
	struct ilv_drain *drain;
};

void ilv_recorder_offer(const struct ilv_inside_source *source)
{
	inside_source = source;
}

/* For tests alone: ILV_TEST_PERF_REFUSE=perf+wakeups,perf makes these sources be refused. */
static bool is_refused_for_test(const char *name)
{
	const char *refused = getenv("ILV_TEST_PERF_REFUSE");
	size_t length = strlen(name);

	while (refused && *refused) {
		size_t word = strcspn(refused, ",");

		if (word == length && strncmp(refused, name, length) == 0) {
			return true;
		}
		refused += word + (refused[word] == ',');
	}
	return false;
}

static enum ilv_status open_source(struct ilv_recorder *recorder, enum ilv_switch_source source)
{
	const struct ilv_recorder_options *options = &recorder->options;

	if (is_refused_for_test(ilv_switch_source_name(source))) {
		ilv_cause_add("a test asks for this refusal");
		return ILV_STATUS_PERMISSION;
	}
	switch (source) {
	case ILV_SWITCH_SOURCE_PERF_WAKEUPS:
		return ilv_perf_open_system_wide(&recorder->perf, options->pid,
						 options->is_waiting_for_exec);
	case ILV_SWITCH_SOURCE_PERF:
		return ilv_perf_open_threads(&recorder->perf, options->pid,
					     options->is_waiting_for_exec);
	case ILV_SWITCH_SOURCE_RUSAGE:
		if (!inside_source || options->pid != recorder->host_pid ||
		    options->is_waiting_for_exec) {
			ilv_cause_add("works only inside the recorded program");
			return ILV_STATUS_PERMISSION;
		}
		return inside_source->start(recorder->id, options->is_forked_child);
	default:
		ilv_cause_add("LTTng's kernel tracer records it, not this recorder");
		return ILV_STATUS_UNSUPPORTED;
	}
}

/* Tries `source`; when it is refused, adds the reason to `why`. */
static enum ilv_status try_source(struct ilv_recorder *recorder, enum ilv_switch_source source)
{
	size_t length = strlen(recorder->why);
	enum ilv_status status = open_source(recorder, source);

	if (status == ILV_STATUS_OK) {
		recorder->source = source;
	} else {
		const char *cause = ilv_cause_text();

		snprintf(recorder->why + length, sizeof(recorder->why) - length, "%s%s refused: %s",
			 length > 0 ? "; " : "", ilv_switch_source_name(source),
			 *cause ? cause : ilv_status_text(status));
	}
	ilv_cause_clear();
	return status;
}

static enum ilv_status choose_source(struct ilv_recorder *recorder)
{
	static const enum ilv_switch_source best_first[] = {
		ILV_SWITCH_SOURCE_PERF_WAKEUPS,
		ILV_SWITCH_SOURCE_PERF,
		ILV_SWITCH_SOURCE_RUSAGE,
	};
	enum ilv_status status = ILV_STATUS_ERROR;

	if (recorder->options.source != ILV_SWITCH_SOURCE_NONE) {
		return try_source(recorder, recorder->options.source);
	}
	for (size_t i = 0; i < sizeof(best_first) / sizeof(best_first[0]); i++) {
		status = try_source(recorder, best_first[i]);
		if (status == ILV_STATUS_OK) {
			break;
		}
	}
	return status;
}

static void say_begin(const struct ilv_recorder *recorder)
{
	char covers[TEXT_SIZE + 128];

	snprintf(covers, sizeof(covers),
		 recorder->source == ILV_SWITCH_SOURCE_RUSAGE
			 ? "threads of %d that look at the clock%s%s"
			 : "threads of %d and their descendants%s%s",
		 recorder->options.pid, recorder->why[0] ? "; " : "", recorder->why);
	ilv_trace_recorder_begin(recorder->id, recorder->source, recorder->options.pid, covers);
}

/* Whether the program has left us our events; without them nobody knows of switches any more. */
static bool has_events(const struct ilv_recorder *recorder)
{
	return recorder->perf.ring_count == 0 ||
	       ilv_descriptor_is(recorder->perf.ring_fds[0], recorder->perf.kind);
}

/* Waits until a ring is half full, a period is over, or all is to end; false: it is to end, or
 * there is nothing more to record. */
static bool wait_for_work(struct ilv_recorder *recorder)
{
	size_t count = recorder->perf.ring_count;

	poll(recorder->polls, count + 1, DRAIN_PERIOD_MS);
	for (size_t i = 0; i <= count; i++) {
		struct pollfd *descriptor = &recorder->polls[i];
		struct ilv_descriptor_kind kind =
			i < count ? recorder->perf.kind : recorder->stop_kind;

		/* The threads of this event have ended, or somebody closed the descriptor, and may
		 * have another by its number: poll would return at once. */
		if (descriptor->revents &&
		    ((descriptor->revents & (POLLHUP | POLLERR | POLLNVAL)) ||
		     !ilv_descriptor_is(descriptor->fd, kind))) {
			descriptor->fd = -1;
		}
	}

	return !atomic_load(&recorder->is_stopping) && has_events(recorder);
}

static void record_perf(struct ilv_recorder *recorder)
{
	int64_t now_ns;

	while (wait_for_work(recorder)) {
		ilv_drain_run(recorder->drain, ilv_trace_now_ns() - FLIGHT_NS);
	}
	now_ns = ilv_trace_now_ns();
	ilv_perf_disable(&recorder->perf);
	ilv_drain_finish(recorder->drain, now_ns);
	ilv_trace_recorder_end(recorder->id, ilv_drain_switch_count(recorder->drain),
			       ilv_drain_lost_count(recorder->drain), ilv_drain_cpu_ns());
}

static void record_rusage(struct ilv_recorder *recorder)
{
	while (wait_for_work(recorder)) {
		inside_source->send_watermark();
	}
	inside_source->send_watermark();
	ilv_trace_recorder_end(recorder->id, inside_source->stop(), 0, ilv_drain_cpu_ns());
}

static enum ilv_status prepare(struct ilv_recorder *recorder)
{
	size_t count;

	enum ilv_status status = choose_source(recorder);

	if (status != ILV_STATUS_OK) {
		return status;
	}
	count = recorder->perf.ring_count;
	recorder->polls = calloc(count + 1, sizeof(*recorder->polls));
	if (!recorder->polls) {
		return ILV_STATUS_MEMORY;
	}
	for (size_t i = 0; i < count; i++) {
		recorder->polls[i] = (struct pollfd){
			.fd = recorder->perf.ring_fds[i],
			.events = POLLIN,
		};
	}
	recorder->polls[count] = (struct pollfd){.fd = recorder->stop_fd, .events = POLLIN};
	if (recorder->source != ILV_SWITCH_SOURCE_RUSAGE) {
		recorder->drain = ilv_drain_create(&recorder->perf, recorder->id);
		if (!recorder->drain) {
			return ILV_STATUS_MEMORY;
		}
	}
	return ILV_STATUS_OK;
}

/*
 * Asks to be let in soon, also on a crowded CPU, so that rings are emptied in time: by a short
 * slice, which fits who runs rarely and briefly (Linux 6.12), and by the best nice value, for which
 * a right is needed. What is refused changes nothing.
 */
static void ask_to_be_let_in(void)
{
	struct sched_attr {
		uint32_t size;
		uint32_t policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime_ns;
		uint64_t deadline_ns;
		uint64_t period_ns;
	} attributes = {.size = sizeof(attributes)};

	if (syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0) != 0) {
		return;
	}
	attributes.runtime_ns = SLICE_NS;
	syscall(SYS_sched_setattr, 0, &attributes, 0);
	attributes.nice = BEST_NICE;
	syscall(SYS_sched_setattr, 0, &attributes, 0);
}

static void *help(void *argument)
{
	struct ilv_recorder *recorder = argument;
	enum ilv_status status;

	pthread_setname_np(pthread_self(), "ilv-recorder");
	ask_to_be_let_in();
	status = prepare(recorder);
	if (status == ILV_STATUS_OK) {
		ilv_trace_thread_announce(gettid(), "ilv-recorder", ILV_ROLE_RECORDER);
		say_begin(recorder);
		if (recorder->drain) {
			ilv_drain_begin(recorder->drain);
		}
	}
	recorder->status = status;
	sem_post(&recorder->is_ready);
	if (status != ILV_STATUS_OK) {
		return NULL;
	}
	if (recorder->source == ILV_SWITCH_SOURCE_RUSAGE) {
		record_rusage(recorder);
	} else {
		record_perf(recorder);
	}
	return NULL;
}

static void free_recorder(struct ilv_recorder *recorder)
{
	ilv_drain_destroy(recorder->drain);
	ilv_perf_close(&recorder->perf);
	free(recorder->polls);
	ilv_descriptor_close(recorder->stop_fd, recorder->stop_kind);
	sem_destroy(&recorder->is_ready);
	free(recorder);
}

/* The helper takes no signals: they are the program's. */
static int start_helper(struct ilv_recorder *recorder)
{
	sigset_t all;
	sigset_t before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&recorder->helper, NULL, help, recorder);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

enum ilv_status ilv_recorder_start(const struct ilv_recorder_options *options,
				   struct ilv_recorder **recorder)
{
	static atomic_uint started_count;
	struct ilv_recorder *started = calloc(1, sizeof(*started));
	enum ilv_status status;
	int error;

	*recorder = NULL;
	if (!started) {
		return ILV_STATUS_MEMORY;
	}
	started->options = *options;
	started->host_pid = getpid();
	started->id = (uint64_t)started->host_pid << 32 | (atomic_fetch_add(&started_count, 1) + 1);
	sem_init(&started->is_ready, 0, 0);
	started->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	error = started->stop_fd < 0 ? errno : 0;
	if (!error) {
		started->stop_kind = ilv_descriptor_kind(started->stop_fd);
		error = start_helper(started);
	}

	if (error) {
		ilv_cause_add("Cannot start the recorder of thread switches: errno=%d", error);
		status = ILV_STATUS_ERROR;
		goto end;
	}
	while (sem_wait(&started->is_ready) != 0 && errno == EINTR) {
	}
	status = started->status;
	if (status != ILV_STATUS_OK) {
		pthread_join(started->helper, NULL);
		ilv_cause_add("Cannot record thread switches: %s",
			      started->why[0] ? started->why : ilv_status_text(status));
		goto end;
	}
	*recorder = started;

end:
	if (status != ILV_STATUS_OK) {
		free_recorder(started);
	}
	return status;
}

enum ilv_switch_source ilv_recorder_source(const struct ilv_recorder *recorder)
{
	return recorder->source;
}

const char *ilv_recorder_why(const struct ilv_recorder *recorder)
{
	return recorder->why;
}

void ilv_recorder_env(const struct ilv_recorder *recorder, char *text, size_t size)
{
	snprintf(text, size, "%llu:%d", (unsigned long long)recorder->id, recorder->host_pid);
}

void ilv_recorder_forget_after_fork(struct ilv_recorder *recorder)
{
	if (!recorder) {
		return;
	}
	ilv_perf_close_after_fork(&recorder->perf);
	ilv_descriptor_close(recorder->stop_fd, recorder->stop_kind);
	if (recorder->source == ILV_SWITCH_SOURCE_RUSAGE) {
		inside_source->forget_after_fork();
	}
}

void ilv_recorder_stop(struct ilv_recorder *recorder)
{
	uint64_t one = 1;

	if (!recorder || recorder->host_pid != getpid()) {
		return; /* A child that knows its parent's recorder has no helper thread. */
	}
	if (recorder->source == ILV_SWITCH_SOURCE_RUSAGE) {
		inside_source->check_caller();
	}
	atomic_store(&recorder->is_stopping, true);
	/* Where nobody can wake it, the helper looks at the end of its period. */
	if (ilv_descriptor_is(recorder->stop_fd, recorder->stop_kind)) {
		(void)!write(recorder->stop_fd, &one, sizeof(one));
	}

	pthread_join(recorder->helper, NULL);
	free_recorder(recorder);
}
