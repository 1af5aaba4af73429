/* SPDX-License-Identifier: MIT */
/*
 * Description: what a job needs of PostgreSQL: a connection and queries, through libpq's
 * non-blocking calls. All waits go through the runtime, so one source blocks a thread or suspends a
 * task.
 */
#ifndef ILV_WORKLOADS_DATABASE_CLIENT_H
#define ILV_WORKLOADS_DATABASE_CLIENT_H

#include <libpq-fe.h>

#include "base/status.h"

/* Connects to what `url` names. End `*connection` with PQfinish(). Of the name of a distant host
 * only libpq itself waits for an address, and blocks. */
enum ilv_status ilv_database_connect(const char *url, PGconn **connection) ILV_NODISCARD;

/*
 * Sends `sql` with `parameter_count` parameters as text, and waits for its answer. `*answer` is to
 * be freed with PQclear(), or dropped here when NULL. An error of the server is ILV_STATUS_ERROR
 * with its words as cause.
 */
enum ilv_status ilv_database_query(PGconn *connection, const char *sql, int parameter_count,
				   const char *const *parameters, PGresult **answer) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_DATABASE_CLIENT_H */
