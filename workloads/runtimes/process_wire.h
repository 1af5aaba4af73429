/* SPDX-License-Identifier: MIT */
/*
 * Description: what processes of one program say to each other, as bytes: a job to do, and what
 * came of it. Both sides are the same program, so numbers go as they are in memory; a function is
 * named by its place in the program, for the program may be loaded anywhere.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_PROCESS_WIRE_H
#define ILV_WORKLOADS_RUNTIMES_PROCESS_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "workloads/runtimes/runtime.h"

/* A job to do. */
struct ilv_wire_job {
	uint64_t number;
	uint64_t function_offset;
	void *argument;         /* only a fork can use it, where argument_size is 0 */
	uint64_t argument_size; /* so many bytes follow: the argument itself */
	char name[ILV_NAME_SIZE];
};

/* What came of it: `cause_length` and then `result_length` bytes follow, and then `truth_count`
 * records of threads. */
struct ilv_wire_answer {
	uint64_t number;
	int64_t status;
	uint64_t cause_length;
	uint64_t result_length;
	uint64_t truth_count;
};

/* Appends the job of `handle` to `bytes`. */
enum ilv_status ilv_wire_put_job(struct ilv_result *bytes, uint64_t number,
				 const struct ilv_handle *handle) ILV_NODISCARD;

/*
 * Fills function, argument and name of the zeroed `handle` from the job at the beginning of
 * `bytes`. An argument that came along is a copy in `*argument`, to be freed; else that is NULL.
 * ILV_STATUS_AGAIN when not all of it is there; else `*length` is how many bytes it took.
 */
enum ilv_status ilv_wire_take_job(const struct ilv_result *bytes, struct ilv_handle *handle,
				  uint64_t *number, void **argument, size_t *length) ILV_NODISCARD;

/* Appends what came of `handle` to `bytes`; with `is_last` all that this process kept for the
 * truth, of its own threads and of its children's. */
enum ilv_status ilv_wire_put_answer(struct ilv_result *bytes, uint64_t number,
				    const struct ilv_handle *handle, bool is_last) ILV_NODISCARD;

/*
 * Looks at the answer at the beginning of `bytes`. ILV_STATUS_AGAIN when not all of it is there;
 * else `*answer` is its head and `*length` how many bytes it takes.
 */
enum ilv_status ilv_wire_look(const struct ilv_result *bytes, struct ilv_wire_answer *answer,
			      size_t *length) ILV_NODISCARD;

/* Moves what that answer says into `handle`, and its truth, if it has one, to the run's. */
enum ilv_status ilv_wire_keep(const struct ilv_result *bytes, const struct ilv_wire_answer *answer,
			      struct ilv_handle *handle) ILV_NODISCARD;

/* Forgets the first `length` bytes. */
void ilv_wire_drop(struct ilv_result *bytes, size_t length);

/*
 * Reads what is there, up to a bounded amount, from `fd` and appends it. ILV_STATUS_END at the end
 * of the stream, also when the other side broke it off; ILV_STATUS_AGAIN when nothing is there now.
 */
enum ilv_status ilv_wire_receive(int fd, struct ilv_result *bytes) ILV_NODISCARD;

/*
 * Writes all of `bytes` to the socket `fd`, however long that blocks. It says that it waits only
 * where it has to.
 */
enum ilv_status ilv_wire_send(int fd, const struct ilv_result *bytes) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_RUNTIMES_PROCESS_WIRE_H */
