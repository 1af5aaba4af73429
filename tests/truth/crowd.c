/* SPDX-License-Identifier: MIT */
/*
 * Description: a program of many threads that are switched often and in every way, with children
 * that are forked, and one that is executed, which do the same. Each thread reads often what the
 * kernel counted for it, and its clocks; each process writes that, in the form of
 * docs/truth.schema.json as far as it is about threads, to PREFIX.N.json. Each thread has its
 * bursts besides, between which it was switched: [BEGIN_NS, CPU_NS, TASK_CLOCK_NS, END_NS, CPU_NS,
 * TASK_CLOCK_NS, number of switches before]. CPU_NS is CLOCK_THREAD_CPUTIME_ID; the task clock is
 * perf's (perf_event_open(2)), which every second thread asks for: -1 for the others.
 *
 * Usage: crowd PREFIX; the executed child is "crowd PREFIX N".
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <interleave/pthread.h>

enum {
	PIPE_PAIR_COUNT = 4,
	TURN_PAIR_COUNT = 2,
	COMPUTING_COUNT = 2,
	YIELDING_COUNT = 1,
	SLEEPING_COUNT = 2,
	THREAD_COUNT = 2 * PIPE_PAIR_COUNT + 2 * TURN_PAIR_COUNT + COMPUTING_COUNT +
		       YIELDING_COUNT + SLEEPING_COUNT,
	FORK_COUNT = 2,
	EXECUTED_NUMBER = FORK_COUNT + 1,
	ROUND_COUNT = 250,
	NAP_COUNT = 20,
};
#define COMPUTING_NS INT64_C(60000000)
#define YIELDING_NS  INT64_C(20000000)

#define CLOCKS_APART_NS 5000

/* What the kernel had counted at `time_ns`: two readings around it agree. */
struct reading {
	int64_t time_ns;
	int64_t cpu_ns;
	int64_t task_clock_ns; /* -1: nobody counts it for this thread */
	long voluntary_count;
	long involuntary_count;
};

/* The counts were the same from one to the other: in between the thread never left its CPU. */
struct burst {
	struct reading first;
	struct reading last;
};

struct member {
	pthread_t thread;
	const char *name;
	void (*work)(struct member *member);
	struct burst *bursts;
	size_t burst_count;
	size_t burst_capacity;
	pid_t tid;
	int in; /* pipe pairs: from here it is woken, there it wakes */
	int out;
	int task_clock_fd;
	bool has_task_clock;
	bool is_first;
	struct turns *turns;
};

struct turns {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool is_firsts;
};

extern char **environ;

static struct member members[THREAD_COUNT];
static struct member main_member = {.name = "main"};
static struct turns turns[TURN_PAIR_COUNT];

static void require(bool is_good, const char *what)
{
	if (!is_good) {
		fprintf(stderr, "crowd: %s failed\n", what);
		exit(EXIT_FAILURE);
	}
}

/* Counts what the calling thread is on a CPU, as perf sees it. */
static int open_task_clock(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_TASK_CLOCK,
		.exclude_kernel = 1, /* else it is not for everybody; this clock counts all */
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	require(fd >= 0, "perf_event_open");
	return fd;
}

/* All clocks are read within a few us, and within one stay on a CPU. */
static struct reading read_counts(const struct member *member)
{
	struct rusage before;
	struct rusage after;
	struct timespec cpu_time;
	int64_t time_ns;
	int64_t task_clock_ns = -1;

	do {
		getrusage(RUSAGE_THREAD, &before);
		time_ns = ilv_trace_now_ns();
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu_time);
		require(!member->has_task_clock ||
				read(member->task_clock_fd, &task_clock_ns,
				     sizeof(task_clock_ns)) == sizeof(task_clock_ns),
			"read of the task clock");
		if (ilv_trace_now_ns() - time_ns > CLOCKS_APART_NS) {
			before.ru_nvcsw = -1; /* once more */
		}
		getrusage(RUSAGE_THREAD, &after);
	} while (before.ru_nvcsw != after.ru_nvcsw || before.ru_nivcsw != after.ru_nivcsw);

	return (struct reading){
		.time_ns = time_ns,
		.cpu_ns = cpu_time.tv_sec * INT64_C(1000000000) + cpu_time.tv_nsec,
		.task_clock_ns = task_clock_ns,
		.voluntary_count = after.ru_nvcsw,
		.involuntary_count = after.ru_nivcsw,
	};
}

