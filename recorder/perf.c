/* SPDX-License-Identifier: MIT */
/*
 * Description: the attributes of our events. Source perf: a software event that counts nothing,
 * opened once a CPU for each thread and inherited by what it creates, whose side records say when
 * the thread was switched. Source perf+wakeups: the same event for a whole CPU, with the
 * tracepoints of wake-ups beside it in one ring.
 */
#include "recorder/perf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/perf_event.h>

#include "base/cause.h"
#include "recorder/tasks.h"
#include "recorder/tracefs.h"

/*
 * Pages a CPU, halved until the kernel grants them. Each user may have 128, by the default of
 * perf_event_mlock_kb; more counts against the limit of locked memory, which the program may want
 * for itself.
 */
#define PAGE_COUNT_THREADS 512
/* 120 ms of 250,000 switches a second on one CPU, wake-ups included: those of the whole machine
 * pass here. */
#define PAGE_COUNT_SYSTEM_WIDE 2048

static int perf_event_open(struct perf_event_attr *attr, pid_t tid, int cpu)
{
	int fd = (int)syscall(SYS_perf_event_open, attr, tid, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0 && errno == EINVAL && (attr->read_format & PERF_FORMAT_LOST)) {
		/* Before Linux 6.0 losses are known from the records alone. */
		attr->read_format = 0;
		fd = (int)syscall(SYS_perf_event_open, attr, tid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	}
	return fd;
}

static struct perf_event_attr make_attributes(void)
{
	struct perf_event_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.size = sizeof(attr);
	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_DUMMY;
	attr.sample_type = ILV_RECORD_SAMPLE_TYPE;
	attr.sample_id_all = 1;
	attr.read_format = PERF_FORMAT_LOST;
	attr.use_clockid = 1;
	attr.clockid = CLOCK_MONOTONIC;
	attr.disabled = 1;
	/* Whoever polls is woken when a ring is half full: the kernel's default for a watermark
	 * that is not given. */
	attr.watermark = 1;
	return attr;
}

/* Says in the chain of causes why `source` is refused, and what changes that. */
static enum ilv_status refuse(int error, bool is_system_wide)
{
	int paranoid = -1;
	FILE *file;

	if (error == ENOSYS || error == ENOENT || error == EOPNOTSUPP) {
		ilv_cause_add("this kernel offers no perf events");
		return ILV_STATUS_UNSUPPORTED;
	}
	if (error == EMFILE || error == ENFILE) {
		ilv_cause_add("too few file descriptors: raise `ulimit -n`");
		return ILV_STATUS_PERMISSION;
	}
	if (error != EACCES && error != EPERM) {
		ilv_cause_add("perf_event_open failed: %s", strerror(error));
		return ILV_STATUS_UNSUPPORTED;
	}
	if (is_system_wide) {
		ilv_cause_add("needs CAP_PERFMON or root");
		return ILV_STATUS_PERMISSION;
	}
	file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
	if (file) {
		if (fscanf(file, "%d", &paranoid) != 1) {
			paranoid = -1;
		}
		fclose(file);
	}
	if (paranoid > 2) {
		ilv_cause_add("perf_event_paranoid is %d: run "
			      "`sysctl kernel.perf_event_paranoid=2` as root",
			      paranoid);
	} else {
		ilv_cause_add("perf_event_open is not permitted here, as in many containers: "
			      "allow it in the seccomp profile");
	}
	return ILV_STATUS_PERMISSION;
}

/* Lists the CPUs that are online: "0-3,8". The caller frees. */
static int *list_cpus(size_t *count)
{
	long possible = sysconf(_SC_NPROCESSORS_CONF);
	FILE *file = fopen("/sys/devices/system/cpu/online", "re");
	int *cpus = NULL;
	int first;

	*count = 0;
	while (file && fscanf(file, "%d", &first) == 1) {
		int last = first;
		int *wider;

		if (fscanf(file, "-%d", &last) != 1 || last < first) {
			last = first;
		}
		wider = realloc(cpus, (*count + (size_t)(last - first) + 1) * sizeof(*cpus));
		if (!wider) {
			break;
		}
		cpus = wider;
		for (int cpu = first; cpu <= last; cpu++) {
			cpus[(*count)++] = cpu;
		}
		if (fgetc(file) != ',') {
			break;
		}
	}
	if (file) {
		fclose(file);
	}
	if (*count == 0 && possible > 0) {
		cpus = calloc((size_t)possible, sizeof(*cpus));
		for (long cpu = 0; cpus && cpu < possible; cpu++) {
			cpus[(*count)++] = (int)cpu;
		}
	}

	return cpus;
}

static enum ilv_status keep_fd(struct ilv_perf *perf, int fd)
{
	if (perf->fd_count == perf->fd_capacity) {
		size_t capacity = perf->fd_capacity ? 2 * perf->fd_capacity : 64;
		int *fds = realloc(perf->fds, capacity * sizeof(*fds));

		if (!fds) {
			close(fd);
			return ILV_STATUS_MEMORY;
		}
		perf->fds = fds;
		perf->fd_capacity = capacity;
	}
	if (perf->fd_count == 0) {
		perf->kind = ilv_descriptor_kind(fd);
	}

	perf->fds[perf->fd_count++] = fd;
	return ILV_STATUS_OK;
}

/* Maps all rings in one size: what the kernel grants is shared by them, and the last must not go
 * without. */
static enum ilv_status map_rings(struct ilv_perf *perf, const int *cpus, size_t page_count)
{
	int error = EINVAL;

	for (; page_count > 0; page_count /= 2) {
		size_t i;

		error = 0;
		for (i = 0; i < perf->ring_count && !error; i++) {
			error = ilv_ring_map(&perf->rings[i], perf->ring_fds[i], cpus[i],
					     page_count);
		}
		if (!error) {
			return ILV_STATUS_OK;
		}
		for (i = 0; i < perf->ring_count; i++) {
			ilv_ring_fini(&perf->rings[i]);
		}
		if (error != EPERM && error != ENOMEM) {
			break;
		}
	}
	ilv_cause_add("no memory may be locked for the rings (%s): raise `ulimit -l` or "
		      "`sysctl kernel.perf_event_mlock_kb`",
		      strerror(error));
	return ILV_STATUS_PERMISSION;
}

/* Opens the event that owns the ring of each CPU. */
static enum ilv_status open_rings(struct ilv_perf *perf, struct perf_event_attr *attr, pid_t tid,
				  size_t page_count)
{
	enum ilv_status status = ILV_STATUS_MEMORY;
	size_t cpu_count;
	int *cpus = list_cpus(&cpu_count);

	perf->rings = calloc(cpu_count, sizeof(*perf->rings));
	perf->ring_fds = calloc(cpu_count, sizeof(*perf->ring_fds));
	if (!cpus || !perf->rings || !perf->ring_fds) {
		goto end;
	}
	for (size_t i = 0; i < cpu_count; i++) {
		int fd = perf_event_open(attr, tid, cpus[i]);

		if (fd < 0 && errno == ENODEV) {
			continue; /* It went offline in between. */
		}
		if (fd < 0) {
			status = refuse(errno, perf->is_system_wide);
			goto end;
		}
		status = keep_fd(perf, fd);
		if (status != ILV_STATUS_OK) {
			goto end;
		}
		cpus[perf->ring_count] = cpus[i];
		perf->ring_fds[perf->ring_count++] = fd;
	}
	if (perf->ring_count == 0) {
		status = ILV_STATUS_UNSUPPORTED;
		goto end;
	}
	if (perf->ring_count > 16) {
		page_count /= 2;
	}
	status = map_rings(perf, cpus, page_count);

end:
	free(cpus);
	return status;
}

/* Opens one more event a CPU, which writes into the ring that is there. */
static enum ilv_status join_rings(struct ilv_perf *perf, struct perf_event_attr *attr, pid_t tid)
{
	for (size_t i = 0; i < perf->ring_count; i++) {
		enum ilv_status status;
		int fd = perf_event_open(attr, tid, perf->rings[i].cpu);

		if (fd < 0 && errno == ESRCH) {
			return ILV_STATUS_OK; /* The thread has ended. */
		}
		if (fd < 0) {
			return refuse(errno, perf->is_system_wide);
		}
		status = keep_fd(perf, fd);
		if (status != ILV_STATUS_OK) {
			return status;
		}
		if (ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, perf->ring_fds[i]) != 0) {
			return refuse(errno, perf->is_system_wide);
		}
	}
	return ILV_STATUS_OK;
}

