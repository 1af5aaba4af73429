/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `input`: somebody types at a terminal while downloads are under way, whose
 * data are worked on as they come. The trace must show the task or thread of the terminal served
 * soon after each line in variant `threads`, where the kernel lets it in, and in `event-loop`,
 * where the others give way while they compute; in `blocked` they do not, and it stands ready for
 * as long as their computing takes. The program takes the time from the typing of a line to its
 * answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <interleave/pthread.h>
#include <interleave/trace.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/http_client.h"
#include "workloads/lessons/crew.h"
#include "workloads/runtimes/blocking.h"
#include "workloads/server.h"
#include "workloads/stop.h"
#include "workloads/workload.h"

#define NS_PER_MS       INT64_C(1000000)
#define STEPS_PER_CHUNK 20000 /* some 20 us */
#define YIELD_NS        (1 * NS_PER_MS)
#define BODY_LENGTH     16384
#define LINE_MAX_LENGTH 64
#define TTY_NAME_SIZE   64

enum option { OPTION_LINES, OPTION_TYPE_MS, OPTION_REQUESTS, OPTION_SERVICE_MS, OPTION_WORK_MS };

static const struct ilv_option options[] = {
	[OPTION_LINES] = {"lines", "lines that are typed", 20, 1, 100000},
	[OPTION_TYPE_MS] = {"type-ms", "time between two of them", 15, 0, 60000},
	[OPTION_REQUESTS] = {"requests", "that each download makes", 3, 1, 1000000},
	[OPTION_SERVICE_MS] = {"service-ms", "how long the server takes to answer", 20, 0, 600000},
	[OPTION_WORK_MS] = {"work-ms", "CPU time that each answer takes", 20, 0, 600000},
	{0},
};

/* In the order of `variants`. */
enum way { WAY_THREADS, WAY_EVENT_LOOP, WAY_BLOCKED };

static const struct ilv_variant variants[] = {
	[WAY_THREADS] = {"threads", "threads", "a thread for the terminal, one for each download"},
	[WAY_EVENT_LOOP] = {"event-loop", "event-loop", "tasks, which give way while they compute"},
	[WAY_BLOCKED] = {"blocked", "event-loop", "tasks that compute in one go"},
	{0},
};

struct lesson {
	enum way way;
	struct ilv_server server;
	int master_fd; /* the user's side of the terminal */
	int tty_fd;    /* the program's */
	int64_t line_count;
	int64_t type_ns;
	int64_t request_count;
	int64_t work_ns;
	/* Of the job at the terminal, until it is joined. */
	int64_t answered_count;
	int64_t worst_answer_ns;
	int64_t answers_ns;
};

/* Works on an answer for as long as that takes. */
static enum ilv_status compute(const struct lesson *lesson)
{
	const int64_t end_ns = ilv_thread_cpu_ns() + lesson->work_ns;
	int64_t yielded_ns = ilv_thread_cpu_ns();
	int64_t others_ns = 0; /* CPU time of the thread that was not ours */
	volatile uint64_t random = 1;
	enum ilv_status status = ILV_STATUS_OK;

	while (status == ILV_STATUS_OK && ilv_thread_cpu_ns() < end_ns + others_ns) {
		random = ilv_compute_steps(STEPS_PER_CHUNK, random);
		status = ilv_tick();
		if (status == ILV_STATUS_OK && lesson->way == WAY_EVENT_LOOP &&
		    ilv_thread_cpu_ns() - yielded_ns >= YIELD_NS) {
			const int64_t before_ns = ilv_thread_cpu_ns();

			status = ilv_yield();
			yielded_ns = ilv_thread_cpu_ns();
			others_ns += yielded_ns - before_ns;
		}
	}

	return status;
}

static enum ilv_status download(void *argument, struct ilv_result *result)
{
	const struct lesson *lesson = argument;
	struct ilv_http_answer answer = {0};
	enum ilv_status status = ILV_STATUS_OK;
	int fd = -1;
	char path[64];

	(void)result;
	status = ilv_http_connect(lesson->server.port, &fd);
	for (int64_t number = 0; number < lesson->request_count && status == ILV_STATUS_OK;
	     number++) {
		(void)snprintf(path, sizeof(path), "/numbers/%" PRId64 "/%d", number, BODY_LENGTH);
		status = ilv_http_get(fd, path, true, &answer);
		if (status == ILV_STATUS_OK) {
			status = compute(lesson);
		}
	}

	ilv_http_answer_fini(&answer);
	if (fd >= 0) {
		(void)close(fd);
	}

	if (status < 0) {
		ilv_stop_request(); /* Who serves the terminal is joined first. */
	}

	return status;
}

