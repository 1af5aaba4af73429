/* SPDX-License-Identifier: MIT */
/*
 * Description: the process that keeps a private PostgreSQL server: it makes a database, starts the
 * server on a Unix socket, and waits for the end of the run; then it stops the server and removes
 * the folder. PostgreSQL refuses to run as root, so root hands it to another user.
 */
#include "workloads/database_server.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "workloads/scratch.h"
#include "workloads/server.h"
#include "workloads/stop.h"

#define ARGUMENT_COUNT   8
#define WORD_MAX         48
#define LINE_SIZE        512
#define SPARE_CONNECTION 8     /* the server keeps a few for its superuser */
#define PATIENCE_MS      10000 /* after which a stop is meant more seriously */
#define SERVES_WORDS     "database system is ready to accept connections"

static struct {
	int ready_fd;
	int lifeline_fd;
	const char *folder;   /* the temporary one; ours to remove */
	const char *programs; /* where initdb and postgres are */
	const char *connection_count;
	char server_folder[PATH_MAX];
	bool is_handed_over; /* to the user whose numbers follow */
	char uid[16];
	char gid[16];

	/* The program that runs, and what it says on its standard error. */
	pid_t pid;
	int log_fd;
	char line[LINE_SIZE]; /* as far as it came */
	size_t line_length;
	char complaint[LINE_SIZE]; /* the last line that looked like one */
	bool serves;
} keeper;

/* Says the one line that the run waits for. */
static void tell(const char *words)
{
	char line[2 * LINE_SIZE];
	const int length = snprintf(line, sizeof(line), "%s\n", words);

	if (keeper.ready_fd >= 0) {
		if (write(keeper.ready_fd, line, (size_t)length) < 0) {
			/* The run is gone, which the lifeline says too. */
		}

		(void)close(keeper.ready_fd);
		keeper.ready_fd = -1;
	}
}

static void fail(const char *what)
{
	char words[LINE_SIZE + 128];

	(void)snprintf(words, sizeof(words), "%s%s%s", what, keeper.complaint[0] ? ": " : "",
		       keeper.complaint);
	tell(words);
}

/* Makes the folder in which the server lives, for root in another user's name. */
static bool make_server_folder(void)
{
	const struct passwd *user = NULL;

	(void)snprintf(keeper.server_folder, sizeof(keeper.server_folder),
		       "%s/" ILV_DATABASE_FOLDER, keeper.folder);
	if (mkdir(keeper.server_folder, 0700) != 0) {
		return false;
	}

	if (geteuid() != 0) {
		return true;
	}

	user = getpwnam("postgres");
	if (!user) {
		user = getpwnam("nobody");
	}

	if (!user || chown(keeper.server_folder, user->pw_uid, user->pw_gid) != 0) {
		return false;
	}

	keeper.is_handed_over = true;
	(void)snprintf(keeper.uid, sizeof(keeper.uid), "%u", (unsigned int)user->pw_uid);
	(void)snprintf(keeper.gid, sizeof(keeper.gid), "%u", (unsigned int)user->pw_gid);

	return true;
}

/*
 * Starts `program` with `words` (NULL-terminated), as the server's user, with `death_signal` for
 * when this process dies. setpriv does both after the fork, where a program with threads must not.
 */
static bool start_program(const char *program, const char *death_signal, const char *const *words)
{
	char path[PATH_MAX];
	char *arguments[WORD_MAX];
	size_t count = 0;
	int log_pipe[2];
	posix_spawn_file_actions_t actions;
	int error = 0;

	if (pipe2(log_pipe, O_CLOEXEC) != 0) {
		return false;
	}

	(void)snprintf(path, sizeof(path), "%s/%s", keeper.programs, program);
	arguments[count++] = "setpriv";
	arguments[count++] = "--pdeathsig";
	arguments[count++] = (char *)death_signal;
	if (keeper.is_handed_over) {
		arguments[count++] = "--clear-groups";
		arguments[count++] = "--reuid";
		arguments[count++] = keeper.uid;
		arguments[count++] = "--regid";
		arguments[count++] = keeper.gid;
	}

	arguments[count++] = "--";
	arguments[count++] = path;
	while (*words && count < WORD_MAX - 1) {
		arguments[count++] = (char *)*words++;
	}

	arguments[count] = NULL;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, log_pipe[1], STDERR_FILENO);
	error = posix_spawnp(&keeper.pid, arguments[0], &actions, NULL, arguments, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(log_pipe[1]);
	if (error != 0) {
		(void)close(log_pipe[0]);
		keeper.pid = 0;
		(void)snprintf(keeper.complaint, sizeof(keeper.complaint),
			       "setpriv (apt-get install util-linux): %s", strerror(error));
		return false;
	}

	ilv_trace_process_spawn(keeper.pid, ILV_SPAWN_METHOD_SPAWN);
	keeper.log_fd = log_pipe[0];

	return true;
}

