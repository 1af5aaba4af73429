/* SPDX-License-Identifier: MIT */
/*
 * Description: a program that is switched more often than its recorder's rings have room for: it
 * stops the recorder's host, which is its parent, for the time of ROUNDS rounds of two threads on
 * one CPU. Each thread writes what the kernel counted for it, as switch_heavy does; nothing is lost
 * but between their first readings and their last.
 *
 * Usage: flood
 */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <interleave/trace.h>

enum {
	ROUND_COUNT = 50000,    /* four records each */
	LOOK_COUNT = 3,         /* at its rings, after which the host has emptied them */
	PATIENCE_COUNT = 20000, /* naps */
	NAP_NS = 1000000,
};

struct reading {
	int64_t time_ns;
	long voluntary_count;
	long involuntary_count;
};

static int there[2];
static int back[2];

static void require(bool is_good, const char *what)
{
	if (!is_good) {
		fprintf(stderr, "flood: %s failed\n", what);
		(void)kill(getppid(), SIGCONT);
		exit(EXIT_FAILURE);
	}
}

static struct reading read_counts(void)
{
	struct rusage before;
	struct rusage after;
	int64_t time_ns;

	do {
		getrusage(RUSAGE_THREAD, &before);
		time_ns = ilv_trace_now_ns();
		getrusage(RUSAGE_THREAD, &after);
	} while (before.ru_nvcsw != after.ru_nvcsw || before.ru_nivcsw != after.ru_nivcsw);

	return (struct reading){time_ns, after.ru_nvcsw, after.ru_nivcsw};
}

static void write_truth(const struct reading *from)
{
	const struct reading to = read_counts();

	printf("truth %d %d %lld %lld %ld %ld\n", getpid(), gettid(), (long long)from->time_ns,
	       (long long)to.time_ns, to.voluntary_count - from->voluntary_count,
	       to.involuntary_count - from->involuntary_count);
}

static void nap(void)
{
	const struct timespec time = {.tv_nsec = NAP_NS};

	(void)nanosleep(&time, NULL);
}

/* Reads a line "NAME:<tab>VALUE" of the status of a thread of the host. */
static bool read_status(const char *tid, const char *name, char *value, size_t size)
{
	char path[96];
	char line[256];
	bool is_found = false;
	FILE *file = NULL;

	snprintf(path, sizeof(path), "/proc/%d/task/%.20s/status", getppid(), tid);
	file = fopen(path, "re");
	while (file && !is_found && fgets(line, sizeof(line), file)) {
		is_found = strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':';
	}
	if (file) {
		fclose(file);
	}
	if (is_found) {
		line[strcspn(line, "\n")] = '\0';
		snprintf(value, size, "%s", line + strlen(name) + 2);
	}
	return is_found;
}

/* Whether all threads of the host stand still. Says how often its recorder has waited so far. */
static bool look_at_host(long *wait_count)
{
	char path[64];
	char value[64];
	bool is_still = true;
	const struct dirent *entry = NULL;
	DIR *tasks = NULL;

	snprintf(path, sizeof(path), "/proc/%d/task", getppid());
	tasks = opendir(path);
	require(tasks != NULL, path);
	while ((entry = readdir(tasks))) {
		if (entry->d_name[0] == '.') {
			continue;
		}
		is_still = is_still && read_status(entry->d_name, "State", value, sizeof(value)) &&
			   value[0] == 'T';
		if (read_status(entry->d_name, "Name", value, sizeof(value)) &&
		    strcmp(value, "ilv-recorder") == 0 &&
		    read_status(entry->d_name, "voluntary_ctxt_switches", value, sizeof(value))) {
			*wait_count = atol(value);
		}
	}
	closedir(tasks);
	return is_still;
}

static void stop_host(void)
{
	long wait_count = -1;
	int count = 0;

	require(kill(getppid(), SIGSTOP) == 0, "SIGSTOP");
	while (!look_at_host(&wait_count)) {
		require(count++ < PATIENCE_COUNT, "to stop the host");
		nap();
	}
	require(wait_count >= 0, "to find the recorder");
}

static void wake_host(void)
{
	long before_count = -1;
	long wait_count = -1;
	int count = 0;

	(void)look_at_host(&before_count);
	require(kill(getppid(), SIGCONT) == 0, "SIGCONT");
	for (wait_count = before_count; wait_count < before_count + LOOK_COUNT;
	     (void)look_at_host(&wait_count)) {
		require(count++ < PATIENCE_COUNT, "to see the recorder at work");
		nap();
	}
}

static void play(int round_count)
{
	char byte = 0;

	for (int round = 0; round < round_count; round++) {
		require(write(there[1], &byte, 1) == 1 && read(back[0], &byte, 1) == 1, "ping");
	}
}

static void *ping(void *unused)
{
	const struct reading from = read_counts();

	play(1); /* so the other one has its first reading too */
	stop_host();
	play(ROUND_COUNT);
	wake_host();
	close(there[1]);
	write_truth(&from);
	return unused;
}

static void *pong(void *unused)
{
	const struct reading from = read_counts();
	char byte = 0;

	while (read(there[0], &byte, 1) == 1) {
		require(write(back[1], &byte, 1) == 1, "pong");
	}
	write_truth(&from);
	return unused;
}

int main(void)
{
	const struct reading from = read_counts();
	pthread_t threads[2];
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	require(sched_setaffinity(0, sizeof(set), &set) == 0, "sched_setaffinity");
	require(pipe(there) == 0 && pipe(back) == 0, "pipe");
	require(pthread_create(&threads[0], NULL, pong, NULL) == 0, "pthread_create");
	require(pthread_create(&threads[1], NULL, ping, NULL) == 0, "pthread_create");
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	write_truth(&from);
	return 0;
}
