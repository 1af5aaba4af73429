/* SPDX-License-Identifier: MIT */
/* Description: children that end with their parent, and the lock that they share. */
#include "workloads/runtimes/process_child.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/rusage.h"
#include "workloads/runtimes/refusal.h"
#include "workloads/stop.h"

#define GRACE_S 2

static void end_in_order(int number)
{
	(void)number;
	ilv_stop_request();
	(void)alarm(GRACE_S);
}

bool ilv_process_become_child(pid_t parent, const char *name, enum ilv_role role)
{
	struct sigaction action = {.sa_handler = end_in_order, .sa_flags = SA_RESTART};

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(ILV_PROCESS_ASK_SIGNAL, &action, NULL);
	(void)signal(SIGALRM, SIG_DFL);
	(void)prctl(PR_SET_NAME, name);
	ilv_trace_thread_announce(ilv_trace_tid(), name, role);
	(void)prctl(PR_SET_PDEATHSIG, ILV_PROCESS_ASK_SIGNAL);

	return getppid() == parent;
}

enum ilv_status ilv_process_fork(const char *name, enum ilv_role role, pid_t *child)
{
	const pid_t parent = getpid();
	enum ilv_status status = ILV_STATUS_OK;
	sigset_t all;
	sigset_t before;
	int fork_errno = 0;

	/* A signal that meets the child before it has a stop descriptor of its own would be its
	 * parent's too. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &before);
	*child = ilv_fork(name, role);
	fork_errno = errno;
	if (*child == 0 && (!ilv_process_become_child(parent, name, role) ||
			    ilv_stop_after_fork() != ILV_STATUS_OK)) {
		ilv_trace_process_exit(1);
		_exit(1);
	}

	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (*child < 0) {
		ilv_refusal_explain("process", fork_errno);
		status = ILV_STATUS_ERROR;
	}

	return status;
}

int ilv_process_exit_status(enum ilv_status status)
{
	return status == ILV_STATUS_INTERRUPTED ? 128 + ILV_PROCESS_ASK_SIGNAL : status < 0;
}

void ilv_process_ask(pid_t child)
{
	(void)kill(child, ILV_PROCESS_ASK_SIGNAL);
}

int ilv_process_wait(pid_t child)
{
	ilv_trace_process_wait_begin(child);

	return ilv_process_finish_wait(child);
}

int ilv_process_finish_wait(pid_t child)
{
	int wait_status = -1;
	int exit_status = -1;
	pid_t waited = -1;

	ilv_rusage_wait_begin();
	do {
		waited = waitpid(child, &wait_status, 0);
	} while (waited < 0 && errno == EINTR);
	ilv_rusage_wait_end();

	if (waited == child) {
		exit_status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status)
						     : 128 + WTERMSIG(wait_status);
	} else {
		wait_status = -1;
	}

	ilv_trace_process_wait_end(waited, exit_status);

	return wait_status;
}

const char *ilv_process_spell_end(int wait_status, char *text, size_t size)
{
	if (wait_status == -1) {
		(void)snprintf(text, size, "ended unseen");
	} else if (WIFSIGNALED(wait_status)) {
		(void)snprintf(text, size, "was killed by signal %d (%s)", WTERMSIG(wait_status),
			       strsignal(WTERMSIG(wait_status)));
	} else {
		(void)snprintf(text, size, "ended with status %d", WEXITSTATUS(wait_status));
	}

	return text;
}

static enum ilv_status lock_init(struct ilv_lock *lock, const char *name)
{
	pthread_mutexattr_t attributes;
	pthread_mutex_t *mutex = mmap(NULL, sizeof(*mutex), PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (mutex == MAP_FAILED) {
		ilv_cause_add("Cannot create lock: name=\"%s\", errno=%d", name, errno);
		return ILV_STATUS_MEMORY;
	}

	(void)pthread_mutexattr_init(&attributes);
	(void)pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	(void)pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	(void)pthread_mutex_init(mutex, &attributes);
	(void)pthread_mutexattr_destroy(&attributes);
	lock->state = mutex;
	ilv_trace_lock_name(lock, ILV_LOCK_KIND_MUTEX, 1, name);
	ilv_trace_lock_share(lock);

	return ILV_STATUS_OK;
}

static enum ilv_status lock_acquire(struct ilv_lock *lock)
{
	int error = pthread_mutex_trylock(lock->state);
	const bool is_contended = error == EBUSY;

	if (is_contended) {
		ilv_trace_lock_wait_begin(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE);
		ilv_rusage_wait_begin();
		error = pthread_mutex_lock(lock->state);
		ilv_rusage_wait_end();
	}

	if (error == EOWNERDEAD) {
		(void)pthread_mutex_consistent(lock->state);
	}

	ilv_trace_lock_acquire(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE, is_contended);

	return ILV_STATUS_OK;
}

static void lock_release(struct ilv_lock *lock)
{
	ilv_trace_lock_release(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE,
			       ILV_RELEASE_CAUSE_NONE);
	(void)pthread_mutex_unlock(lock->state);
}

static void lock_fini(struct ilv_lock *lock)
{
	if (!lock->state) {
		return;
	}

	ilv_trace_lock_destroy(lock);
	(void)pthread_mutex_destroy(lock->state);
	(void)munmap(lock->state, sizeof(pthread_mutex_t));
	lock->state = NULL;
}

const struct ilv_runtime_locks ilv_process_locks = {
	.init = lock_init,
	.acquire = lock_acquire,
	.release = lock_release,
	.fini = lock_fini,
};