static void enable(struct ilv_perf *perf)
{
	for (size_t i = 0; i < perf->fd_count; i++) {
		ioctl(perf->fds[i], PERF_EVENT_IOC_ENABLE, 0);
	}
}

static enum ilv_status open_tracepoint(struct ilv_perf *perf, uint32_t id)
{
	struct perf_event_attr attr = make_attributes();

	attr.type = PERF_TYPE_TRACEPOINT;
	attr.config = id;
	attr.sample_type |= PERF_SAMPLE_RAW;
	attr.sample_period = 1;
	return join_rings(perf, &attr, -1);
}

/* In a PID namespace of a container, threads outside it have the number 0, as the idle task has. */
static bool is_initial_pid_namespace(void)
{
	struct stat status;

	return stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == 0xEFFFFFFCU;
}

enum ilv_status ilv_perf_open_system_wide(struct ilv_perf *perf, pid_t pid,
					  bool is_waiting_for_exec)
{
	struct perf_event_attr attr = make_attributes();
	struct ilv_task *tasks = NULL;
	enum ilv_status status;
	size_t count = 0;
	pid_t reader_tid = 0;

	*perf = (struct ilv_perf){.is_system_wide = true};
	attr.context_switch = 1;
	attr.task = 1;
	attr.comm = 1;
	attr.comm_exec = 1;
	/* First what is refused most often, so that the reason given is the one that counts. */
	status = open_rings(perf, &attr, -1, PAGE_COUNT_SYSTEM_WIDE);
	if (status != ILV_STATUS_OK) {
		goto end;
	}
	if (!is_initial_pid_namespace()) {
		ilv_cause_add("this is a PID namespace, where threads of others have no numbers");
		status = ILV_STATUS_UNSUPPORTED;
		goto end;
	}
	status = ilv_tracefs_read(&perf->format, &reader_tid);
	if (status == ILV_STATUS_OK) {
		status = open_tracepoint(perf, perf->format.waking.id);
	}
	if (status == ILV_STATUS_OK) {
		status = open_tracepoint(perf, perf->format.wakeup.id);
	}
	if (status == ILV_STATUS_OK) {
		status = open_tracepoint(perf, perf->format.wakeup_new.id);
	}
	if (status != ILV_STATUS_OK) {
		goto end;
	}
	if (is_waiting_for_exec) {
		perf->covered.exec_pid = pid;
		enable(perf);
		goto end;
	}

	/* Enabled first: a thread that is created after the listing has a record of its creation.
	 */
	enable(perf);
	status = ilv_tasks_list(pid, &tasks, &count);
	for (size_t i = 0; i < count && status == ILV_STATUS_OK; i++) {
		if (!tasks[i].is_tracer && tasks[i].tid != gettid() && tasks[i].tid != reader_tid) {
			status = ilv_covered_add(&perf->covered, pid, tasks[i].tid);
		}
	}

end:
	free(tasks);
	if (status != ILV_STATUS_OK) {
		ilv_perf_close(perf);
	}
	return status;
}

