/* SPDX-License-Identifier: MIT */
/*
 * Description: finds and reads tracefs. Mount namespaces belong to threads, so a thread is enough
 * to have one: a forked child would raise SIGCHLD in a program that is only being recorded, and
 * could be reaped by it.
 */
#include "recorder/tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/cause.h"

static const char *const roots[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};

enum ilv_status ilv_tracefs_parse(const char *text, struct ilv_tracepoint *tracepoint)
{
	const char *id = strstr(text, "ID: ");
	const char *field = strstr(text, "field:pid_t pid;");
	const char *offset = field ? strstr(field, "offset:") : NULL;

	if (!id || sscanf(id, "ID: %u", &tracepoint->id) != 1 || !offset ||
	    sscanf(offset, "offset:%u", &tracepoint->tid_offset) != 1) {
		return ILV_STATUS_UNSUPPORTED;
	}
	return ILV_STATUS_OK;
}

static enum ilv_status read_tracepoint(const char *root, const char *name,
				       struct ilv_tracepoint *tracepoint)
{
	char text[4096];
	char path[128];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%s/events/sched/%s/format", root, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return ILV_STATUS_PERMISSION;
	}
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0) {
		return ILV_STATUS_PERMISSION;
	}
	text[length] = '\0';
	return ilv_tracefs_parse(text, tracepoint);
}

static enum ilv_status read_root(const char *root, struct ilv_record_format *format)
{
	enum ilv_status status = read_tracepoint(root, "sched_waking", &format->waking);

	if (status == ILV_STATUS_OK) {
		status = read_tracepoint(root, "sched_wakeup", &format->wakeup);
	}
	if (status == ILV_STATUS_OK) {
		status = read_tracepoint(root, "sched_wakeup_new", &format->wakeup_new);
	}
	return status;
}

struct private_read {
	struct ilv_record_format *format;
	enum ilv_status status;
	pid_t tid;
};

static void *read_privately(void *argument)
{
	struct private_read *read = argument;

	read->tid = gettid();
	read->status = ILV_STATUS_PERMISSION;
	if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("tracefs", roots[0], "tracefs", 0, NULL) == 0) {
		read->status = read_root(roots[0], read->format);
	}
	return NULL;
}

enum ilv_status ilv_tracefs_read(struct ilv_record_format *format, pid_t *reader_tid)
{
	struct private_read read = {.format = format, .status = ILV_STATUS_PERMISSION};
	pthread_t thread;
	bool is_forbidden = false; /* it is there, for others */

	*reader_tid = 0;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		errno = 0;
		if (read_root(roots[i], format) == ILV_STATUS_OK) {
			return ILV_STATUS_OK;
		}
		is_forbidden = is_forbidden || errno == EACCES;
	}
	if (pthread_create(&thread, NULL, read_privately, &read) == 0) {
		pthread_join(thread, NULL);
		*reader_tid = read.tid;
	}
	if (read.status != ILV_STATUS_OK && is_forbidden) {
		ilv_cause_add("the scheduler's tracepoints cannot be read: this user may not look "
			      "into %s",
			      roots[0]);
	} else if (read.status != ILV_STATUS_OK) {
		ilv_cause_add("the scheduler's tracepoints cannot be read: run "
			      "`mount -t tracefs tracefs %s` as root",
			      roots[0]);
	}
	return read.status;
}
