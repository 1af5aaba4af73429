/* SPDX-License-Identifier: MIT */
/*
 * Description: what a job needs to ask the run's HTTP server: a connection, and answers to GET. All
 * waits go through the runtime, so they are what the runtime makes of them.
 */
#ifndef ILV_WORKLOADS_HTTP_CLIENT_H
#define ILV_WORKLOADS_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Zeroed it is empty; each answer replaces the one before. */
struct ilv_http_answer {
	char *bytes;
	size_t capacity;
	const char *body; /* points into `bytes`, ends with a NUL that is not counted */
	size_t body_length;
};

/* Lets this process, and the server that inherits it, have as many descriptors as the system
 * allows. */
void ilv_http_raise_limits(void);

/*
 * Adds to the causes why the server at `port` refused a connection with `error`, an errno; and why
 * one ended `length` bytes into an answer: the server is gone, or it lacks descriptors.
 */
void ilv_http_explain_refusal(uint16_t port, int error);
void ilv_http_explain_end(uint16_t port, size_t length);

/* Connects to `port` of this machine. `*fd` is the caller's to close. */
enum ilv_status ilv_http_connect(uint16_t port, int *fd) ILV_NODISCARD;

/* Asks for `path` and receives the answer, which must be 200. Without `keeps_alive` the connection
 * is of no use afterwards. */
enum ilv_status ilv_http_get(int fd, const char *path, bool keeps_alive,
			     struct ilv_http_answer *answer) ILV_NODISCARD;

void ilv_http_answer_fini(struct ilv_http_answer *answer);

#endif /* ILV_WORKLOADS_HTTP_CLIENT_H */