/* Takes a reading of the calling thread, whose switches it so divides into bursts. */
static void look(struct member *member)
{
	const struct reading now = read_counts(member);
	struct burst *burst =
		member->burst_count > 0 ? &member->bursts[member->burst_count - 1] : NULL;

	if (burst && burst->last.voluntary_count == now.voluntary_count &&
	    burst->last.involuntary_count == now.involuntary_count) {
		burst->last = now;
		return;
	}

	if (!member->bursts || member->burst_count == member->burst_capacity) {
		member->burst_capacity = 2 * member->burst_capacity + 1024;
		member->bursts =
			realloc(member->bursts, member->burst_capacity * sizeof(*member->bursts));
		require(member->bursts != NULL, "memory");
	}
	member->bursts[member->burst_count++] = (struct burst){now, now};
}

static void pass_bytes(struct member *member)
{
	char byte = 0;

	for (int round = 0; round < ROUND_COUNT; round++) {
		require(!member->is_first || write(member->out, &byte, 1) == 1, "write");
		look(member);
		ilv_trace_wait_begin(ILV_WAIT_REASON_READ, (uint64_t)member->in);
		require(read(member->in, &byte, 1) == 1, "read");
		ilv_trace_wait_end(ILV_WAIT_REASON_READ, (uint64_t)member->in);
		look(member);
		require(member->is_first || write(member->out, &byte, 1) == 1, "write");
	}
}

static void take_turns(struct member *member)
{
	struct turns *shared = member->turns;

	for (int round = 0; round < ROUND_COUNT; round++) {
		ilv_mutex_lock(&shared->mutex);
		while (shared->is_firsts != member->is_first) {
			ilv_cond_wait(&shared->cond, &shared->mutex);
			look(member);
		}
		shared->is_firsts = !member->is_first;
		pthread_cond_signal(&shared->cond);
		ilv_mutex_unlock(&shared->mutex);
		look(member);
	}
}

static void compute(struct member *member)
{
	const int64_t until_ns = ilv_trace_now_ns() + COMPUTING_NS;

	while (ilv_trace_now_ns() < until_ns) {
		look(member);
	}
}

static void yield_often(struct member *member)
{
	const int64_t until_ns = ilv_trace_now_ns() + YIELDING_NS;

	while (ilv_trace_now_ns() < until_ns) {
		ilv_sched_yield();
		look(member);
	}
}

static void take_naps(struct member *member)
{
	const struct timespec nap = {.tv_nsec = 1000000};

	for (int count = 0; count < NAP_COUNT; count++) {
		ilv_nanosleep(&nap, NULL);
		look(member);
	}
}

static void *run_member(void *argument)
{
	struct member *member = argument;

	if (member->has_task_clock) {
		member->task_clock_fd = open_task_clock();
	}
	look(member);
	member->tid = ilv_trace_tid();
	member->work(member);
	look(member);
	return NULL;
}

static struct member *add(size_t *count, const char *name, void (*work)(struct member *))
{
	struct member *member = &members[(*count)++];

	*member = (struct member){.name = name, .work = work, .has_task_clock = *count % 2 == 0};
	return member;
}

static void plan(void)
{
	size_t count = 0;

	for (int pair = 0; pair < PIPE_PAIR_COUNT; pair++) {
		struct member *first = add(&count, "ping", pass_bytes);
		struct member *second = add(&count, "pong", pass_bytes);
		int there[2];
		int back[2];

		require(pipe(there) == 0 && pipe(back) == 0, "pipe");
		first->is_first = true;
		first->out = there[1];
		second->in = there[0];
		second->out = back[1];
		first->in = back[0];
	}
	for (int pair = 0; pair < TURN_PAIR_COUNT; pair++) {
		struct member *first = add(&count, "first", take_turns);
		struct member *second = add(&count, "second", take_turns);

		require(ilv_mutex_init(&turns[pair].mutex, "turns") == 0, "mutex");
		require(pthread_cond_init(&turns[pair].cond, NULL) == 0, "condition");
		turns[pair].is_firsts = true;
		first->is_first = true;
		first->turns = &turns[pair];
		second->turns = &turns[pair];
	}
	for (int index = 0; index < COMPUTING_COUNT; index++) {
		add(&count, "computing", compute);
	}
	for (int index = 0; index < YIELDING_COUNT; index++) {
		add(&count, "yielding", yield_often);
	}
	for (int index = 0; index < SLEEPING_COUNT; index++) {
		add(&count, "sleeping", take_naps);
	}
}

