/* SPDX-License-Identifier: MIT */
/*
 * Description: the parent forks, watches and tidies up; the child does the work under limits. They
 * share one page of memory for the child's signs of life and what it has to say at its end.
 */
#include "analysis/guard.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cause.h"
#include "base/whole_file.h"

#define MEMORY_MAX (UINT64_C(1) << 30) /* beyond what the program has already */
#define TICK_MS    250
/*
 * For so long a child may be silent and compute all the while: where the machine is crowded or the
 * disk slow, silence is no sign of damage. One that does not even compute is ended too, in the end.
 * Ticks count and not time, so that a stopped program is not a silent one.
 */
#define SILENT_S    5
#define IDLE_S      30
#define CAUSES_SIZE 4096
#define FOLDER_SIZE 128
#define NS_PER_S    INT64_C(1000000000)

struct shared {
	_Atomic uint64_t progress_count;
	atomic_bool is_resting;
	enum ilv_status status;
	bool is_done; /* the function returned, and its outputs were flushed */
	char causes[CAUSES_SIZE];
	char folder[FOLDER_SIZE]; /* to remove; empty: none */
};

/* The shared page, in the child; NULL in programs that are not guarded. */
static struct shared *own;

/* The child that signals end, in the parent, while one runs. */
static volatile sig_atomic_t child_pid;
static volatile sig_atomic_t caught; /* the first of them, 0: none */

static const int enders[] = {SIGINT, SIGTERM, SIGHUP};

#define ENDER_COUNT (sizeof(enders) / sizeof(enders[0]))

void ilv_guard_progress(void)
{
	if (own) {
		atomic_store_explicit(&own->is_resting, false, memory_order_relaxed);
		atomic_fetch_add_explicit(&own->progress_count, 1, memory_order_relaxed);
	}
}

void ilv_guard_rest(void)
{
	if (own) {
		atomic_store_explicit(&own->is_resting, true, memory_order_relaxed);
	}
}

void ilv_guard_leave(const char *folder)
{
	if (own) {
		(void)snprintf(own->folder, sizeof(own->folder), "%s", folder);
	}
}

static void on_signal(int number)
{
	int saved_errno = errno;

	if (caught == 0) {
		caught = number;
	}
	if (child_pid > 0) {
		(void)kill(child_pid, SIGKILL);
	}

	errno = saved_errno;
}

/* AddressSanitizer reserves terabytes of addresses: a limit would end it at once. */
static bool can_limit_memory(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return false;
#else
	return true;
#endif
}

static void limit_memory(void)
{
	uint64_t page_count = 0;
	FILE *statm = fopen("/proc/self/statm", "re");

	if (!can_limit_memory()) {
		if (statm) {
			(void)fclose(statm);
		}

		return;
	}

	if (statm) {
		unsigned long long count = 0;

		if (fscanf(statm, "%llu", &count) == 1) {
			page_count = count;
		}

		(void)fclose(statm);
	}

	struct rlimit limit = {
		.rlim_cur = page_count * (uint64_t)sysconf(_SC_PAGESIZE) + MEMORY_MAX,
		.rlim_max = page_count * (uint64_t)sysconf(_SC_PAGESIZE) + MEMORY_MAX,
	};

	/* Each thread's own arena would reserve 64 MiB of addresses. */
	(void)mallopt(M_ARENA_MAX, 2);
	(void)setrlimit(RLIMIT_AS, &limit);
}

/* Runs in the child; does not return. */
static void __attribute__((noreturn))
be_child(struct shared *shared, int noise_fd,
	 enum ilv_status (*function)(void *context, struct ilv_guard_output *outputs),
	 void *context, struct ilv_guard_output *outputs, struct ilv_whole_file *files,
	 size_t output_count)
{
	const struct rlimit no_core = {0};
	enum ilv_status status = ILV_STATUS_OK;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t index = 0; index < ENDER_COUNT; index++) {
		struct sigaction present;

		if (sigaction(enders[index], NULL, &present) == 0 &&
		    present.sa_handler == on_signal) {
			(void)signal(enders[index], SIG_DFL);
		}
	}
	(void)setrlimit(RLIMIT_CORE, &no_core);
	limit_memory();
	if (noise_fd >= 0) {
		(void)dup2(noise_fd, STDERR_FILENO);
	}

	own = shared;
	ilv_cause_clear();
	for (size_t index = 0; index < output_count && status == ILV_STATUS_OK; index++) {
		status = ilv_whole_file_open_stream(&files[index], &outputs[index].stream);
	}

	if (status == ILV_STATUS_OK) {
		status = function(context, outputs);
	}

	for (size_t index = 0; index < output_count; index++) {
		FILE *stream = outputs[index].stream;
		bool has_failed = stream && ferror(stream);

		if (stream && (fclose(stream) != 0 || has_failed) && status >= ILV_STATUS_OK) {
			ilv_cause_add("Cannot write output: path=\"%s\", error=\"%s\"",
				      outputs[index].path ? outputs[index].path : "standard output",
				      strerror(errno));
			status = ILV_STATUS_IO;
		}
	}

	(void)fflush(NULL);
	(void)snprintf(shared->causes, sizeof(shared->causes), "%s", ilv_cause_text());
	shared->status = status;
	shared->is_done = true;
	_exit(0);
}

