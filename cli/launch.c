/* SPDX-License-Identifier: MIT */
/* Description: starts a program stopped before its exec, the recorder on it, and sees both to their
 * end. */
#include "cli/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "cli/processes.h"
#include "cli/signals.h"
#include "recorder/recorder.h"

#define WORKLOAD         "interleave-workload"
#define PATIENCE_NS      (5 * INT64_C(1000000000)) /* from the first signal to SIGKILL */
#define IDLE_MS          60000
#define GROUP_TIMEOUT_MS 2000
#define SETTING_MAX      128
#define WRONG_USAGE      2 /* the workload's exit status when its arguments make no sense */

/* The child between fork and exec: one descriptor says "go", with a setting for its environment;
 * one says why not. */
struct child {
	pid_t pid;
	int go_fd;
	int failure_fd;
};

static bool is_program(const char *path)
{
	return access(path, X_OK) == 0;
}

/* `*path` becomes folder/interleave-workload when that can be run. */
static bool try_folder(const char *folder, size_t length, char **path)
{
	if (asprintf(path, "%.*s/" WORKLOAD, (int)length, folder) < 0) {
		*path = NULL;
		return false;
	}
	if (is_program(*path)) {
		return true;
	}
	free(*path);
	*path = NULL;

	return false;
}

enum ilv_status ilv_launch_find_workload(char **path)
{
	const char *folder = getenv("ILV_BIN");
	const char *search = getenv("PATH");
	char self[4096];
	ssize_t length;

	if (folder && try_folder(folder, strlen(folder), path)) {
		return ILV_STATUS_OK;
	}

	length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (length > 0) {
		const char *slash = memrchr(self, '/', (size_t)length);

		if (slash && try_folder(self, (size_t)(slash - self), path)) {
			return ILV_STATUS_OK;
		}
	}

	while (search && search[0]) {
		size_t part = strcspn(search, ":");

		if (part > 0 && try_folder(search, part, path)) {
			return ILV_STATUS_OK;
		}
		search += part + (search[part] == ':');
	}
	ilv_cause_add("Cannot find " WORKLOAD " beside this program or in PATH: is interleave "
		      "installed whole?");

	return ILV_STATUS_ERROR;
}

