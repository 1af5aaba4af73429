/* SPDX-License-Identifier: MIT */
/*
 * Description: a process is killed in the midst of an event, when its room in the buffer is
 * reserved and not committed yet: all that others put into the buffer of that CPU from then on is
 * lost, and LTTng counts nothing as discarded.
 *
 * Usage: wedge COUNT CPU CPU TRUTH [stay]; its victim is "wedge CPU". It emits COUNT events on the
 * CPU whose buffer the victim has wedged, a few before and after on the other one, and writes how
 * many it emitted. With `stay` it ends where it is wedged, so that its last word is lost as well.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "tests/tracepoints/wedge_provider.h"

#include <interleave/trace.h>
#include <lttng/ust-events.h>

#define FEW 100

extern char **environ;

static void require(bool is_good, const char *what)
{
	if (!is_good) {
		fprintf(stderr, "wedge: %s failed\n", what);
		exit(EXIT_FAILURE);
	}
}

static void move_to(const char *cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)atoi(cpu), &set);
	require(sched_setaffinity(0, sizeof(set), &set) == 0, "sched_setaffinity");
}

static void die_instead(struct lttng_ust_ring_buffer_ctx *context)
{
	(void)context;
	(void)raise(SIGKILL);
}

/* Every event of a channel is committed through one table; this process's is exchanged. */
static void be_killed_in_next_event(void)
{
	static struct lttng_ust_channel_buffer_ops operations;
	const struct lttng_ust_tracepoint_probe *probe = lttng_ust_tracepoint_wedge___never.probes;
	const struct lttng_ust_event_common *event = NULL;
	const struct lttng_ust_event_recorder *recorder = NULL;

	require(probe != NULL, "the session, which has to record the event `wedge:never`,");
	event = probe->data;
	require(event->type == LTTNG_UST_EVENT_TYPE_RECORDER, "to get at the channel");
	recorder = event->child;
	operations = *recorder->chan->ops;
	operations.event_commit = die_instead;
	recorder->chan->ops = &operations;
}

static void emit(int64_t count)
{
	static int64_t number;

	for (int64_t index = 0; index < count; index++) {
		ilv_trace_shared_read(&number, index);
	}
}

static void send_victim(char *program, char *cpu)
{
	char *arguments[] = {program, cpu, NULL};
	pid_t victim = 0;
	int status = 0;

	require(posix_spawn(&victim, "/proc/self/exe", NULL, NULL, arguments, environ) == 0,
		"posix_spawn");
	while (waitpid(victim, &status, 0) < 0 && errno == EINTR) {
	}
	require(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "to kill the victim");
}

int main(int argc, char **argv)
{
	FILE *truth = NULL;
	int64_t count = 0;

	if (argc == 2) {
		move_to(argv[1]);
		be_killed_in_next_event();
		emit(1);
		return EXIT_FAILURE;
	}

	require(argc == 5 || (argc == 6 && strcmp(argv[5], "stay") == 0),
		"usage: wedge COUNT CPU CPU TRUTH [stay]");
	count = atoll(argv[1]);
	move_to(argv[3]);
	emit(FEW);
	send_victim(argv[0], argv[2]);
	move_to(argv[2]);
	emit(count);
	if (argc == 5) {
		move_to(argv[3]);
	}
	emit(FEW);
	truth = fopen(argv[4], "w");
	require(truth != NULL, argv[4]);
	fprintf(truth, "%d %" PRId64 "\n", getpid(), FEW + count + FEW);
	require(fclose(truth) == 0, argv[4]);

	return EXIT_SUCCESS;
}