static void read_line(void)
{
	keeper.line[keeper.line_length] = '\0';
	keeper.line_length = 0;
	if (strstr(keeper.line, SERVES_WORDS)) {
		keeper.serves = true;
	} else if (strstr(keeper.line, "FATAL:") || strstr(keeper.line, "error:") ||
		   strstr(keeper.line, "setpriv:") ||
		   (!keeper.complaint[0] && strncmp(keeper.line, "initdb: ", 8) == 0)) {
		memcpy(keeper.complaint, keeper.line, sizeof(keeper.complaint));
	}
}

/* Reads what the program said; false once nobody can say more: it is gone with all its children. */
static bool read_log(void)
{
	char bytes[1024];
	const ssize_t length = read(keeper.log_fd, bytes, sizeof(bytes));

	for (ssize_t index = 0; index < length; index++) {
		if (bytes[index] == '\n') {
			read_line();
		} else if (keeper.line_length < sizeof(keeper.line) - 1) {
			keeper.line[keeper.line_length++] = bytes[index];
		}
	}

	return length > 0 || (length < 0 && errno == EINTR);
}

/* Waits for the program, and returns its exit status; 128 + N for a signal. */
static int reap(void)
{
	int wait_status = 0;
	pid_t waited = -1;
	int exit_status = -1;

	(void)close(keeper.log_fd);
	ilv_trace_process_wait_begin(keeper.pid);
	do {
		waited = waitpid(keeper.pid, &wait_status, 0);
	} while (waited < 0 && errno == EINTR);

	if (waited == keeper.pid) {
		exit_status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status)
						     : 128 + WTERMSIG(wait_status);
	}

	ilv_trace_process_wait_end(waited, exit_status);
	keeper.pid = 0;

	return exit_status;
}

/*
 * Follows the program until it ends; asks it to end once the run is over, or once `until` is true.
 * Returns false if it was asked to end.
 */
static bool follow(const bool *until)
{
	/* What to ask with, ever more seriously: fast, immediate, none. */
	static const int signals[] = {SIGINT, SIGQUIT, SIGKILL};
	struct pollfd descriptors[3] = {
		{.fd = keeper.log_fd, .events = POLLIN},
		{.fd = keeper.lifeline_fd, .events = POLLIN},
		{.fd = ilv_stop_fd(), .events = POLLIN},
	};
	size_t asked_count = 0;

	for (;;) {
		const int count = poll(descriptors, asked_count > 0 ? 1 : 3,
				       asked_count > 0 ? PATIENCE_MS : -1);

		if (count < 0) {
			continue;
		}

		if (descriptors[0].revents && !read_log()) {
			return asked_count == 0;
		}

		if (until && *until && asked_count == 0) {
			return true;
		}

		if ((asked_count == 0 && (descriptors[1].revents || descriptors[2].revents)) ||
		    count == 0) {
			(void)kill(keeper.pid, signals[asked_count]);
			asked_count += asked_count < 2;
		}
	}
}

