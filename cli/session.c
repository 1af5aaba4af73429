/* SPDX-License-Identifier: MIT */
/* Description: controls one LTTng session through liblttng-ctl. */
#include "cli/session.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <lttng/lttng.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "cli/limits.h"
#include "tracepoints/recorder_events.h"

#define NAME_PREFIX  "interleave-"
#define NAME_MAX_LEN 64
#define CHANNEL      "interleave"

/* Buffers in which nothing was lost at a quarter of a million switches a second. */
#define SUBBUFFER_COUNT      8
#define SUBBUFFER_SIZE       (UINT64_C(1) << 20)
#define SUBBUFFER_SIZE_LEAST (UINT64_C(1) << 16)
#define MEMORY_SHARE         8 /* all buffers take at most 1/8 of the memory, */
#define SHARED_MEMORY_SHARE  2 /* and 1/2 of what is free where shared memory lives */

#define POLL_NS             5000000
#define REGISTER_TIMEOUT_NS (5 * INT64_C(1000000000))
#define SETTLE_TIMEOUT_NS   (6 * INT64_C(1000000000))
#define DESTROY_TIMEOUT_MS  5000

struct ilv_session {
	char name[NAME_MAX_LEN];
};

static unsigned int session_count;

static void say_failed(const char *verb, int code)
{
	/* The daemon says nothing of them, and has inherited them where it is our own. */
	ilv_limits_explain();
	ilv_cause_add("Cannot %s: %s", verb, lttng_strerror(code < 0 ? code : -code));
}

static void pause_shortly(void)
{
	const struct timespec pause = {.tv_nsec = POLL_NS};

	(void)nanosleep(&pause, NULL);
}

void ilv_session_clean(void)
{
	struct lttng_session *sessions = NULL;
	int count = lttng_list_sessions(&sessions);

	for (int index = 0; index < count; index++) {
		const char *name = sessions[index].name;
		int pid;
		int length = 0;

		if (sscanf(name, NAME_PREFIX "%d-%*u%n", &pid, &length) == 1 && length > 0 &&
		    name[length] == '\0' && kill(pid, 0) != 0 && errno == ESRCH) {
			(void)lttng_stop_tracing_no_wait(name);
			(void)lttng_destroy_session_no_wait(name);
		}
	}
	free(sessions);
}

/* How big a sub-buffer may be, so that those of all CPUs leave the machine its memory. A power of
 * two. */
static uint64_t subbuffer_size(void)
{
	uint64_t cpu_count = (uint64_t)sysconf(_SC_NPROCESSORS_CONF);
	uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t allowed = memory / MEMORY_SHARE;
	uint64_t size = SUBBUFFER_SIZE;
	struct statvfs shared;

	if (statvfs("/dev/shm", &shared) == 0 && shared.f_blocks > 0) {
		uint64_t room = (uint64_t)shared.f_bavail * shared.f_frsize / SHARED_MEMORY_SHARE;

		allowed = room < allowed ? room : allowed;
	}

	/* One sub-buffer more than is written to: the reader holds it. */
	while (size > SUBBUFFER_SIZE_LEAST && (SUBBUFFER_COUNT + 1) * size * cpu_count > allowed) {
		size /= 2;
	}

	return size;
}

static enum ilv_status enable_channel(struct lttng_handle *handle, struct lttng_domain *domain)
{
	struct lttng_channel *channel = lttng_channel_create(domain);
	int code;

	if (!channel) {
		return ILV_STATUS_MEMORY;
	}
	(void)snprintf(channel->name, sizeof(channel->name), "%s", CHANNEL);
	channel->enabled = 1;
	channel->attr.overwrite = 0;
	channel->attr.num_subbuf = SUBBUFFER_COUNT;
	channel->attr.subbuf_size = subbuffer_size();