/* The CPU time of a process so far, in ns; 0 where its clock cannot be read. */
static int64_t read_cpu_clock(pid_t pid)
{
	clockid_t clock = 0;
	struct timespec now = {0};

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &now) != 0) {
		return 0;
	}

	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Waits until the child ends, and ends it when it is silent for too long. True: it was ended for
 * that. */
static bool watch(struct shared *shared, pid_t pid)
{
	struct pollfd end = {.fd = pidfd_open(pid, 0), .events = POLLIN};
	uint64_t last_count = 0;
	int64_t last_cpu_ns = 0;
	unsigned int silent_ticks = 0;
	bool is_ended = false;

	for (;;) {
		uint64_t count = 0;

		/* Without a pidfd this sleeps a tick, and the child is asked for below. */
		if (poll(&end, end.fd >= 0 ? 1 : 0, TICK_MS) > 0) {
			break;
		}

		if (end.fd < 0) {
			siginfo_t info = {0};

			if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
			    info.si_pid != 0) {
				break;
			}
		}

		count = atomic_load_explicit(&shared->progress_count, memory_order_relaxed);
		if (count != last_count ||
		    atomic_load_explicit(&shared->is_resting, memory_order_relaxed)) {
			last_cpu_ns = read_cpu_clock(pid);
			silent_ticks = 0;
		} else {
			silent_ticks++;
		}

		last_count = count;
		if (silent_ticks * TICK_MS >= IDLE_S * 1000 ||
		    (silent_ticks * TICK_MS >= SILENT_S * 1000 &&
		     read_cpu_clock(pid) - last_cpu_ns >= SILENT_S * NS_PER_S)) {
			is_ended = true;
			(void)kill(pid, SIGKILL);
			break;
		}
	}

	if (end.fd >= 0) {
		close(end.fd);
	}

	return is_ended;
}

/* Adds the child's chain to ours: innermost first, as it was built. */
static void take_causes(char *causes)
{
	if (causes[0] != '\0') {
		ilv_cause_add("%s", causes);
	}
}

/* Copies what the child wrote to standard error: to ours when it ended well, else only a broken
 * assertion of ours. */
static void pass_noise(int noise_fd, bool is_done)
{
	char text[4096];
	ssize_t size = 0;
	off_t at = 0;

	while (noise_fd >= 0 && (size = pread(noise_fd, text, sizeof(text) - 1, at)) > 0) {
		at += size;
		text[size] = '\0';
		if (is_done) {
			(void)fwrite(text, 1, (size_t)size, stderr);
		} else if (strstr(text, ": Assertion `")) {
			text[strcspn(text, "\n")] = '\0';
			ilv_cause_add("%.300s", text);
			break;
		}
	}
}

static enum ilv_status judge(struct shared *shared, int wait_status, bool is_silent,
			     const char *trace_path, int noise_fd)
{
	for (size_t index = 0; index < ENDER_COUNT && caught == 0; index++) {
		if (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == enders[index]) {
			caught = enders[index];
		}
	}
	if (caught) {
		ilv_cause_add("Interrupted");
		return ILV_STATUS_INTERRUPTED;
	}

	pass_noise(noise_fd, shared->is_done);
	if (shared->is_done) {
		shared->causes[CAUSES_SIZE - 1] = '\0';
		take_causes(shared->causes);
		return shared->status;
	}

	if (is_silent) {
		ilv_cause_add("reading it got nowhere for %d s of computing, or %d s in all",
			      SILENT_S, IDLE_S);
	} else if (WIFSIGNALED(wait_status)) {
		ilv_cause_add("reading it ended the reader: signal %d (%s)", WTERMSIG(wait_status),
			      strsignal(WTERMSIG(wait_status)));
	} else {
		ilv_cause_add("reading it ended the reader: exit status %d",
			      WEXITSTATUS(wait_status));
	}

	ilv_cause_add("Cannot read trace, which is probably malformed: path=\"%s\"", trace_path);
	return ILV_STATUS_TRACE;
}

