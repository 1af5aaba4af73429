/* SPDX-License-Identifier: MIT */
/*
 * Description: what a job needs of PostgreSQL: a connection and queries, through libpq's
 * non-blocking calls. All waits go through the runtime, so one source blocks a thread or suspends a
 * task.
 */
#ifndef ILV_WORKLOADS_DATABASE_CLIENT_H
#define ILV_WORKLOADS_DATABASE_CLIENT_H

#include <stdint.h>

#include <libpq-fe.h>

#include <interleave/events.h>

#include "base/status.h"

/* How to wait for a descriptor: a job gives ilv_await_fd_for(), and others what does the same. */
typedef enum ilv_status (*ilv_database_wait)(int fd, enum ilv_wait_reason reason,
					     int64_t timeout_ns);

/*
 * Connects to what `url` names. End `*connection` with PQfinish(). Each address gets the seconds of
 * connect_timeout to answer in, 30 where nobody says how many. One that takes no connection by then
 * is passed over for the next; a server that took it, and says nothing, ends the attempt. Of the
 * name of a distant host only libpq itself waits for an address, and blocks.
 */
enum ilv_status ilv_database_connect(const char *url, ilv_database_wait wait,
				     PGconn **connection) ILV_NODISCARD;

/*
 * Sends `sql` with `parameter_count` parameters as text, and waits for its answer. `*answer` is to
 * be freed with PQclear(), or dropped here when NULL. An error of the server is ILV_STATUS_ERROR
 * with its words as cause.
 */
enum ilv_status ilv_database_query(PGconn *connection, const char *sql, int parameter_count,
				   const char *const *parameters, PGresult **answer) ILV_NODISCARD;

/* Whether the server did what it was asked for; else adds why not, in one sentence. */
enum ilv_status ilv_database_check(const PGconn *connection, const PGresult *answer) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_DATABASE_CLIENT_H */