/* Answers one line, which says when it was typed. */
static enum ilv_status answer_line(struct lesson *lesson, const char *line)
{
	const int64_t typed_ns = strtoll(line, NULL, 10);
	int64_t answer_ns = 0;

	if (write(lesson->tty_fd, "ok\n", 3) != 3) {
		ilv_cause_add("Cannot answer at the terminal: errno=%d", errno);
		return ILV_STATUS_IO;
	}

	answer_ns = ilv_trace_now_ns() - typed_ns;
	lesson->answered_count++;
	lesson->answers_ns += answer_ns;
	if (answer_ns > lesson->worst_answer_ns) {
		lesson->worst_answer_ns = answer_ns;
	}

	return ILV_STATUS_OK;
}

/* Serves the terminal until all lines are answered. */
static enum ilv_status serve_terminal(void *argument, struct ilv_result *result)
{
	struct lesson *lesson = argument;
	char text[16 * LINE_MAX_LENGTH + 1];
	size_t length = 0;
	enum ilv_status status = ILV_STATUS_OK;

	(void)result;
	while (status == ILV_STATUS_OK && lesson->answered_count < lesson->line_count) {
		const ssize_t got = read(lesson->tty_fd, text + length, sizeof(text) - 1 - length);
		char *end = NULL;

		if (got < 0 && errno == EAGAIN) {
			status = ilv_await_fd(lesson->tty_fd, ILV_WAIT_REASON_READ);
			continue;
		}

		if (got <= 0) {
			ilv_cause_add("Cannot read from the terminal: errno=%d", errno);
			return ILV_STATUS_IO;
		}

		length += (size_t)got;
		text[length] = '\0';
		for (end = strchr(text, '\n'); end && status == ILV_STATUS_OK;
		     end = strchr(text, '\n')) {
			status = answer_line(lesson, text);
			length -= (size_t)(end + 1 - text);
			memmove(text, end + 1, length + 1);
		}
	}

	return status;
}

/* Types one line. A terminal takes only so much that nobody has read: then the user waits. */
static enum ilv_status type_line(int fd, const char *line, size_t length)
{
	enum ilv_status status = ILV_STATUS_OK;

	while (length > 0 && status == ILV_STATUS_OK) {
		const ssize_t written = write(fd, line, length);

		if (written >= 0) {
			line += written;
			length -= (size_t)written;
		} else if (errno == EAGAIN) {
			status = ilv_blocking_await_fd(fd, ILV_WAIT_REASON_WRITE, -1);
		} else if (errno != EINTR) {
			status = ILV_STATUS_IO;
		}
	}

	return status;
}

/* The user: types a line now and then, and takes no notice of how the program fares. */
static void *type_lines(void *argument)
{
	const struct lesson *lesson = argument;
	enum ilv_status status = ILV_STATUS_OK;
	char line[LINE_MAX_LENGTH];

	for (int64_t number = 0; number < lesson->line_count && status == ILV_STATUS_OK; number++) {
		char answers[4 * LINE_MAX_LENGTH];
		int length = 0;

		status = ilv_blocking_await_sleep(lesson->type_ns);
		length = snprintf(line, sizeof(line), "%" PRId64 "\n", ilv_trace_now_ns());
		if (status == ILV_STATUS_OK) {
			status = type_line(lesson->master_fd, line, (size_t)length);
		}

		/* What was answered so far; the rest goes with the terminal. */
		(void)!read(lesson->master_fd, answers, sizeof(answers));
	}

	return NULL;
}

/* A pair of ends of which one is a terminal, raw: neither echo nor editing. */
static enum ilv_status open_terminal(struct lesson *lesson)
{
	char name[TTY_NAME_SIZE];
	struct termios settings;

	lesson->master_fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (lesson->master_fd < 0 || grantpt(lesson->master_fd) != 0 ||
	    unlockpt(lesson->master_fd) != 0 ||
	    ptsname_r(lesson->master_fd, name, sizeof(name)) != 0) {
		ilv_cause_add("Cannot open a pseudo-terminal: error=\"%s\"", strerror(errno));
		return ILV_STATUS_IO;
	}

	lesson->tty_fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (lesson->tty_fd < 0 || tcgetattr(lesson->tty_fd, &settings) != 0) {
		ilv_cause_add("Cannot open terminal: path=\"%s\", error=\"%s\"", name,
			      strerror(errno));
		return ILV_STATUS_IO;
	}

	cfmakeraw(&settings);
	(void)tcsetattr(lesson->tty_fd, TCSANOW, &settings);

	return ILV_STATUS_OK;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	struct lesson *lesson = run->state;
	enum ilv_status status = ILV_STATUS_OK;

