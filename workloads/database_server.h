/* SPDX-License-Identifier: MIT */
/* Description: the process that keeps a private PostgreSQL server, as seen by whoever starts it. */
#ifndef ILV_WORKLOADS_DATABASE_SERVER_H
#define ILV_WORKLOADS_DATABASE_SERVER_H

/* After ILV_SERVER_COMMAND: by which this program knows that it is to keep a database. */
#define ILV_DATABASE_COMMAND "database"

#define ILV_DATABASE_PORT   "5432" /* of a Unix socket: a part of its name */
#define ILV_DATABASE_USER   "interleave"
#define ILV_DATABASE_FOLDER "server" /* in the temporary folder; the server's user owns it */

/* What the keeper says in its one line when all is well; else it says what is wrong. */
#define ILV_DATABASE_READY "ready"

/* The keeper's main function: database READY_FD LIFELINE_FD LOCK_FD PARENT FOLDER PROGRAMS
 * CONNECTIONS. */
int ilv_database_server_main(int argument_count, char **arguments);

#endif /* ILV_WORKLOADS_DATABASE_SERVER_H */
