/* SPDX-License-Identifier: MIT */
/* Description: reads what the limits of the system are and how much of each is used. */
#include "workloads/runtimes/refusal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cause.h"

#define UNKNOWN   INT64_C(-1)
#define PATH_SIZE 512
#define LINE_SIZE 512
#define KIB       INT64_C(1024)

/* Numbers below 300 are not given out again, and others come and go while we look. */
#define PID_SLACK 512
/* A thread takes a stack and its guard, and allocators take some mappings at a time. */
#define MAP_SLACK 8
/* What a thread's stack, or the copy of a process, may need besides its own size. */
#define MEMORY_SLACK_KIB (16 * KIB)

struct limit {
	const char *name; /* as the user finds it */
	int64_t max;      /* UNKNOWN: there is none */
	int64_t used;     /* UNKNOWN: cannot be told */
	int64_t slack;    /* so close to it, it is used up */
};

/* Reads the first number of a file; UNKNOWN when there is none, as where it says "max". */
static int64_t read_number(const char *path)
{
	long long number = UNKNOWN;
	FILE *file = fopen(path, "re");

	if (file) {
		if (fscanf(file, "%lld", &number) != 1) {
			number = UNKNOWN;
		}

		(void)fclose(file);
	}

	return number;
}

/* Reads the number of the line of `path` that begins with `key`. */
static int64_t read_field(const char *path, const char *key)
{
	const size_t length = strlen(key);
	char line[LINE_SIZE];
	int64_t number = UNKNOWN;
	FILE *file = fopen(path, "re");

	while (file && number == UNKNOWN && fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, length) == 0) {
			number = strtoll(line + length, NULL, 10);
		}
	}

	if (file) {
		(void)fclose(file);
	}

	return number;
}

static int64_t own_limit(int resource)
{
	struct rlimit limit = {.rlim_cur = RLIM_INFINITY};

	(void)getrlimit((__rlimit_resource_t)resource, &limit);

	return limit.rlim_cur == RLIM_INFINITY ? UNKNOWN : (int64_t)limit.rlim_cur;
}

/* Threads of the whole system: the second half of the fourth word. */
static int64_t system_thread_count(void)
{
	long long count = UNKNOWN;
	FILE *file = fopen("/proc/loadavg", "re");

	if (file) {
		if (fscanf(file, "%*f %*f %*f %*d/%lld", &count) != 1) {
			count = UNKNOWN;
		}

		(void)fclose(file);
	}

	return count;
}

/* Threads of all processes of our user, whom alone the kernel counts together. */
static int64_t user_thread_count(void)
{
	DIR *processes = opendir("/proc");
	const struct dirent *entry = NULL;
	int64_t count = 0;

	while (processes && (entry = readdir(processes))) {
		char path[sizeof("/proc//status") + sizeof(entry->d_name)];

		if (!isdigit((unsigned char)entry->d_name[0])) {
			continue;
		}

		(void)snprintf(path, sizeof(path), "/proc/%s/status", entry->d_name);
		if (read_field(path, "Uid:") == (int64_t)getuid()) {
			const int64_t own_count = read_field(path, "Threads:");

			count += own_count > 0 ? own_count : 0;
		}
	}

	if (processes) {
		(void)closedir(processes);
	}

	return processes ? count : UNKNOWN;
}

static int64_t count_lines(const char *path)
{
	FILE *file = fopen(path, "re");
	int64_t count = 0;
	int byte = 0;

	if (!file) {
		return UNKNOWN;
	}

	while ((byte = getc_unlocked(file)) != EOF) {
		count += byte == '\n';
	}

	(void)fclose(file);

	return count;
}

/*
 * Descriptors below `limit`, which is a bound on their numbers: one beyond it, inherited from a
 * process with more, takes none of those that may be had.
 */
static int64_t descriptor_count(int64_t limit)
{
	DIR *descriptors = opendir("/proc/self/fd");
	const struct dirent *entry = NULL;
	int64_t count = 0;

	if (!descriptors) {
		return errno == EMFILE ? limit : UNKNOWN;
	}

	while ((entry = readdir(descriptors))) {
		const int64_t number = strtoll(entry->d_name, NULL, 10);

		count += isdigit((unsigned char)entry->d_name[0]) && number != dirfd(descriptors) &&
			 (limit == UNKNOWN || number < limit);
	}

	(void)closedir(descriptors);

	return count;
}