	*lesson = (struct lesson){
		.way = (enum way)(run->variant - variants),
		.master_fd = -1,
		.tty_fd = -1,
		.line_count = run->values[OPTION_LINES],
		.type_ns = run->values[OPTION_TYPE_MS] * NS_PER_MS,
		.request_count = run->values[OPTION_REQUESTS],
		.work_ns = run->values[OPTION_WORK_MS] * NS_PER_MS,
	};
	status = open_terminal(lesson);

	return status == ILV_STATUS_OK
		       ? ilv_server_start(run->values[OPTION_SERVICE_MS], &lesson->server)
		       : status;
}

static enum ilv_status spawn_all(struct lesson *lesson, int64_t download_count,
				 struct ilv_handle **handles, int64_t *spawned_count)
{
	enum ilv_status status = ilv_spawn(serve_terminal, lesson, "terminal", &handles[0]);

	*spawned_count = status == ILV_STATUS_OK;
	while (status == ILV_STATUS_OK && *spawned_count <= download_count) {
		char name[ILV_NAME_SIZE];

		(void)snprintf(name, sizeof(name), "download %lld", (long long)*spawned_count - 1);
		status = ilv_spawn(download, lesson, name, &handles[*spawned_count]);
		*spawned_count += status == ILV_STATUS_OK;
	}

	return status;
}

static void tell(struct ilv_run *run, const struct lesson *lesson)
{
	const int64_t mean_ns =
		lesson->answered_count > 0 ? lesson->answers_ns / lesson->answered_count : 0;

	ilv_run_count(run, "line_count", lesson->line_count);
	ilv_run_count(run, "answered_count", lesson->answered_count);
	ilv_run_count(run, "mean_answer_ns", mean_ns);
	ilv_run_count(run, "worst_answer_ns", lesson->worst_answer_ns);
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%lld %s typed beside %lld %s: answered after %.1f ms on average, "
		       "%.1f ms at worst",
		       (long long)lesson->answered_count,
		       ilv_plural(lesson->answered_count, "line", "lines"),
		       (long long)run->job_count,
		       ilv_plural(run->job_count, "download", "downloads"),
		       (double)mean_ns / NS_PER_MS, (double)lesson->worst_answer_ns / NS_PER_MS);
}

static enum ilv_status run(struct ilv_run *run)
{
	struct lesson *lesson = run->state;
	struct ilv_handle **handles =
		calloc((size_t)run->job_count + 1, sizeof(struct ilv_handle *));
	enum ilv_status status = ILV_STATUS_MEMORY;
	int64_t spawned_count = 0;
	pthread_t typist;
	bool has_typist = false;

	if (!handles) {
		ilv_cause_add("Cannot plan jobs: count=%lld", (long long)run->job_count);
		return status;
	}

	status = spawn_all(lesson, run->job_count, handles, &spawned_count);
	if (status == ILV_STATUS_OK) {
		/* Not of the program: it stands for a person, and is left out of the measures. */
		has_typist = ilv_thread_create(&typist, NULL, type_lines, lesson, "user",
					       ILV_ROLE_SERVER) == 0;
		status = has_typist ? ILV_STATUS_OK : ILV_STATUS_ERROR;
	}

	if (status < 0) {
		ilv_cause_add("Cannot begin to type");
		ilv_stop_request();
	}

	for (int64_t index = 0; index < spawned_count; index++) {
		enum ilv_status job_status = ilv_join(handles[index], NULL);

		if (job_status < 0) {
			ilv_stop_request(); /* The others wait for what does not come. */
		}

		/* What made the others stop counts for more than that they did. */
		if (job_status < 0 &&
		    (status == ILV_STATUS_OK || status == ILV_STATUS_INTERRUPTED)) {
			status = job_status;
		}
	}

	if (has_typist) {
		(void)ilv_thread_join(typist, NULL);
	}

	tell(run, lesson);
	free(handles);

	return status;
}

static void cleanup(struct ilv_run *run)
{
	struct lesson *lesson = run->state;

	ilv_server_stop(&lesson->server);
	if (lesson->tty_fd >= 0) {
		(void)close(lesson->tty_fd);
	}

	if (lesson->master_fd >= 0) {
		(void)close(lesson->master_fd);
	}
}

const struct ilv_workload ilv_workload_input = {
	.name = "input",
	.description = "a terminal served beside downloads: how long an answer takes",
	.shows = "Each ring on the terminal's lane is a line that was answered. Under threads the "
		 "kernel lets it in soon after each line is typed; in event-loop it waits until a "
		 "download gives way; in blocked there are no rings while the downloads compute, "
		 "and "
		 "the answers come all at once.",
	.job_noun = "downloads",
	.default_job_count = 3,
	.max_job_count = 1000,
	.options = options,
	.variants = variants,
	.state_size = sizeof(struct lesson),
	.prepare = prepare,
	.run = run,
	.cleanup = cleanup,
};
