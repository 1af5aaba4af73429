/* SPDX-License-Identifier: MIT */
/*
 * Description: one perf ring: memory that the kernel fills and we empty. Reading goes up to a
 * snapshot of the kernel's head, so that a drain has an end however fast the kernel writes.
 *
 * Not thread-safe: one thread reads a ring; the kernel is the other side.
 */
#ifndef ILV_RECORDER_RING_H
#define ILV_RECORDER_RING_H

#include <stddef.h>
#include <stdint.h>

#include <linux/perf_event.h>

struct ilv_ring {
	struct perf_event_mmap_page *control; /* shared with the kernel */
	char *bytes;
	uint64_t size;      /* of `bytes`; a power of two */
	uint64_t head;      /* the snapshot */
	uint64_t tail;      /* what we have read */
	uint64_t published; /* what the kernel knows that we have read */
	size_t mapped_size; /* 0: the memory is the caller's */
	int32_t cpu;
};

/* The longest record: its size is 16 bits wide. */
#define ILV_RING_RECORD_MAX 65536

/* Maps the ring of the event `fd`, of `page_count` pages, a power of two. Returns 0, or an errno.
 */
int ilv_ring_map(struct ilv_ring *ring, int fd, int32_t cpu, size_t page_count);

/* Makes a ring of memory that the caller has laid out as the kernel does. */
void ilv_ring_init(struct ilv_ring *ring, struct perf_event_mmap_page *control, char *bytes,
		   uint64_t size);

/* Gives the memory back; the ring may be empty (all zero). */
void ilv_ring_fini(struct ilv_ring *ring);

/* Takes the snapshot up to which `ilv_ring_peek()` reads. */
void ilv_ring_snapshot(struct ilv_ring *ring);

/*
 * Returns the next record, whole and contiguous: in place, or copied to `bounce`
 * (ILV_RING_RECORD_MAX bytes, aligned to 8) when it is split by the ring's end. NULL at the
 * snapshot. It is borrowed until `ilv_ring_advance()`.
 */
const struct perf_event_header *ilv_ring_peek(struct ilv_ring *ring, void *bounce);

/* Passes over a record of `size` bytes; now and then the kernel is told at once. */
void ilv_ring_advance(struct ilv_ring *ring, size_t size);

/* Tells the kernel all that has been read. */
void ilv_ring_publish(struct ilv_ring *ring);

#endif /* ILV_RECORDER_RING_H */
