/* SPDX-License-Identifier: MIT */
/*
 * Description: the loopback HTTP server of a run, in a process of its own, and what its clients
 * expect of it. It serves, after its service time, GET /numbers/SEED/BYTES: as many bytes of lines
 * with decimal numbers, the same for a seed; and GET /site/SEED/PAGES/PAGE, which site.h describes.
 */
#ifndef ILV_WORKLOADS_SERVER_H
#define ILV_WORKLOADS_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

/* The first argument by which this program knows that it is to be the server. */
#define ILV_SERVER_COMMAND "serve"

#define ILV_SERVER_BODY_MAX ((size_t)16 * 1024 * 1024)

struct ilv_server {
	pid_t pid;
	uint16_t port;   /* on 127.0.0.1 */
	int lifeline_fd; /* the server ends when this closes, whatever becomes of us */
};

/* Starts the server, and returns when it listens. */
enum ilv_status ilv_server_start(int64_t service_ms, struct ilv_server *server) ILV_NODISCARD;

/* Ends it, and returns when it is gone. */
void ilv_server_stop(struct ilv_server *server);

/* The server process's main function. */
int ilv_server_main(int argument_count, char **arguments);

/* Fills `body` with what the server answers for `seed`. */
void ilv_server_fill_body(uint64_t seed, char *body, size_t length);

#endif /* ILV_WORKLOADS_SERVER_H */