enum ilv_status ilv_perf_open_threads(struct ilv_perf *perf, pid_t pid, bool is_waiting_for_exec)
{
	struct perf_event_attr attr = make_attributes();
	struct ilv_task *tasks = NULL;
	enum ilv_status status;
	size_t count = 0;

	*perf = (struct ilv_perf){0};
	attr.context_switch = 1;
	attr.task = 1; /* a thread's end, whose last switch-out the event does not live to see */
	attr.inherit = 1;
	attr.exclude_kernel = 1;
	attr.exclude_hv = 1;
	attr.enable_on_exec = is_waiting_for_exec;
	/*
	 * What exists is listed once: a thread that another one creates between the listing and the
	 * opening of its creator is missed. That can only happen to a recording that starts late,
	 * not to one that starts with the program.
	 */
	status = ilv_tasks_list(pid, &tasks, &count);
	for (size_t i = 0; i < count && status == ILV_STATUS_OK; i++) {
		if (tasks[i].is_tracer || tasks[i].tid == gettid()) {
			continue;
		}
		if (perf->ring_count == 0) {
			status = open_rings(perf, &attr, tasks[i].tid, PAGE_COUNT_THREADS);
		} else {
			status = join_rings(perf, &attr, tasks[i].tid);
		}
	}
	if (status == ILV_STATUS_OK && perf->ring_count == 0) {
		ilv_cause_add("the process has no thread to record");
		status = ILV_STATUS_ERROR;
	}
	if (status == ILV_STATUS_OK && !is_waiting_for_exec) {
		enable(perf);
	}
	free(tasks);
	if (status != ILV_STATUS_OK) {
		ilv_perf_close(perf);
	}
	return status;
}

void ilv_perf_disable(struct ilv_perf *perf)
{
	for (size_t i = 0; i < perf->fd_count; i++) {
		if (ilv_descriptor_is(perf->fds[i], perf->kind)) {
			ioctl(perf->fds[i], PERF_EVENT_IOC_DISABLE, 0);
		}
	}
}

int64_t ilv_perf_lost_count(const struct ilv_perf *perf)
{
	int64_t total = 0;

	for (size_t i = 0; i < perf->fd_count; i++) {
		struct {
			uint64_t value;
			uint64_t lost;
		} count;

		if (!ilv_descriptor_is(perf->fds[i], perf->kind) ||
		    read(perf->fds[i], &count, sizeof(count)) != sizeof(count)) {
			return -1;
		}
		total += (int64_t)count.lost;
	}
	return total;
}

void ilv_perf_close_after_fork(struct ilv_perf *perf)
{
	for (size_t i = 0; i < perf->fd_count; i++) {
		ilv_descriptor_close(perf->fds[i], perf->kind);
	}
	perf->fd_count = 0;
}

void ilv_perf_close(struct ilv_perf *perf)
{
	for (size_t i = 0; i < perf->ring_count; i++) {
		ilv_ring_fini(&perf->rings[i]);
	}
	ilv_perf_close_after_fork(perf);
	free(perf->rings);
	free(perf->ring_fds);
	free(perf->fds);
	ilv_covered_fini(&perf->covered);
	*perf = (struct ilv_perf){0};
}
