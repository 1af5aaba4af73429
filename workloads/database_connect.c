/* SPDX-License-Identifier: MIT */
/* Description: how a connection to PostgreSQL is made, or is not made in time: in its calls that do
 * not block, libpq leaves it to the caller to look at the clock. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/database_client.h"

#define NS_PER_S          INT64_C(1000000000)
#define TIMEOUT_DEFAULT_S 30
#define TIMEOUT_MIN_S     2 /* as libpq has it: less may be over at once */
#define WORDS_SIZE        768
#define PLACE_SIZE        256

/* What a server says besides is nothing that the run should print. */
static void ignore_notice(void *unused, const char *words)
{
	(void)unused;
	(void)words;
}

/* A connection that is being made: libpq goes from one address to the next by itself. */
struct attempt {
	PGconn *connection;
	ilv_database_wait wait;
	int64_t timeout_s;       /* for each address; 0: for ever */
	int64_t deadline_ns;     /* of this one */
	char place[PLACE_SIZE];  /* this one */
	char silent[PLACE_SIZE]; /* the last that did not answer in time; empty: none */
};

/* Reads connect_timeout, from wherever libpq has it. */
static enum ilv_status read_timeout(struct attempt *attempt)
{
	PQconninfoOption *options = PQconninfo(attempt->connection);
	enum ilv_status status = ILV_STATUS_OK;

	attempt->timeout_s = TIMEOUT_DEFAULT_S;
	for (PQconninfoOption *option = options; option && option->keyword; option++) {
		char *end = NULL;

		if (strcmp(option->keyword, "connect_timeout") != 0 || !option->val) {
			continue;
		}

		attempt->timeout_s = strtoll(option->val, &end, 10);
		if (end == option->val || *end || attempt->timeout_s > INT32_MAX) {
			ilv_cause_add("connect_timeout takes seconds, not \"%s\"", option->val);
			status = ILV_STATUS_USAGE;
		}
	}

	PQconninfoFree(options);
	if (attempt->timeout_s <= 0) {
		attempt->timeout_s = 0;
	} else if (attempt->timeout_s < TIMEOUT_MIN_S) {
		attempt->timeout_s = TIMEOUT_MIN_S;
	}

	return status;
}

/* Looks which address is being tried; each has its time. */
static void look_where(struct attempt *attempt)
{
	const char *host = PQhost(attempt->connection);
	const char *address = PQhostaddr(attempt->connection);
	const bool is_named = address && address[0] && strcmp(host, address) != 0;
	char place[PLACE_SIZE];

	(void)snprintf(place, sizeof(place), "%s%s%s%s, port %s", host, is_named ? " (" : "",
		       is_named ? address : "", is_named ? ")" : "", PQport(attempt->connection));
	if (strcmp(place, attempt->place) != 0) {
		memcpy(attempt->place, place, sizeof(place));
		attempt->deadline_ns = ilv_trace_now_ns() + attempt->timeout_s * NS_PER_S;
	}
}

/* Waits for what libpq wants, and lets it go on. */
static enum ilv_status go_on(struct attempt *attempt, PostgresPollingStatusType *wanted)
{
	int64_t left_ns = -1;
	enum ilv_status status = ILV_STATUS_OK;

	look_where(attempt);
	if (attempt->timeout_s > 0) {
		left_ns = attempt->deadline_ns - ilv_trace_now_ns();
		left_ns = left_ns > 0 ? left_ns : 0;
	}

	status = attempt->wait(PQsocket(attempt->connection),
			       *wanted == PGRES_POLLING_WRITING ? ILV_WAIT_REASON_WRITE
								: ILV_WAIT_REASON_READ,
			       left_ns);
	if (status == ILV_STATUS_AGAIN) {
		status = ILV_STATUS_OK;
		memcpy(attempt->silent, attempt->place, sizeof(attempt->silent));
		if (PQstatus(attempt->connection) != CONNECTION_STARTED) {
			*wanted = PGRES_POLLING_FAILED;
			return status;
		}

		/* To libpq this address failed, and it goes on to the next. */
		(void)shutdown(PQsocket(attempt->connection), SHUT_RDWR);
	}

	if (status == ILV_STATUS_OK) {
		*wanted = PQconnectPoll(attempt->connection);
	}

	return status;
}

/* Makes one line of what libpq says in several. */
static void join_lines(const char *words, char line[WORDS_SIZE])
{
	size_t length = 0;

	line[0] = '\0';
	while (*words && length < WORDS_SIZE) {
		const size_t part_length = strcspn(words, "\n");

		length += (size_t)snprintf(line + length, WORDS_SIZE - length, "%s%.*s",
					   length > 0 ? "; " : "", (int)part_length, words);
		words += part_length;
		words += strspn(words, "\n\t ");
	}
}

static void explain(const struct attempt *attempt)
{
	char words[WORDS_SIZE];
	const bool has_words = strcmp(attempt->silent, attempt->place) != 0;

	join_lines(PQerrorMessage(attempt->connection), words);
	if (!attempt->silent[0]) {
		ilv_cause_add("Cannot connect to the database: %s", words);
	} else {
		ilv_cause_add("Cannot connect to the database: no answer within %lld s "
			      "(connect_timeout) from %s%s%s",
			      (long long)attempt->timeout_s, attempt->silent, has_words ? "; " : "",
			      has_words ? words : "");
	}
}

enum ilv_status ilv_database_connect(const char *url, ilv_database_wait wait, PGconn **connection)
{
	enum ilv_status status = ILV_STATUS_OK;
	PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
	struct attempt attempt = {.connection = PQconnectStart(url), .wait = wait};

	if (!attempt.connection) {
		ilv_cause_add("Cannot connect to the database: no memory");
		return ILV_STATUS_MEMORY;
	}

	(void)PQsetNoticeProcessor(attempt.connection, ignore_notice, NULL);
	if (PQstatus(attempt.connection) == CONNECTION_BAD) {
		wanted = PGRES_POLLING_FAILED;
	} else {
		status = read_timeout(&attempt);
	}

	while (status == ILV_STATUS_OK && wanted != PGRES_POLLING_OK &&
	       wanted != PGRES_POLLING_FAILED) {
		status = go_on(&attempt, &wanted);
	}

	if (status == ILV_STATUS_OK &&
	    (wanted == PGRES_POLLING_FAILED || PQsetnonblocking(attempt.connection, 1) != 0)) {
		explain(&attempt);
		status = ILV_STATUS_IO;
	}

	if (status == ILV_STATUS_OK) {
		*connection = attempt.connection;
	} else {
		PQfinish(attempt.connection);
	}

	return status;
}