/* Makes the database's files; false when that failed, or the run is over. */
static bool make_database(void)
{
	char data[PATH_MAX + 8];
	const char *words[] = {"-A",   "trust", "-N", "-U", ILV_DATABASE_USER, "--locale=C", "-E",
			       "UTF8", "-D",    data, NULL};
	bool is_undisturbed = false;
	int exit_status = 0;

	(void)snprintf(data, sizeof(data), "%s/data", keeper.server_folder);
	if (!start_program("initdb", "TERM", words)) {
		fail("Cannot start initdb");
		return false;
	}

	is_undisturbed = follow(NULL);
	exit_status = reap();
	if (exit_status != 0) {
		if (exit_status >= 128) {
			/* What it left unfinished complains of something else. */
			keeper.complaint[0] = '\0';
		}

		fail(exit_status < 128 ? "initdb failed" : "initdb was killed");
		return false;
	}

	return is_undisturbed;
}

/* Lets the server serve until the run is over. Returns whether it did. */
static bool serve(void)
{
	char data[PATH_MAX + 8];
	char connections[48];
	/* Its data is thrown away, so nothing needs to survive a crash. Shared memory lies in files
	 * of its folder, so that it goes with it. */
	const char *words[] = {"-D", data,
			       "-k", keeper.server_folder,
			       "-p", ILV_DATABASE_PORT,
			       "-F", /* no fsync */
			       "-c", "listen_addresses=",
			       "-c", connections,
			       "-c", "dynamic_shared_memory_type=mmap",
			       "-c", "shared_buffers=16MB",
			       "-c", "full_page_writes=off",
			       "-c", "synchronous_commit=off",
			       "-c", "wal_level=minimal",
			       "-c", "max_wal_senders=0",
			       "-c", "autovacuum=off",
			       "-c", "logging_collector=off",
			       NULL};
	bool is_undisturbed = false;

	(void)snprintf(data, sizeof(data), "%s/data", keeper.server_folder);
	(void)snprintf(connections, sizeof(connections), "max_connections=%lld",
		       strtoll(keeper.connection_count, NULL, 10) + SPARE_CONNECTION);
	keeper.complaint[0] = '\0';
	if (!start_program("postgres", "INT", words)) {
		fail("Cannot start postgres");
		return false;
	}

	is_undisturbed = follow(&keeper.serves);
	if (is_undisturbed && keeper.serves) {
		tell(ILV_DATABASE_READY);
		is_undisturbed = follow(NULL);
	}

	(void)reap();
	fail("postgres ended"); /* which only a run hears that still waits for it to serve */

	return !is_undisturbed;
}

int ilv_database_server_main(int argument_count, char **arguments)
{
	bool is_served = false;

	/* Only ever started by ilv_database_start(). */
	if (argument_count != ARGUMENT_COUNT) {
		fprintf(stderr, "interleave-workload: %s %s is for the program's own use\n",
			ILV_SERVER_COMMAND, ILV_DATABASE_COMMAND);
		return 2;
	}

	ilv_trace_process_start(getppid(), "database", ILV_ROLE_SERVER, ilv_trace_now_ns());
	ilv_trace_thread_announce(ilv_trace_tid(), "database", ILV_ROLE_SERVER);
	(void)prctl(PR_SET_NAME, "database");
	if (ilv_stop_install() < 0) {
		return 1;
	}

	/* However the parent ends, the lifeline closes. A signal at its death would come once for
	 * each of its threads, and the second one ends a program at once. */
	if (getppid() != (pid_t)atol(arguments[4])) {
		ilv_stop_request();
	}

	keeper.ready_fd = atoi(arguments[1]);
	keeper.lifeline_fd = atoi(arguments[2]);
	keeper.folder = arguments[5];
	keeper.programs = arguments[6];
	keeper.connection_count = arguments[7];
	(void)signal(SIGPIPE, SIG_IGN);
	(void)fcntl(keeper.ready_fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(keeper.lifeline_fd, F_SETFD, FD_CLOEXEC);
	/* The lock (arguments[3]) is passed on: the folder is in use for as long as the server
	 * lives. Messages are read by words, so they must be in one language. */
	(void)setenv("LC_ALL", "C", 1);
	if (chdir("/") != 0 || !make_server_folder()) {
		fail("Cannot make a folder for the server");
	} else {
		is_served = make_database() && serve();
	}

	ilv_scratch_remove_tree(keeper.folder);

	return is_served ? 0 : 1;
}