/* Removes the folder that the child left, when it could not do so itself. */
static void remove_folder(const char *path)
{
	DIR *folder = path[0] != '\0' ? opendir(path) : NULL;
	const struct dirent *entry = NULL;

	while (folder && (entry = readdir(folder))) {
		(void)unlinkat(dirfd(folder), entry->d_name, 0);
	}

	if (folder) {
		closedir(folder);
		(void)rmdir(path);
	}
}

static void catch_signals(struct sigaction saved[ENDER_COUNT])
{
	struct sigaction action = {.sa_handler = on_signal};

	caught = 0;
	child_pid = 0;
	sigemptyset(&action.sa_mask);
	for (size_t index = 0; index < ENDER_COUNT; index++) {
		(void)sigaction(enders[index], &action, &saved[index]);
		/* What the caller ignores (nohup, a job in the background) stays ignored. */
		if (saved[index].sa_handler == SIG_IGN) {
			(void)sigaction(enders[index], &saved[index], NULL);
		}
	}
}

static void restore_signals(const struct sigaction saved[ENDER_COUNT])
{
	child_pid = 0;
	for (size_t index = 0; index < ENDER_COUNT; index++) {
		(void)sigaction(enders[index], &saved[index], NULL);
	}
}

int ilv_guard_signal(void)
{
	return caught;
}

enum ilv_status ilv_guard_run(const char *trace_path,
			      enum ilv_status (*function)(void *context,
							  struct ilv_guard_output *outputs),
			      void *context, struct ilv_guard_output *outputs, size_t output_count)
{
	enum ilv_status status = ILV_STATUS_ERROR;
	struct shared *shared = NULL;
	struct ilv_whole_file *files = calloc(output_count + 1, sizeof(*files));
	struct sigaction saved[ENDER_COUNT];
	int noise_fd = -1;
	int wait_status = 0;
	bool is_silent = false;
	pid_t pid = -1;

	catch_signals(saved);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (!files || shared == MAP_FAILED) {
		shared = NULL;
		ilv_cause_add("Cannot start reading: out of memory");
		status = ILV_STATUS_MEMORY;
		goto end;
	}

	for (size_t index = 0; index < output_count; index++) {
		status = ilv_whole_file_create(&files[index], "output", outputs[index].path);
		if (status != ILV_STATUS_OK) {
			goto end;
		}
	}

	/* A sanitizer's report must be seen, also when it ends the child. */
	noise_fd = can_limit_memory() ? memfd_create("ilv-stderr", MFD_CLOEXEC) : -1;
	(void)fflush(NULL);
	pid = fork();
	if (pid < 0) {
		ilv_cause_add("Cannot fork: error=\"%s\"", strerror(errno));
		status = ILV_STATUS_ERROR;
		goto end;
	}

	if (pid == 0) {
		be_child(shared, noise_fd, function, context, outputs, files, output_count);
	}

	child_pid = pid;
	if (caught) {
		(void)kill(pid, SIGKILL); /* The signal came before there was a child to end. */
	}

	is_silent = watch(shared, pid);
	while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR) {
	}

	child_pid = 0;
	shared->folder[FOLDER_SIZE - 1] = '\0';
	remove_folder(shared->folder);
	status = judge(shared, wait_status, is_silent, trace_path, noise_fd);
	for (size_t index = 0; index < output_count && status >= ILV_STATUS_OK; index++) {
		enum ilv_status placed = ilv_whole_file_place(&files[index]);

		status = placed < ILV_STATUS_OK ? placed : status;
	}

end:
	restore_signals(saved);
	for (size_t index = 0; files && index < output_count; index++) {
		ilv_whole_file_discard(&files[index]);
	}

	if (noise_fd >= 0) {
		close(noise_fd);
	}

	if (shared) {
		munmap(shared, sizeof(*shared));
	}

	free(files);
	return status;
}
