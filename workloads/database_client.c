/* SPDX-License-Identifier: MIT */
/* Description: queries through libpq, with the runtime's waits between its non-blocking calls. */
#include "workloads/database_client.h"

#include <string.h>

#include "base/cause.h"
#include "workloads/runtime.h"

/* Adds the first line of what libpq says: further ones show the query, or advise. */
static void add_cause(const char *what, const char *words)
{
	ilv_cause_add("%s: %.*s", what, (int)strcspn(words, "\n"), words);
}

/* What failed while the connection was in use; of a lost one the first line says why. */
static void add_failure(const PGconn *connection, const char *what)
{
	add_cause(PQstatus(connection) == CONNECTION_BAD
			  ? "the database server closed the connection, or was killed"
			  : what,
		  PQerrorMessage(connection));
}

enum ilv_status ilv_database_check(const PGconn *connection, const PGresult *answer)
{
	if (PQresultStatus(answer) == PGRES_TUPLES_OK ||
	    PQresultStatus(answer) == PGRES_COMMAND_OK) {
		return ILV_STATUS_OK;
	}

	if (!answer || PQstatus(connection) == CONNECTION_BAD) {
		add_failure(connection, "Cannot query the database");
		return ILV_STATUS_IO;
	}

	add_cause("the database refused a query", PQresultErrorMessage(answer));

	return ILV_STATUS_ERROR;
}

/* Sends what libpq still holds back. */
static enum ilv_status flush(PGconn *connection)
{
	enum ilv_status status = ILV_STATUS_OK;
	int held_back = 0;

	while (status == ILV_STATUS_OK && (held_back = PQflush(connection)) == 1) {
		status = ilv_await_fd(PQsocket(connection), ILV_WAIT_REASON_WRITE);
	}

	if (held_back < 0) {
		add_failure(connection, "Cannot send a query");
		status = ILV_STATUS_IO;
	}

	return status;
}

/* Waits until the next answer is whole. */
static enum ilv_status receive(PGconn *connection)
{
	enum ilv_status status = ILV_STATUS_OK;

	while (status == ILV_STATUS_OK && PQisBusy(connection)) {
		status = ilv_await_fd(PQsocket(connection), ILV_WAIT_REASON_READ);
		if (status == ILV_STATUS_OK && !PQconsumeInput(connection)) {
			add_failure(connection, "Cannot receive an answer");
			status = ILV_STATUS_IO;
		}
	}

	return status;
}

enum ilv_status ilv_database_query(PGconn *connection, const char *sql, int parameter_count,
				   const char *const *parameters, PGresult **answer)
{
	enum ilv_status status = ILV_STATUS_OK;
	PGresult *last = NULL;
	PGresult *next = NULL;

	if (!PQsendQueryParams(connection, sql, parameter_count, NULL, parameters, NULL, NULL, 0)) {
		add_failure(connection, "Cannot send a query");
		return ILV_STATUS_IO;
	}

	status = flush(connection);
	while (status == ILV_STATUS_OK) {
		status = receive(connection);
		if (status < 0) {
			break;
		}

		/* NULL says that the query is over. */
		next = PQgetResult(connection);
		if (!next) {
			break;
		}

		PQclear(last);
		last = next;
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_database_check(connection, last);
	}

	if (status == ILV_STATUS_OK && answer) {
		*answer = last;
		last = NULL;
	}

	PQclear(last);

	return status;
}