static void work_together(void)
{
	plan();
	for (size_t index = 0; index < THREAD_COUNT; index++) {
		require(ilv_thread_create(&members[index].thread, NULL, run_member, &members[index],
					  members[index].name, ILV_ROLE_JOB) == 0,
			"thread");
	}
	for (size_t index = 0; index < THREAD_COUNT; index++) {
		ilv_thread_join(members[index].thread, NULL);
	}
	for (int pair = 0; pair < TURN_PAIR_COUNT; pair++) {
		ilv_mutex_destroy(&turns[pair].mutex);
	}
}

static void write_member(FILE *file, const struct member *member, const char *separator)
{
	const struct reading *begin = &member->bursts[0].first;
	const struct reading *end = &member->bursts[member->burst_count - 1].last;

	fprintf(file,
		"%s\n  {\"pid\": %d, \"tid\": %d, \"name\": \"%s\", \"started_ns\": %" PRId64
		", \"cpu_before_ns\": %" PRId64
		", \"voluntary_before_count\": %ld, \"involuntary_before_count\": %ld, "
		"\"read_at_ns\": %" PRId64 ", \"cpu_ns\": %" PRId64
		", \"voluntary_count\": %ld, \"involuntary_count\": %ld, \"bursts\": [",
		separator, ilv_trace_pid(), member->tid, member->name, begin->time_ns,
		begin->cpu_ns, begin->voluntary_count, begin->involuntary_count, end->time_ns,
		end->cpu_ns, end->voluntary_count, end->involuntary_count);
	for (size_t index = 0; index < member->burst_count; index++) {
		const struct burst *burst = &member->bursts[index];

		fprintf(file,
			"%s\n    [%" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64
			", %" PRId64 ", %ld]",
			index ? "," : "", burst->first.time_ns, burst->first.cpu_ns,
			burst->first.task_clock_ns, burst->last.time_ns, burst->last.cpu_ns,
			burst->last.task_clock_ns,
			burst->last.voluntary_count + burst->last.involuntary_count);
	}
	fprintf(file, "]}");
}

static void write_truth(const char *prefix, int number)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s.%d.json", prefix, number);
	file = fopen(path, "w");
	require(file != NULL, path);
	fprintf(file, "{\"format\": \"interleave-truth\", \"threads\": [");
	for (size_t index = 0; index < THREAD_COUNT; index++) {
		write_member(file, &members[index], index ? "," : "");
	}
	write_member(file, &main_member, ",");
	fprintf(file, "\n]}\n");
	require(fclose(file) == 0, path);
}

static void work_and_write(const char *prefix, int number)
{
	look(&main_member);
	main_member.tid = ilv_trace_tid();
	work_together();
	look(&main_member);
	write_truth(prefix, number);
}

static pid_t spawn_executed(char *program, char *prefix)
{
	char number[16];
	char *arguments[] = {program, prefix, number, NULL};
	pid_t child;

	snprintf(number, sizeof(number), "%d", EXECUTED_NUMBER);
	require(posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ) == 0,
		"spawn");
	ilv_trace_process_spawn(child, ILV_SPAWN_METHOD_SPAWN);
	return child;
}

static void wait_for(pid_t child)
{
	int status = -1;

	ilv_trace_process_wait_begin(child);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	ilv_trace_process_wait_end(child, status);
	require(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child");
}

int main(int argc, char **argv)
{
	pid_t children[EXECUTED_NUMBER];

	if (argc == 3) {
		work_and_write(argv[1], atoi(argv[2]));
		return 0;
	}
	require(argc == 2, "usage: crowd PREFIX");

	ilv_trace_run_begin("crowd", "threads", NULL, "", ILV_UNIT_THREAD);
	for (int number = 1; number <= FORK_COUNT; number++) {
		children[number - 1] = ilv_fork("crowd-child", ILV_ROLE_OTHER);
		require(children[number - 1] >= 0, "fork");
		if (children[number - 1] == 0) {
			work_and_write(argv[1], number);
			return 0;
		}
	}
	children[FORK_COUNT] = spawn_executed(argv[0], argv[1]);
	work_and_write(argv[1], 0);
	for (int index = 0; index < EXECUTED_NUMBER; index++) {
		wait_for(children[index]);
	}
	ilv_trace_run_end(0);
	return 0;
}
