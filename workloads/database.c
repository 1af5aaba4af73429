/* SPDX-License-Identifier: MIT */
/* Description: the run's side of its database: finds PostgreSQL, starts the keeper, and ends it. */
#include "workloads/database.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/database_server.h"
#include "workloads/database_url.h"
#include "workloads/runtimes/process_child.h"
#include "workloads/server.h"
#include "workloads/stop.h"

#define START_TIMEOUT_MS 60000
#define STOP_TIMEOUT_MS  30000

/* Puts the folder of `initdb` into `folder` if that is one with all that a server needs. */
static bool has_programs(const char *initdb, char folder[PATH_MAX])
{
	char postgres[PATH_MAX + sizeof("/postgres")];

	/* Distributions may link to it from elsewhere; its siblings are beside the real one. */
	if (access(initdb, X_OK) != 0 || !realpath(initdb, folder)) {
		return false;
	}

	*strrchr(folder, '/') = '\0';
	(void)snprintf(postgres, sizeof(postgres), "%s/postgres", folder);

	return access(postgres, X_OK) == 0;
}

static bool find_on_path(char folder[PATH_MAX])
{
	const char *path = getenv("PATH");

	while (path && *path) {
		const size_t length = strcspn(path, ":");
		char initdb[PATH_MAX];

		(void)snprintf(initdb, sizeof(initdb), "%.*s/initdb", (int)length, path);
		if (length > 0 && has_programs(initdb, folder)) {
			return true;
		}

		path += length + (path[length] == ':');
	}

	return false;
}

/* Debian keeps them off the PATH, each version in a folder of its own; the highest comes last. */
static bool find_in_versions(const char *pattern, char folder[PATH_MAX])
{
	glob_t found = {0};
	bool is_found = false;

	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t index = found.gl_pathc; index > 0 && !is_found; index--) {
			is_found = has_programs(found.gl_pathv[index - 1], folder);
		}
	}

	globfree(&found);

	return is_found;
}

static bool ask_pg_config(char folder[PATH_MAX])
{
	char initdb[PATH_MAX];
	FILE *answer = popen("pg_config --bindir 2>/dev/null", "re");
	bool is_found = false;

	if (!answer) {
		return false;
	}

	if (fgets(initdb, sizeof(initdb) - sizeof("/initdb"), answer)) {
		initdb[strcspn(initdb, "\n")] = '\0';
		(void)strcat(initdb, "/initdb");
		is_found = has_programs(initdb, folder);
	}

	(void)pclose(answer);

	return is_found;
}

static enum ilv_status find_programs(char folder[PATH_MAX])
{
	if (find_on_path(folder) || find_in_versions("/usr/lib/postgresql/*/bin/initdb", folder) ||
	    find_in_versions("/usr/pgsql-*/bin/initdb", folder) || ask_pg_config(folder)) {
		return ILV_STATUS_OK;
	}

	ilv_cause_add("PostgreSQL is not installed: apt-get install postgresql, or say with "
		      "--database-url where a server is");

	return ILV_STATUS_UNSUPPORTED;
}

static enum ilv_status spawn_keeper(struct ilv_database *database, const char *programs,
				    int64_t connection_count, int ready_fd, int lifeline_fd)
{
	enum ilv_status status = ILV_STATUS_OK;
	char numbers[5][24];
	char programs_text[PATH_MAX];
	char *arguments[] = {"interleave-workload",
			     ILV_SERVER_COMMAND,
			     ILV_DATABASE_COMMAND,
			     numbers[0],
			     numbers[1],
			     numbers[2],
			     numbers[3],
			     database->scratch.path,
			     programs_text,
			     numbers[4],
			     NULL};
	const int kept_fds[] = {ready_fd, lifeline_fd, database->scratch.lock_fd};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error = 0;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attributes);
	for (size_t index = 0; index < sizeof(kept_fds) / sizeof(kept_fds[0]); index++) {
		(void)snprintf(numbers[index], sizeof(numbers[index]), "%d", kept_fds[index]);
		/* A descriptor duplicated onto itself is one that survives the exec. */
		(void)posix_spawn_file_actions_adddup2(&actions, kept_fds[index], kept_fds[index]);
	}

	(void)snprintf(numbers[3], sizeof(numbers[3]), "%d", (int)getpid());
	(void)snprintf(numbers[4], sizeof(numbers[4]), "%lld", (long long)connection_count);
	(void)snprintf(programs_text, sizeof(programs_text), "%s", programs);
	/* In a group of its own a Ctrl-C at the terminal ends the run, and the run its server. */
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	(void)posix_spawnattr_setpgroup(&attributes, 0);

	error = posix_spawn(&database->keeper_pid, "/proc/self/exe", &actions, &attributes,
			    arguments, environ);
	if (error != 0) {
		ilv_cause_add("Cannot spawn the database's process: errno=%d", error);
		database->keeper_pid = 0;
		status = ILV_STATUS_ERROR;
	} else {
		ilv_trace_process_spawn(database->keeper_pid, ILV_SPAWN_METHOD_SPAWN);
	}

	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);

	return status;
}