/* Fills in the limit of the group that is nearest to its own, ours or one around it. */
static void read_group_limit(struct limit *limit)
{
	char folder[PATH_SIZE] = "";
	char line[PATH_SIZE];
	FILE *file = fopen("/proc/self/cgroup", "re");

	while (file && fgets(line, sizeof(line), file)) {
		const char *path = strrchr(line, ':');

		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::", 3) == 0 && !folder[0]) {
			(void)snprintf(folder, sizeof(folder), "/sys/fs/cgroup%.400s", path + 1);
		} else if (strstr(line, ":pids:")) {
			(void)snprintf(folder, sizeof(folder), "/sys/fs/cgroup/pids%.400s",
				       path + 1);
		}
	}

	if (file) {
		(void)fclose(file);
	}

	while (strncmp(folder, "/sys/fs/cgroup", strlen("/sys/fs/cgroup")) == 0) {
		char path[PATH_SIZE + sizeof("/pids.current")];
		int64_t max = 0;
		int64_t used = 0;

		(void)snprintf(path, sizeof(path), "%s/pids.max", folder);
		max = read_number(path);
		(void)snprintf(path, sizeof(path), "%s/pids.current", folder);
		used = read_number(path);
		if (max != UNKNOWN &&
		    (limit->max == UNKNOWN || max - used < limit->max - limit->used)) {
			limit->max = max;
			limit->used = used;
		}

		*strrchr(folder, '/') = '\0';
	}
}

static bool is_used_up(const struct limit *limit)
{
	return limit->max != UNKNOWN && limit->used != UNKNOWN &&
	       limit->used + limit->slack >= limit->max;
}

/* Spells those that are used up or, with `is_all`, all; returns how many. */
static size_t spell(const struct limit *limits, size_t count, bool is_all, FILE *stream)
{
	size_t spelled_count = 0;

	for (size_t index = 0; index < count; index++) {
		const struct limit *limit = &limits[index];

		if (!is_all && !is_used_up(limit)) {
			continue;
		}

		(void)fprintf(stream, "%s%s ", spelled_count > 0 ? ", " : "", limit->name);
		if (limit->max == UNKNOWN) {
			(void)fprintf(stream, "unlimited");
		} else if (limit->used == UNKNOWN) {
			(void)fprintf(stream, "%" PRId64, limit->max);
		} else {
			(void)fprintf(stream, "%" PRId64 " (%" PRId64 " in use)", limit->max,
				      limit->used);
		}

		spelled_count++;
	}

	return spelled_count;
}

void ilv_refusal_explain(const char *what, int error)
{
	const int64_t stack_limit = own_limit(RLIMIT_STACK);
	const int64_t memory_limit = own_limit(RLIMIT_AS);
	const int64_t descriptor_limit = own_limit(RLIMIT_NOFILE);
	struct limit limits[] = {
		{"pid_max", read_number("/proc/sys/kernel/pid_max"), system_thread_count(),
		 PID_SLACK},
		{"threads-max", read_number("/proc/sys/kernel/threads-max"), system_thread_count(),
		 1},
		{"ulimit -u", own_limit(RLIMIT_NPROC), user_thread_count(), 1},
		{"pids.max of the control group", UNKNOWN, UNKNOWN, 1},
		{"max_map_count", read_number("/proc/sys/vm/max_map_count"),
		 count_lines("/proc/self/maps"), MAP_SLACK},
		{"ulimit -v", memory_limit == UNKNOWN ? UNKNOWN : memory_limit / KIB,
		 read_field("/proc/self/status", "VmSize:"),
		 MEMORY_SLACK_KIB + (stack_limit == UNKNOWN ? 0 : stack_limit / KIB)},
		{"ulimit -n", descriptor_limit, descriptor_count(descriptor_limit), 1},
	};
	const size_t count = sizeof(limits) / sizeof(limits[0]);
	char met[LINE_SIZE] = "";
	char all[LINE_SIZE] = "";
	FILE *stream = NULL;
	size_t met_count = 0;

	read_group_limit(&limits[3]);
	stream = fmemopen(met, sizeof(met), "w");
	if (stream) {
		met_count = spell(limits, count, false, stream);
		(void)fclose(stream);
	}

	stream = fmemopen(all, sizeof(all), "w");
	if (stream) {
		(void)spell(limits, count, true, stream);
		(void)fclose(stream);
	}

	ilv_cause_add("the system has no room for one more %s (%s); %s%s", what, strerror(error),
		      met_count > 0     ? "the limit met is "
		      : error == ENOMEM ? "memory is used up; limits: "
					: "limits, none of which seems to be met: ",
		      met_count > 0 ? met : all);
}
