/* SPDX-License-Identifier: MIT */
/* Description: the scraper's tables, and what goes in and out of them. */
#include "workloads/lessons/scraper_store.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cause.h"
#include "workloads/database_client.h"
#include "workloads/random.h"
#include "workloads/stop.h"

#define NS_PER_S   INT64_C(1000000000)
#define SQL_SIZE   512
#define ARRAY_SIZE 128 /* room for the links of a page */

/* As ilv_await_fd_for(), for the main thread; `stop_fd` as poll() takes it. */
static enum ilv_status wait_for(int fd, enum ilv_wait_reason reason, int64_t timeout_ns,
				int stop_fd)
{
	struct pollfd descriptors[2] = {
		{.fd = fd, .events = reason == ILV_WAIT_REASON_WRITE ? POLLOUT : POLLIN},
		{.fd = stop_fd, .events = POLLIN},
	};
	const struct timespec timeout = {.tv_sec = timeout_ns / NS_PER_S,
					 .tv_nsec = timeout_ns % NS_PER_S};
	int ready_count = 0;

	do {
		ready_count = ppoll(descriptors, 2, timeout_ns < 0 ? NULL : &timeout, NULL);
	} while (ready_count < 0 && errno == EINTR);

	if (descriptors[1].revents) {
		return ILV_STATUS_INTERRUPTED;
	}

	return ready_count == 0 ? ILV_STATUS_AGAIN : ILV_STATUS_OK;
}

static enum ilv_status wait_before_run(int fd, enum ilv_wait_reason reason, int64_t timeout_ns)
{
	return wait_for(fd, reason, timeout_ns, ilv_stop_fd());
}

/* However the run ended, its tables are to go. */
static enum ilv_status wait_after_run(int fd, enum ilv_wait_reason reason, int64_t timeout_ns)
{
	return wait_for(fd, reason, timeout_ns, -1);
}

/* Does `sql` on the main thread's connection, which may block: no job runs then. */
static enum ilv_status own(struct ilv_scraper_store *store, const char *sql, PGresult **answer)
{
	PGresult *done = PQexec(store->owner, sql);
	enum ilv_status status = ilv_database_check(store->owner, done);

	if (status == ILV_STATUS_OK && answer) {
		*answer = done;
	} else {
		PQclear(done);
	}

	return status;
}

/*
 * Makes the tables, in a schema of this run's own. A lock in the database says that it is in use;
 * schemas of runs that were killed have none any more, and are removed.
 */
static enum ilv_status make_tables(struct ilv_scraper_store *store)
{
	char sql[4 * SQL_SIZE];
	enum ilv_status status =
		ilv_database_connect(store->database.url, wait_before_run, &store->owner);

	if (status < 0) {
		return status;
	}

	(void)snprintf(store->schema, sizeof(store->schema), "interleave_scraper_%d",
		       PQbackendPID(store->owner));
	(void)snprintf(
		sql, sizeof(sql),
		"SET client_min_messages = error; "
		"DO $$ DECLARE ruin text; BEGIN FOR ruin IN SELECT nspname FROM pg_namespace WHERE "
		"starts_with(nspname::text, 'interleave_scraper_') LOOP IF "
		"pg_try_advisory_lock(hashtext(ruin)) THEN EXECUTE format('DROP SCHEMA %%I "
		"CASCADE', ruin); PERFORM pg_advisory_unlock(hashtext(ruin)); END IF; END LOOP; "
		"END $$; "
		"SELECT pg_advisory_lock(hashtext('%s')); "
		"CREATE SCHEMA %s; "
		"CREATE TABLE %s.page (number bigint PRIMARY KEY, digest text NOT NULL); "
		"CREATE TABLE %s.link (source bigint NOT NULL, target bigint NOT NULL)",
		store->schema, store->schema, store->schema, store->schema);
	status = own(store, sql, NULL);
	if (status < 0) {
		store->schema[0] = '\0';
	}

	return status;
}

enum ilv_status ilv_scraper_store_open(struct ilv_scraper_store *store, const char *url,
				       int64_t connection_count)
{
	enum ilv_status status = ilv_database_start(url, connection_count + 1, &store->database);

	return status == ILV_STATUS_OK ? make_tables(store) : status;
}

