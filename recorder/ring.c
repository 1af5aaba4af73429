/* SPDX-License-Identifier: MIT */
/*
 * Description: reads perf rings. `data_head` is the kernel's and grows for ever; so does
 * `data_tail`, which is ours.
 */
#include "recorder/ring.h"

#include <errno.h>
#include <string.h>

#include <sys/mman.h>
#include <unistd.h>

int ilv_ring_map(struct ilv_ring *ring, int fd, int32_t cpu, size_t page_count)
{
	size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (page_count + 1) * page_size;
	char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED) {
		return errno;
	}
	ilv_ring_init(ring, (struct perf_event_mmap_page *)map, map + page_size,
		      page_count * page_size);
	ring->mapped_size = size;
	ring->cpu = cpu;
	return 0;
}

void ilv_ring_init(struct ilv_ring *ring, struct perf_event_mmap_page *control, char *bytes,
		   uint64_t size)
{
	*ring = (struct ilv_ring){.control = control, .bytes = bytes, .size = size};
	ring->tail = control->data_tail;
	ring->published = ring->tail;
	ring->head = ring->tail;
}

void ilv_ring_fini(struct ilv_ring *ring)
{
	if (ring->mapped_size > 0) {
		munmap(ring->control, ring->mapped_size);
	}
	*ring = (struct ilv_ring){0};
}

void ilv_ring_snapshot(struct ilv_ring *ring)
{
	/* Pairs with the kernel's barrier between writing records and moving its head. */
	ring->head = __atomic_load_n(&ring->control->data_head, __ATOMIC_ACQUIRE);
}

const struct perf_event_header *ilv_ring_peek(struct ilv_ring *ring, void *bounce)
{
	uint64_t offset = ring->tail & (ring->size - 1);
	const struct perf_event_header *header = (const void *)(ring->bytes + offset);
	uint64_t until_end = ring->size - offset;

	/* Records are multiples of 8 bytes and so is the ring: a header is never split. */
	if (ring->head - ring->tail < sizeof(*header)) {
		return NULL;
	}
	if (header->size < sizeof(*header) || header->size > ring->head - ring->tail) {
		/* Not what a kernel writes. All up to the snapshot is given up rather than misread.
		 */
		ring->tail = ring->head;
		return NULL;
	}
	if (header->size > until_end) {
		uint16_t size = header->size;

		memcpy(bounce, header, until_end);
		memcpy((char *)bounce + until_end, ring->bytes, size - until_end);
		header = bounce;
	}

	return header;
}

void ilv_ring_advance(struct ilv_ring *ring, size_t size)
{
	ring->tail += size;
	/* A long drain gives room back on its way; each time costs the kernel a cache line. */
	if (ring->tail - ring->published > ring->size / 8) {
		ilv_ring_publish(ring);
	}
}

void ilv_ring_publish(struct ilv_ring *ring)
{
	/* Our reads come before the kernel may write there again. */
	__atomic_store_n(&ring->control->data_tail, ring->tail, __ATOMIC_RELEASE);
	ring->published = ring->tail;
}
