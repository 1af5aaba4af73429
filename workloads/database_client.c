/* SPDX-License-Identifier: MIT */
/* Description: libpq, with the runtime's waits between its non-blocking calls. */
#include "workloads/database_client.h"

#include <string.h>

#include "base/cause.h"
#include "workloads/runtime.h"

/* Adds what libpq says of its connection; its words end in a newline, which the chain replaces. */
static void add_cause(const char *what, const char *words)
{
	size_t length = strlen(words);

	while (length > 0 && words[length - 1] == '\n') {
		length--;
	}

	ilv_cause_add("%s: %.*s", what, (int)length, words);
}

/* What failed while the connection was in use; of a lost one the first line says why. */
static void add_failure(const PGconn *connection, const char *what)
{
	const char *words = PQerrorMessage(connection);

	if (PQstatus(connection) == CONNECTION_BAD) {
		ilv_cause_add("the database server closed the connection, or was killed: %.*s",
			      (int)strcspn(words, "\n"), words);
	} else {
		add_cause(what, words);
	}
}

/* What a server says besides is nothing that the run should print. */
static void ignore_notice(void *unused, const char *words)
{
	(void)unused;
	(void)words;
}

enum ilv_status ilv_database_connect(const char *url, PGconn **connection)
{
	enum ilv_status status = ILV_STATUS_OK;
	PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
	PGconn *connecting = PQconnectStart(url);

	if (!connecting) {
		ilv_cause_add("Cannot connect to the database: no memory");
		return ILV_STATUS_MEMORY;
	}

	(void)PQsetNoticeProcessor(connecting, ignore_notice, NULL);
	if (PQstatus(connecting) == CONNECTION_BAD) {
		wanted = PGRES_POLLING_FAILED;
	}

	while (status == ILV_STATUS_OK && wanted != PGRES_POLLING_OK &&
	       wanted != PGRES_POLLING_FAILED) {
		status = ilv_await_fd(PQsocket(connecting), wanted == PGRES_POLLING_WRITING
								    ? ILV_WAIT_REASON_WRITE
								    : ILV_WAIT_REASON_READ);
		if (status == ILV_STATUS_OK) {
			wanted = PQconnectPoll(connecting);
		}
	}

	if (status == ILV_STATUS_OK &&
	    (wanted == PGRES_POLLING_FAILED || PQsetnonblocking(connecting, 1) != 0)) {
		add_cause("Cannot connect to the database", PQerrorMessage(connecting));
		status = ILV_STATUS_IO;
	}

	if (status == ILV_STATUS_OK) {
		*connection = connecting;
	} else {
		PQfinish(connecting);
	}

	return status;
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

	if (status == ILV_STATUS_OK && PQresultStatus(last) != PGRES_TUPLES_OK &&
	    PQresultStatus(last) != PGRES_COMMAND_OK) {
		add_cause("the database refused a query",
			  last ? PQresultErrorMessage(last) : PQerrorMessage(connection));
		status = ILV_STATUS_ERROR;
	}

	if (status == ILV_STATUS_OK && answer) {
		*answer = last;
		last = NULL;
	}

	PQclear(last);

	return status;
}