static bool is_setting_of(const char *entry, const char *name)
{
	size_t length = strlen(name);

	return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

/*
 * LTTng reads the headers of all libraries of each process that starts, for an event that no
 * session of ours enables (lttng-ust(3)): more than half of what a fork with its library costs.
 */
static char without_base_addresses[] = "LTTNG_UST_WITHOUT_BADDR_STATEDUMP=1";

/*
 * Who is to be recorded waits for the daemon longer than LTTng's 3 s, after which it would go on
 * unrecorded: where hundreds fork at once, each takes its turn.
 */
#define REGISTER_TIMEOUT_ENV "LTTNG_UST_REGISTER_TIMEOUT"
static char patient_registration[] = REGISTER_TIMEOUT_ENV "=15000";

/*
 * Copies the environment without what another recorder may have left in it, and with `setting`,
 * which is filled in later. Returns NULL when there is no memory.
 */
static char **make_environment(char *setting, bool is_recorded)
{
	size_t count = 0;
	size_t used = 0;
	char **environment;

	while (environ[count]) {
		count++;
	}
	environment = calloc(count + 4, sizeof(*environment));
	if (!environment) {
		return NULL;
	}

	for (size_t index = 0; index < count; index++) {
		if (!is_setting_of(environ[index], ILV_RECORDER_ENV) &&
		    !is_setting_of(environ[index], ILV_SWITCH_SOURCE_ENV)) {
			environment[used++] = environ[index];
		}
	}
	environment[used++] = without_base_addresses;
	if (is_recorded && !getenv(REGISTER_TIMEOUT_ENV)) {
		environment[used++] = patient_registration;
	}
	environment[used] = setting;

	return environment;
}

/* Reads `fd` to its end; what does not fit into `text` is dropped. */
static void read_all(int fd, char *text, size_t size)
{
	size_t length = 0;
	char rest[512];
	ssize_t count;

	do {
		bool has_room = length + 1 < size;

		count = has_room ? read(fd, text + length, size - 1 - length)
				 : read(fd, rest, sizeof(rest));
		length += has_room && count > 0 ? (size_t)count : 0;
	} while (count > 0 || (count < 0 && errno == EINTR));
	text[length] = '\0';
}

/* Starts `arguments` with all that it prints going to `output_fd`. */
static enum ilv_status spawn_with_output(char *const *arguments, char **environment, int output_fd,
					 pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int number = posix_spawn_file_actions_init(&actions);

	if (number == 0) {
		number = posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
		number = number ? number
				: posix_spawn_file_actions_adddup2(&actions, output_fd,
								   STDERR_FILENO);
		number = number ? number
				: posix_spawn(pid, arguments[0], &actions, NULL, arguments,
					      environment);
		(void)posix_spawn_file_actions_destroy(&actions);
	}
	if (number != 0) {
		ilv_cause_add("Cannot start \"%s\": errno=%d, %s", arguments[0], number,
			      strerror(number));
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

/* Runs `arguments` unrecorded, and takes what they print, as much as fits into `text`. */
static enum ilv_status ask(char *const *arguments, char *text, size_t size, int *wait_status)
{
	static char unrecorded[] = ILV_SWITCH_SOURCE_ENV "=none";
	char **environment = make_environment(unrecorded, false);
	enum ilv_status status = ILV_STATUS_MEMORY;
	int output[2] = {-1, -1};
	pid_t pid = 0;

	if (!environment) {
		return status;
	}
	if (pipe2(output, O_CLOEXEC) != 0) {
		ilv_cause_add("Cannot make a pipe: errno=%d, %s", errno, strerror(errno));
		status = ILV_STATUS_ERROR;
		goto end;
	}

	status = spawn_with_output(arguments, environment, output[1], &pid);
	close(output[1]);
	if (status == ILV_STATUS_OK) {
		read_all(output[0], text, size);
		while (waitpid(pid, wait_status, 0) < 0 && errno == EINTR) {
		}
	}
	close(output[0]);

end:
	free(environment);

	return status;
}

enum ilv_status ilv_launch_check(char *const *arguments, bool *has_untraced_pass)
{
	static const char preface[] = WORKLOAD ": ";
	char text[1024];
	const char *said = text;
	int wait_status = 0;
	enum ilv_status status = ask(arguments, text, sizeof(text), &wait_status);

	if (status == ILV_STATUS_OK && wait_status != 0) {
		text[strcspn(text, "\n")] = '\0';
		said += strncmp(said, preface, strlen(preface)) == 0 ? strlen(preface) : 0;
		ilv_cause_add("%s", said[0] ? said : "Cannot check the workload's options");
		status = WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == WRONG_USAGE
				 ? ILV_STATUS_USAGE
				 : ILV_STATUS_ERROR;
	}
	*has_untraced_pass = status == ILV_STATUS_OK && text[0] != '\0';

	return status;
}

enum ilv_status ilv_launch_list(const char *program, char *text, size_t size)
{
	char *const arguments[] = {(char *)program, (char *)"--list", (char *)"--json", NULL};
	int wait_status = 0;
	enum ilv_status status = ask(arguments, text, size, &wait_status);

	if (status == ILV_STATUS_OK && (wait_status != 0 || strlen(text) + 1 >= size)) {
		ilv_cause_add("\"%s\" does not say what it can run", program);
		status = ILV_STATUS_ERROR;
	}

	return status;
}

/* Only async-signal-safe calls from here to exec: threads of the tracing library may hold any lock.
 */
static void become_program(const struct ilv_launch *launch, char *const *environment, char *setting,
			   int output_fd, int go_fd, int failure_fd, pid_t parent)
{
	int null_fd;
	int number;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) {
		_exit(1);
	}
	/* A group of its own: Ctrl-C in a terminal reaches it once, through us. */
	(void)setpgid(0, 0);
	if (read(go_fd, setting, SETTING_MAX) != SETTING_MAX) {
		_exit(1);
	}

	null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (dup2(null_fd, STDIN_FILENO) >= 0 && dup2(output_fd, STDOUT_FILENO) >= 0 &&
	    dup2(output_fd, STDERR_FILENO) >= 0) {
		ilv_signals_reset();
		(void)execve(launch->program, launch->arguments, environment);
	}
	number = errno;
	(void)!write(failure_fd, &number, sizeof(number));
	_exit(127);
}

static enum ilv_status start_child(const struct ilv_launch *launch, int output_fd,
				   struct child *child)
{
	enum ilv_status status = ILV_STATUS_ERROR;
	char setting[SETTING_MAX];
	char **environment = make_environment(setting, true);
	int go[2] = {-1, -1};
	int failure[2] = {-1, -1};
	pid_t parent = getpid();

	if (!environment) {
		return ILV_STATUS_MEMORY;
	}
	/* A socket, for writing to it never raises SIGPIPE. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, go) != 0 ||
	    pipe2(failure, O_CLOEXEC) != 0) {
		ilv_cause_add("Cannot make a pipe: errno=%d, %s", errno, strerror(errno));
		goto end;
	}

	child->pid = fork();
	if (child->pid == 0) {
		/* Else the end of file after the death of this command would never come. */
		close(go[1]);
		become_program(launch, environment, setting, output_fd, go[0], failure[1], parent);
	}
	if (child->pid < 0) {
		ilv_cause_add("Cannot start a process: errno=%d, %s", errno, strerror(errno));
		goto end;
	}

	(void)setpgid(child->pid, child->pid); /* Both do it, so that it is done for both. */
	child->go_fd = go[1];
	child->failure_fd = failure[0];
	go[1] = -1;
	failure[0] = -1;
	status = ILV_STATUS_OK;

end:
	for (int index = 0; index < 2; index++) {
		if (go[index] >= 0) {
			close(go[index]);
		}
		if (failure[index] >= 0) {
			close(failure[index]);
		}
	}
	free(environment);

	return status;
}

/* Lets the child go on to its exec with `setting`. Fails when there was no exec. */
static enum ilv_status release_child(const struct ilv_launch *launch, struct child *child,
				     const char *setting)
{
	enum ilv_status status = ILV_STATUS_ERROR;
	int number = 0;
	ssize_t count;

	if (send(child->go_fd, setting, SETTING_MAX, MSG_NOSIGNAL) != SETTING_MAX) {
		ilv_cause_add("Cannot start \"%s\": it died before", launch->program);
		return status;
	}

	do {
		count = read(child->failure_fd, &number, sizeof(number));
	} while (count < 0 && errno == EINTR);
	if (count == 0) {
		return ILV_STATUS_OK;
	}
	ilv_cause_add("Cannot start \"%s\": errno=%d, %s", launch->program, number,
		      strerror(number));

	return status;
}

/* Waits for the end of the child, and passes on what asks this command to end. */
static void wait_for_child(pid_t pid, int *wait_status)
{
	int64_t deadline_ns = INT64_MAX;
	bool is_asked = false;

	while (waitpid(pid, wait_status, WNOHANG) != pid) {
		int64_t left_ns = deadline_ns - ilv_trace_now_ns();
		int signal_number = ilv_signals_wait(
			deadline_ns == INT64_MAX
				? IDLE_MS
				: (left_ns > 0 ? (int)(left_ns / 1000000) + 1 : 1));

		if (signal_number != 0 && signal_number != SIGCHLD) {
			/* That the terminal is gone is our affair: workloads end well by the
			 * others. */
			(void)kill(is_asked ? -pid : pid, is_asked ? SIGKILL
							  : signal_number == SIGHUP
								  ? SIGTERM
								  : signal_number);
			if (!is_asked) {
				deadline_ns = ilv_trace_now_ns() + PATIENCE_NS;
			}
			is_asked = true;
		} else if (ilv_trace_now_ns() > deadline_ns) {
			(void)kill(-pid, SIGKILL);
		}
	}
}

/*
 * Keeps, of the recorder's chain of causes, why each source was refused; that the last one does not
 * work from outside is no refusal, for the program itself takes it up.
 */
static void explain_fallback(char *why, size_t size)
{
	static const char preface[] = "Cannot record thread switches: ";
	const char *text = ilv_cause_text();
	char *tail;

	if (strncmp(text, preface, strlen(preface)) == 0) {
		text += strlen(preface);
	}
	(void)snprintf(why, size, "%s", text);
	tail = strstr(why, "; rusage refused");
	if (tail) {
		*tail = '\0';
	}
	ilv_cause_clear();
}

/* Starts the recorder on the child, and writes what the child's environment must say of it. */
static enum ilv_status start_recorder(const struct ilv_launch *launch, pid_t pid,
				      struct ilv_recorder **recorder, struct ilv_launched *launched,
				      char *setting)
{
	const struct ilv_recorder_options options = {
		.pid = pid,
		.is_waiting_for_exec = true,
		.source = launch->source,
	};
	enum ilv_status status = ILV_STATUS_OK;

	*recorder = NULL;
	launched->source = ILV_SWITCH_SOURCE_NONE;
	if (!launch->has_recorder) {
		(void)snprintf(setting, SETTING_MAX, ILV_SWITCH_SOURCE_ENV "=none");
		return ILV_STATUS_OK;
	}

	if (launch->source != ILV_SWITCH_SOURCE_RUSAGE) {
		status = ilv_recorder_start(&options, recorder);
	}
	if (*recorder) {
		int length = snprintf(setting, SETTING_MAX, ILV_RECORDER_ENV "=");

		ilv_recorder_env(*recorder, setting + length, SETTING_MAX - (size_t)length);
		launched->source = ilv_recorder_source(*recorder);
		if (launch->source == ILV_SWITCH_SOURCE_NONE) {
			(void)snprintf(launched->why, sizeof(launched->why), "%s",
				       ilv_recorder_why(*recorder));
		}
		return ILV_STATUS_OK;
	}
	if (status == ILV_STATUS_OK ||
	    (status == ILV_STATUS_PERMISSION && launch->source == ILV_SWITCH_SOURCE_NONE)) {
		/* Only the program itself can notice holes in its own clock. */
		(void)snprintf(setting, SETTING_MAX, ILV_SWITCH_SOURCE_ENV "=rusage");
		explain_fallback(launched->why, sizeof(launched->why));
		launched->source = ILV_SWITCH_SOURCE_RUSAGE;
		return ILV_STATUS_OK;
	}

	return status;
}

enum ilv_status ilv_launch_run(const struct ilv_launch *launch, struct ilv_launched *launched)
{
	enum ilv_status status = ILV_STATUS_IO;
	struct ilv_recorder *recorder = NULL;
	struct child child = {.go_fd = -1, .failure_fd = -1};
	char setting[SETTING_MAX] = {0};
	int output_fd;

	*launched = (struct ilv_launched){0};
	output_fd = open(launch->output_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC,
			 0666);
	if (output_fd < 0) {
		ilv_cause_add("Cannot create \"%s\": errno=%d, %s", launch->output_path, errno,
			      strerror(errno));
		return status;
	}

	status = start_child(launch, output_fd, &child);
	if (status == ILV_STATUS_OK) {
		status = start_recorder(launch, child.pid, &recorder, launched, setting);
	}
	if (status == ILV_STATUS_OK) {
		status = release_child(launch, &child, setting);
	}
	if (child.go_fd >= 0) {
		close(child.go_fd);
		close(child.failure_fd);
	}
	if (child.pid > 0) {
		if (status != ILV_STATUS_OK) {
			(void)kill(child.pid, SIGKILL);
		}
		wait_for_child(child.pid, &launched->wait_status);
		ilv_process_group_end(child.pid, GROUP_TIMEOUT_MS);
	}
	ilv_recorder_stop(recorder);
	close(output_fd);

	return status;
}
