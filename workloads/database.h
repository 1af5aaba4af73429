/* SPDX-License-Identifier: MIT */
/*
 * Description: the run's database: a PostgreSQL server of its own, on a Unix socket in a temporary
 * folder, or one that is there already. A process of this program keeps the private server: it
 * stops it and removes the folder when the run ends, however the run ends.
 */
#ifndef ILV_WORKLOADS_DATABASE_H
#define ILV_WORKLOADS_DATABASE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"
#include "workloads/scratch.h"

#define ILV_DATABASE_URL_SIZE 512

/* Zeroed: none. */
struct ilv_database {
	char url[ILV_DATABASE_URL_SIZE]; /* how libpq finds it: a URL or key=value words */
	struct ilv_scratch scratch;      /* of a private server */
	pid_t keeper_pid;                /* 0: the server is not ours */
	int lifeline_fd;                 /* the keeper ends when this closes */
};

/*
 * Starts a private server for `connection_count` connections at once and returns when it serves;
 * with a `url` that is not NULL only keeps that. ILV_STATUS_UNSUPPORTED where PostgreSQL is not
 * installed. What it made, ilv_database_stop() ends in any case.
 */
enum ilv_status ilv_database_start(const char *url, int64_t connection_count,
				   struct ilv_database *database) ILV_NODISCARD;

/* Stops a private server and returns when it is gone and its folder too. */
void ilv_database_stop(struct ilv_database *database);

#endif /* ILV_WORKLOADS_DATABASE_H */