	code = lttng_enable_channel(handle, channel);
	lttng_channel_destroy(channel);
	if (code < 0) {
		say_failed("enable LTTng's channel", code);
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

static enum ilv_status enable_events(struct lttng_handle *handle)
{
	struct lttng_event *event = lttng_event_create();
	int code;

	if (!event) {
		return ILV_STATUS_MEMORY;
	}
	(void)snprintf(event->name, sizeof(event->name), "interleave:*");
	event->type = LTTNG_EVENT_TRACEPOINT;
	event->loglevel_type = LTTNG_EVENT_LOGLEVEL_ALL;

	code = lttng_enable_event_with_exclusions(handle, event, CHANNEL, NULL, 0, NULL);
	lttng_event_destroy(event);
	if (code < 0) {
		say_failed("enable interleave's events", code);
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

static enum ilv_status enable(const char *name)
{
	struct lttng_domain domain = {
		.type = LTTNG_DOMAIN_UST,
		.buf_type = LTTNG_BUFFER_PER_UID,
	};
	struct lttng_handle *handle = lttng_create_handle(name, &domain);
	enum ilv_status status;

	if (!handle) {
		return ILV_STATUS_MEMORY;
	}

	status = enable_channel(handle, &domain);
	if (status == ILV_STATUS_OK) {
		status = enable_events(handle);
	}
	lttng_destroy_handle(handle);

	return status;
}

static enum ilv_status create(const char *name, const char *trace_path)
{
	struct lttng_session_descriptor *descriptor =
		lttng_session_descriptor_local_create(name, trace_path);
	enum lttng_error_code code;

	if (!descriptor) {
		ilv_cause_add("Cannot describe an LTTng session: path=\"%s\"", trace_path);
		return ILV_STATUS_ERROR;
	}

	code = lttng_create_session_ext(descriptor);
	lttng_session_descriptor_destroy(descriptor);
	if (code != LTTNG_OK) {
		say_failed("create an LTTng session", (int)code);
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

/* The tracing library learns of the session in a thread of its own, some ms after a fresh daemon is
 * up. */
static enum ilv_status wait_until_enabled(void)
{
	int64_t deadline_ns = ilv_trace_now_ns() + REGISTER_TIMEOUT_NS;

	while (!ilv_trace_switches_enabled()) {
		if (ilv_trace_now_ns() > deadline_ns) {
			ilv_limits_explain();
			ilv_cause_add(ilv_cause_text()[0]
					      ? "LTTng did not reach this program within 5 s"
					      : "LTTng did not reach this program within 5 s; is "
						"LTTNG_HOME the session daemon's?");
			return ILV_STATUS_ERROR;
		}
		pause_shortly();
	}

	return ILV_STATUS_OK;
}

enum ilv_status ilv_session_start(const char *trace_path, struct ilv_session **result)
{
	struct ilv_session *session = calloc(1, sizeof(*session));
	enum ilv_status status;
	int code;

	*result = NULL;
	if (!session) {
		return ILV_STATUS_MEMORY;
	}
	(void)snprintf(session->name, sizeof(session->name), NAME_PREFIX "%d-%u", (int)getpid(),
		       ++session_count);

	status = create(session->name, trace_path);
	if (status != ILV_STATUS_OK) {
		free(session);
		return status;
	}

	status = enable(session->name);
	if (status == ILV_STATUS_OK) {
		code = lttng_start_tracing(session->name);
		if (code < 0) {
			say_failed("start LTTng's session", code);
			status = ILV_STATUS_ERROR;
		}
	}
	if (status == ILV_STATUS_OK) {
		status = wait_until_enabled();
	}

	if (status == ILV_STATUS_OK) {
		*result = session;
	} else {
		(void)lttng_destroy_session_no_wait(session->name);
		free(session);
	}

	return status;
}

/* Waits until all that was emitted is on disk. Returns false when it never is. */
static bool wait_until_settled(const char *name)
{
	int64_t deadline_ns = ilv_trace_now_ns() + SETTLE_TIMEOUT_NS;

	while (lttng_data_pending(name) == 1) {
		if (ilv_trace_now_ns() > deadline_ns) {
			return false;
		}
		pause_shortly();
	}

	return true;
}

static enum ilv_status destroy(const char *name, struct ilv_session_end *end)
{
	struct lttng_destruction_handle *handle = NULL;
	enum lttng_error_code code = lttng_destroy_session_ext(name, &handle);
	enum lttng_destruction_handle_status waited;

	if (code != LTTNG_OK) {
		say_failed("destroy LTTng's session", (int)code);
		return ILV_STATUS_ERROR;
	}

	waited = lttng_destruction_handle_wait_for_completion(handle, DESTROY_TIMEOUT_MS);
	if (waited != LTTNG_DESTRUCTION_HANDLE_STATUS_COMPLETED) {
		end->is_stuck = true;
	} else if (lttng_destruction_handle_get_result(handle, &code) ==
			   LTTNG_DESTRUCTION_HANDLE_STATUS_OK &&
		   code != LTTNG_OK) {
		say_failed("destroy LTTng's session", (int)code);
		lttng_destruction_handle_destroy(handle);
		return ILV_STATUS_ERROR;
	}
	lttng_destruction_handle_destroy(handle);

	return ILV_STATUS_OK;
}

enum ilv_status ilv_session_stop(struct ilv_session *session, struct ilv_session_end *end)
{
	enum ilv_status status;
	int code;

	*end = (struct ilv_session_end){0};
	if (!session) {
		return ILV_STATUS_OK;
	}

	code = lttng_stop_tracing_no_wait(session->name);
	if (code < 0) {
		say_failed("stop LTTng's session", code);
		(void)lttng_destroy_session_no_wait(session->name);
		free(session);
		return ILV_STATUS_ERROR;
	}

	if (wait_until_settled(session->name)) {
		status = destroy(session->name, end);
	} else {
		/* Its destruction would never end either, so nobody waits for it. */
		end->is_stuck = true;
		(void)lttng_destroy_session_no_wait(session->name);
		status = ILV_STATUS_OK;
	}
	free(session);

	return status;
}
