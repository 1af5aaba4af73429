/* SPDX-License-Identifier: MIT */
/*
 * Description: job `postgres`: each job has a connection to a real PostgreSQL server, sends it rows
 * of numbers and asks for them back, and the server takes its time. It is one source of libpq's
 * non-blocking calls: the trace shows a thread that is blocked for each query, or one loop that
 * reads whichever answer comes first; and jobs that wait for a slot where there are more than
 * --connections.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "workloads/database.h"
#include "workloads/database_client.h"
#include "workloads/random.h"
#include "workloads/slots.h"
#include "workloads/workload.h"

#define NUMBER_MODULUS UINT64_C(1000000000000)
#define NUMBER_LENGTH  14 /* of a number in an array, with its comma */
#define MS_PER_S       1000.0

/* A temporary table belongs to its connection and goes with it: nothing stays in a database that is
 * not ours. */
#define CREATE_SQL "CREATE TEMPORARY TABLE ilv_numbers (query bigint, place bigint, number bigint)"
#define INSERT_SQL                                                                                 \
	"INSERT INTO ilv_numbers SELECT $1::bigint, place, number "                                \
	"FROM unnest($2::bigint[]) WITH ORDINALITY AS sent(number, place)"
#define SELECT_SQL                                                                                 \
	"WITH service AS (SELECT pg_sleep($2::float8)) "                                           \
	"SELECT number FROM service, ilv_numbers WHERE query = $1::bigint ORDER BY place"

enum option {
	OPTION_QUERIES,
	OPTION_SERVICE_MS,
	OPTION_ROWS,
	OPTION_CONNECTIONS,
	OPTION_DATABASE_URL,
};

static const struct ilv_option options[] = {
	[OPTION_QUERIES] = {"queries", "queries that each job makes", 3, 1, 1000000},
	[OPTION_SERVICE_MS] = {"service-ms", "how long the server takes for a query", 20, 0,
			       600000},
	[OPTION_ROWS] = {"rows", "rows that a query writes and reads", 500, 1, 100000},
	[OPTION_CONNECTIONS] = {"connections", "connections at once", 20, 1, 1000},
	[OPTION_DATABASE_URL] = {"database-url", "a server that is there (default: a private one)",
				 .kind = ILV_OPTION_KIND_TEXT, .value_name = "URL",
				 .is_secret = true},
	{0},
};

struct querier {
	char url[ILV_DATABASE_URL_SIZE];
	int64_t query_count;
	int64_t service_ms;
	size_t row_count;
	int64_t slot_count; /* 0: as many connections as jobs */
	int64_t index;
	uint64_t seed;
};

/* At most --connections jobs are connected at once. */
static struct ilv_slots slots;

/* Writes numbers as PostgreSQL reads an array: "{1,2,3}". */
static void spell_array(uint64_t seed, size_t count, char *array)
{
	uint64_t random = seed;

	*array++ = '{';
	for (size_t index = 0; index < count; index++) {
		array += snprintf(array, NUMBER_LENGTH + 1, "%s%" PRIu64, index > 0 ? "," : "",
				  ilv_random_next(&random) % NUMBER_MODULUS);
	}

	memcpy(array, "}", 2);
}

/* Holds what came back against what was sent, number by number. */
static enum ilv_status check_rows(const PGresult *rows, uint64_t seed, size_t count,
				  uint64_t *checksum)
{
	uint64_t random = seed;

	for (size_t index = 0; index < count && (int)index < PQntuples(rows); index++) {
		const uint64_t sent = ilv_random_next(&random) % NUMBER_MODULUS;
		const uint64_t received = strtoull(PQgetvalue(rows, (int)index, 0), NULL, 10);

		if (received != sent) {
			ilv_cause_add("the database answered %" PRIu64 " where %" PRIu64
				      " was sent",
				      received, sent);
			return ILV_STATUS_ERROR;
		}

		*checksum = ilv_checksum_add(*checksum, received);
	}

	if ((size_t)PQntuples(rows) != count) {
		ilv_cause_add("the database answered %d rows, not %zu", PQntuples(rows), count);
		return ILV_STATUS_ERROR;
	}

	return ilv_tick();
}

