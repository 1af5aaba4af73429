/* SPDX-License-Identifier: MIT */
/* Description: the scraper's tables, and what goes in and out of them. */
#include "workloads/lessons/scraper_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "workloads/database_client.h"
#include "workloads/random.h"

#define SQL_SIZE   512
#define ARRAY_SIZE 128 /* room for the links of a page */

/* Does `sql` on the main thread's connection, which may block: no job runs then. */
static enum ilv_status own(struct ilv_scraper_store *store, const char *sql, PGresult **answer)
{
	PGresult *done = PQexec(store->owner, sql);
	enum ilv_status status = ILV_STATUS_OK;

	if (PQresultStatus(done) != PGRES_COMMAND_OK && PQresultStatus(done) != PGRES_TUPLES_OK) {
		ilv_cause_add("the database refused a query: %s", PQerrorMessage(store->owner));
		status = ILV_STATUS_ERROR;
	}

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
	enum ilv_status status = ILV_STATUS_OK;

	store->owner = PQconnectdb(store->database.url);
	if (PQstatus(store->owner) != CONNECTION_OK) {
		ilv_cause_add("Cannot connect to the database: %s", PQerrorMessage(store->owner));
		return ILV_STATUS_IO;
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

void ilv_scraper_store_close(struct ilv_scraper_store *store)
{
	char sql[SQL_SIZE];

	/* A private server's tables go with it. */
	if (store->schema[0] && store->database.keeper_pid == 0) {
		(void)snprintf(sql, sizeof(sql), "DROP SCHEMA %s CASCADE", store->schema);
		(void)own(store, sql, NULL);
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