/* Waits for the one line that the keeper says when the server serves, or cannot. */
static enum ilv_status wait_until_ready(int fd)
{
	struct pollfd descriptors[2] = {
		{.fd = fd, .events = POLLIN},
		{.fd = ilv_stop_fd(), .events = POLLIN},
	};
	char line[1024] = "";
	ssize_t length = 0;
	int ready_count = 0;

	do {
		ready_count = poll(descriptors, 2, START_TIMEOUT_MS);
	} while (ready_count < 0 && errno == EINTR && !ilv_stop_is_requested());

	if (ilv_stop_is_requested()) {
		return ILV_STATUS_INTERRUPTED;
	}

	if (ready_count > 0) {
		length = read(fd, line, sizeof(line) - 1);
	}

	if (length > 0) {
		line[strcspn(line, "\n")] = '\0';
	}

	if (strcmp(line, ILV_DATABASE_READY) != 0) {
		ilv_cause_add("%s", line[0]            ? line
				    : ready_count == 0 ? "it did not serve in time"
						       : "its process ended");
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

static void close_if_open(int *fd)
{
	if (*fd >= 0) {
		(void)close(*fd);
		*fd = -1;
	}
}

static enum ilv_status start_private(int64_t connection_count, struct ilv_database *database)
{
	char programs[PATH_MAX];
	int ready_pipe[2] = {-1, -1};
	int lifeline[2] = {-1, -1};
	enum ilv_status status = find_programs(programs);

	if (status < 0) {
		return status;
	}

	/* The server's user is another than root. */
	status = ilv_scratch_create(NULL, geteuid() == 0, &database->scratch);
	if (status < 0) {
		goto end;
	}

	if (pipe2(ready_pipe, O_CLOEXEC) != 0 || pipe2(lifeline, O_CLOEXEC) != 0) {
		ilv_cause_add("Cannot open a pipe: errno=%d", errno);
		status = ILV_STATUS_ERROR;
		goto end;
	}

	status = spawn_keeper(database, programs, connection_count, ready_pipe[1], lifeline[0]);
	if (status < 0) {
		goto end;
	}

	database->lifeline_fd = lifeline[1];
	lifeline[1] = -1;
	/* With our end closed, a keeper that dies before it says anything is noticed. */
	close_if_open(&ready_pipe[1]);
	status = wait_until_ready(ready_pipe[0]);
	(void)snprintf(database->url, sizeof(database->url),
		       "host=%s/" ILV_DATABASE_FOLDER " port=" ILV_DATABASE_PORT
		       " user=" ILV_DATABASE_USER " dbname=postgres sslmode=disable "
		       "gssencmode=disable",
		       database->scratch.path);

end:
	close_if_open(&ready_pipe[0]);
	close_if_open(&ready_pipe[1]);
	close_if_open(&lifeline[0]);
	close_if_open(&lifeline[1]);
	if (status < 0) {
		ilv_cause_add("Cannot start a private PostgreSQL server");
	}

	return status;
}

static enum ilv_status keep_url(const char *url, struct ilv_database *database)
{
	const enum ilv_status status = ilv_database_url_check(url, sizeof(database->url));

	if (status == ILV_STATUS_OK) {
		(void)snprintf(database->url, sizeof(database->url), "%s", url);
	}

	return status;
}

enum ilv_status ilv_database_start(const char *url, int64_t connection_count,
				   struct ilv_database *database)
{
	*database = (struct ilv_database){.lifeline_fd = -1, .scratch = {.lock_fd = -1}};

	return url ? keep_url(url, database) : start_private(connection_count, database);
}

void ilv_database_stop(struct ilv_database *database)
{
	if (database->keeper_pid > 0) {
		close_if_open(&database->lifeline_fd);
		(void)ilv_process_wait(database->keeper_pid);
		/* A keeper that was killed leaves a server which is asked to end, and does in its
		 * time. */
		ilv_scratch_await(&database->scratch, STOP_TIMEOUT_MS);
	}

	ilv_scratch_remove(&database->scratch); /* if the keeper could not */
	*database = (struct ilv_database){.lifeline_fd = -1, .scratch = {.lock_fd = -1}};
}