static enum ilv_status query_once(const struct querier *querier, PGconn *connection, int64_t number,
				  char *array, uint64_t *checksum)
{
	const uint64_t seed = querier->seed + (uint64_t)number;
	char number_text[24];
	char service_text[24];
	const char *parameters[] = {number_text, array};
	PGresult *rows = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	(void)snprintf(number_text, sizeof(number_text), "%" PRId64, number);
	(void)snprintf(service_text, sizeof(service_text), "%.3f",
		       (double)querier->service_ms / MS_PER_S);
	spell_array(seed, querier->row_count, array);
	status = ilv_database_query(connection, INSERT_SQL, 2, parameters, NULL);
	if (status == ILV_STATUS_OK) {
		parameters[1] = service_text;
		status = ilv_database_query(connection, SELECT_SQL, 2, parameters, &rows);
	}

	if (status == ILV_STATUS_OK) {
		status = check_rows(rows, seed, querier->row_count, checksum);
	}

	PQclear(rows);

	return status;
}

static enum ilv_status query_all(const struct querier *querier, char *array, uint64_t *checksum)
{
	PGconn *connection = NULL;
	enum ilv_status status = ilv_database_connect(querier->url, ilv_await_fd_for, &connection);

	if (status == ILV_STATUS_OK) {
		status = ilv_database_query(connection, CREATE_SQL, 0, NULL, NULL);
	}

	for (int64_t number = 0; number < querier->query_count && status == ILV_STATUS_OK;
	     number++) {
		status = query_once(querier, connection, number, array, checksum);
	}

	PQfinish(connection);

	return status;
}

static enum ilv_status postgres_job(void *argument, struct ilv_result *result)
{
	const struct querier *querier = argument;
	uint64_t checksum = ILV_CHECKSUM_EMPTY;
	enum ilv_status status = ILV_STATUS_OK;
	char *array = malloc(querier->row_count * NUMBER_LENGTH + sizeof("{}"));

	if (!array) {
		ilv_cause_add("Cannot make rows: count=%zu", querier->row_count);
		return ILV_STATUS_MEMORY;
	}

	status = ilv_slots_enter(&slots, querier->slot_count, querier->index);
	if (status == ILV_STATUS_OK) {
		status = query_all(querier, array, &checksum);
		ilv_slots_leave(&slots, querier->index);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_result_append(result, &checksum, sizeof(checksum));
	}

	free(array);

	return status;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	const int64_t connection_count = run->values[OPTION_CONNECTIONS];

	return ilv_database_start(
		run->texts[OPTION_DATABASE_URL],
		connection_count < run->job_count ? connection_count : run->job_count, run->state);
}

static int64_t slot_count(const struct ilv_run *run)
{
	return run->values[OPTION_CONNECTIONS] < run->job_count ? run->values[OPTION_CONNECTIONS]
								: 0;
}

static void plan(const struct ilv_run *run, int64_t index, void *argument)
{
	const struct ilv_database *database = run->state;
	struct querier *querier = argument;

	*querier = (struct querier){
		.query_count = run->values[OPTION_QUERIES],
		.service_ms = run->values[OPTION_SERVICE_MS],
		.row_count = (size_t)run->values[OPTION_ROWS],
		.slot_count = slot_count(run),
		.index = index,
		.seed = ilv_random_stream((uint64_t)run->seed, (uint64_t)index),
	};
	memcpy(querier->url, database->url, sizeof(querier->url));
}

static enum ilv_status run(struct ilv_run *run)
{
	enum ilv_status status = ilv_slots_open(&slots, slot_count(run), "connection");

	if (status == ILV_STATUS_OK) {
		status = ilv_run_planned(run);
	}

	ilv_slots_close(&slots);

	return status;
}

static void cleanup(struct ilv_run *run)
{
	ilv_database_stop(run->state);
}

const struct ilv_workload ilv_workload_postgres = {
	.name = "postgres",
	.description = "writes rows to a PostgreSQL server and reads them back: waits for it",
	.shows =
		"Each query of a thread blocks that thread until the answer is there; a loop sends "
		"the queries of all and reads whichever answer comes first. Either way the waits "
		"lie side by side.",
	.job_noun = "jobs",
	.default_job_count = 6,
	.max_job_count = 10000,
	.options = options,
	.job = postgres_job,
	.argument_size = sizeof(struct querier),
	.plan = plan,
	.has_flat_arguments = true,
	.state_size = sizeof(struct ilv_database),
	.prepare = prepare,
	.run = run,
	.cleanup = cleanup,
};