/* Removes the tables, through another connection if the server ended the one that made them, which
 * shows only when it is used. */
static enum ilv_status remove_tables(struct ilv_scraper_store *store)
{
	char sql[SQL_SIZE];
	enum ilv_status status = ILV_STATUS_OK;

	(void)snprintf(sql, sizeof(sql), "DROP SCHEMA IF EXISTS %s CASCADE", store->schema);
	status = own(store, sql, NULL);
	if (status < 0 && PQstatus(store->owner) == CONNECTION_BAD) {
		PQfinish(store->owner);
		store->owner = NULL;
		status = ilv_database_connect(store->database.url, wait_after_run, &store->owner);
		status = status == ILV_STATUS_OK ? own(store, sql, NULL) : status;
	}

	return status;
}

void ilv_scraper_store_close(struct ilv_scraper_store *store)
{
	/* A private server's tables go with it. */
	if (store->schema[0] && store->database.keeper_pid == 0) {
		/* Why the run failed is to be told, not why its tables stay, which is the same. */
		char *cause = strdup(ilv_cause_text());
		const bool they_stay = remove_tables(store) < 0;

		ilv_cause_clear();
		if (cause && cause[0]) {
			ilv_cause_add("%s", cause);
		}

		if (they_stay) {
			ilv_cause_add("tables stay in the schema %s until the next run",
				      store->schema);
		}

		free(cause);
	}

	PQfinish(store->owner);
	ilv_database_stop(&store->database);
}

enum ilv_status ilv_scraper_store_page(const struct ilv_scraper_store *store, PGconn *connection,
				       const struct ilv_scraper_page *page)
{
	char number[24];
	char digest[24];
	char links[ARRAY_SIZE];
	char sql[SQL_SIZE];
	const char *const parameters[] = {number, digest, links};
	size_t length = 1;

	(void)snprintf(number, sizeof(number), "%" PRIu32, page->number);
	(void)snprintf(digest, sizeof(digest), "%016" PRIx64, page->digest);
	links[0] = '{';
	for (size_t index = 0; index < page->link_count; index++) {
		length += (size_t)snprintf(links + length, sizeof(links) - length, "%s%" PRIu32,
					   index > 0 ? "," : "", page->links[index]);
	}

	memcpy(links + length, "}", 2);
	/* One statement is one transaction: a page is there with its links, or not at all. */
	(void)snprintf(sql, sizeof(sql),
		       "WITH page AS (INSERT INTO %s.page VALUES ($1::bigint, $2::text) RETURNING "
		       "number) INSERT INTO %s.link SELECT page.number, target FROM page, "
		       "unnest($3::bigint[]) AS target",
		       store->schema, store->schema);

	return ilv_database_query(connection, sql, 3, parameters, NULL);
}

enum ilv_status ilv_scraper_store_count(struct ilv_scraper_store *store, const char *table,
					int64_t *row_count)
{
	char sql[SQL_SIZE];
	PGresult *answer = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s.%s", store->schema, table);
	status = own(store, sql, &answer);
	if (status == ILV_STATUS_OK) {
		*row_count = strtoll(PQgetvalue(answer, 0, 0), NULL, 10);
	}

	PQclear(answer);

	return status;
}

enum ilv_status ilv_scraper_store_sum(struct ilv_scraper_store *store, uint64_t *checksum)
{
	char sql[SQL_SIZE];
	PGresult *answer = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	(void)snprintf(
		sql, sizeof(sql),
		"SELECT number || ' ' || digest || ' ' || coalesce(string_agg(target::text, "
		"',' ORDER BY target), '') FROM %s.page LEFT JOIN %s.link ON source = number "
		"GROUP BY number ORDER BY number",
		store->schema, store->schema);
	status = own(store, sql, &answer);
	*checksum = ILV_CHECKSUM_EMPTY;
	for (int row = 0; status == ILV_STATUS_OK && row < PQntuples(answer); row++) {
		*checksum = ilv_checksum_add_bytes(*checksum, PQgetvalue(answer, row, 0),
						   (size_t)PQgetlength(answer, row, 0));
	}

	PQclear(answer);

	return status;
}
