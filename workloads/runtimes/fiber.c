/* SPDX-License-Identifier: MIT */
/* Description: fibers over jump_fcontext, their stacks and guards, and what sanitizers have to
 * know. */
#include "workloads/runtimes/fiber.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cause.h"
#include "workloads/runtimes/refusal.h"

#ifdef ILV_HAVE_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef ILV_HAVE_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* Linux 6.13; a guard that is part of its mapping, so that neighbouring stacks stay one mapping. */
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

#define CANARY       UINT64_C(0x5ca1ab1e0ddba115)
#define CANARY_COUNT 64

/* Boost.Context's C entry points; its headers are for C++ only. */
struct transfer {
	void *context; /* where the jump came from */
	void *argument;
};
struct transfer jump_fcontext(void *context, void *argument);
void *make_fcontext(void *stack_top, size_t size, void (*function)(struct transfer from));

/* One of the two parties of a switch. */
struct side {
	void *context;   /* where it stands while it does not run */
	const void *low; /* its stack, for AddressSanitizer */
	size_t size;
	void *fake_stack; /* AddressSanitizer's */
	void *tsan;       /* ThreadSanitizer's */
};

struct ilv_fiber {
	struct side self;
	struct side host; /* whoever resumed it last */
	void (*function)(void *argument);
	void *argument;
	unsigned char *mapping; /* guard page, then stack */
	size_t mapping_size;
	bool has_canary;
	bool is_done;
};

static void before_jump(struct side *from, const struct side *to, bool is_last)
{
	(void)from;
	(void)to;
	(void)is_last;
#ifdef ILV_HAVE_ASAN
	__sanitizer_start_switch_fiber(is_last ? NULL : &from->fake_stack, to->low, to->size);
#endif
#ifdef ILV_HAVE_TSAN
	__tsan_switch_to_fiber(to->tsan, 0);
#endif
}

/* `from` is who runs again, `peer` who jumped: whose stack AddressSanitizer now names. */
static void after_jump(struct side *from, struct side *peer)
{
	(void)from;
	(void)peer;
#ifdef ILV_HAVE_ASAN
	__sanitizer_finish_switch_fiber(from->fake_stack, &peer->low, &peer->size);
#endif
}

static void switch_sides(struct ilv_fiber *fiber, struct side *from, struct side *to)
{
	struct transfer arrival;

	before_jump(from, to, fiber->is_done);
	arrival = jump_fcontext(to->context, fiber);
	/* A fiber and its host only ever jump to each other, so the one that jumped here is `to`.
	 */
	to->context = arrival.context;
	after_jump(from, to);
}

static void fiber_main(struct transfer arrival)
{
	struct ilv_fiber *fiber = arrival.argument;

	fiber->host.context = arrival.context;
	after_jump(&fiber->self, &fiber->host);

	fiber->function(fiber->argument);

	fiber->is_done = true;
	switch_sides(fiber, &fiber->self, &fiber->host);
	abort(); /* Somebody resumed a fiber that was done. */
}

static void plant_canary(struct ilv_fiber *fiber, size_t page_size)
{
	static bool is_said;
	uint64_t *lowest = (uint64_t *)(fiber->mapping + page_size);

	for (size_t index = 0; index < CANARY_COUNT; index++) {
		lowest[index] = CANARY;
	}

	fiber->has_canary = true;
	if (!is_said) {
		is_said = true;
		fprintf(stderr,
			"interleave: no room for more guard pages (vm.max_map_count); the stacks "
			"of further tasks carry canaries instead\n");
	}
}

static void check_canary(const struct ilv_fiber *fiber)
{
	const uint64_t *lowest = fiber->self.low;

	for (size_t index = 0; index < CANARY_COUNT; index++) {
		if (lowest[index] != CANARY) {
			fprintf(stderr, "interleave: a task overran its stack of %zu bytes\n",
				fiber->self.size);
			abort();
		}
	}
}

/* The guard page below the stack, in the cheapest way that this kernel has. */
static void install_guard(struct ilv_fiber *fiber, size_t page_size)
{
	if (madvise(fiber->mapping, page_size, MADV_GUARD_INSTALL) == 0) {
		return;
	}

	if (mprotect(fiber->mapping, page_size, PROT_NONE) == 0) {
		return;
	}

	plant_canary(fiber, page_size);
}

enum ilv_status ilv_fiber_create(size_t stack_size, void (*function)(void *argument),
				 void *argument, struct ilv_fiber **fiber)
{
	const size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
	const size_t rounded_size = (stack_size + page_size - 1) / page_size * page_size;
	struct ilv_fiber *created = calloc(1, sizeof(*created));

	if (!created) {
		ilv_cause_add("Cannot create coroutine");
		return ILV_STATUS_MEMORY;
	}

	created->mapping_size = page_size + rounded_size;
	created->mapping = mmap(NULL, created->mapping_size, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (created->mapping == MAP_FAILED) {
		ilv_refusal_explain("stack", errno);
		free(created);
		return ILV_STATUS_MEMORY;
	}

	created->function = function;
	created->argument = argument;
	created->self.low = created->mapping + page_size;
	created->self.size = rounded_size;
	created->self.context =
		make_fcontext(created->mapping + created->mapping_size, rounded_size, fiber_main);
#ifdef ILV_HAVE_TSAN
	created->self.tsan = __tsan_create_fiber(0);
#endif
	install_guard(created, page_size);
	*fiber = created;

	return ILV_STATUS_OK;
}

void ilv_fiber_resume(struct ilv_fiber *fiber)
{
#ifdef ILV_HAVE_TSAN
	fiber->host.tsan = __tsan_get_current_fiber();
#endif
	switch_sides(fiber, &fiber->host, &fiber->self);
	if (fiber->has_canary) {
		check_canary(fiber);
	}
}

void ilv_fiber_suspend(struct ilv_fiber *fiber)
{
	switch_sides(fiber, &fiber->self, &fiber->host);
}

bool ilv_fiber_is_done(const struct ilv_fiber *fiber)
{
	return fiber->is_done;
}

void ilv_fiber_destroy(struct ilv_fiber *fiber)
{
	if (!fiber) {
		return;
	}

#ifdef ILV_HAVE_TSAN
	__tsan_destroy_fiber(fiber->self.tsan);
#endif
#ifdef ILV_HAVE_ASAN
	/* A frame that was left in the middle leaves poison behind, which the next mapping here
	 * would inherit. */
	__asan_unpoison_memory_region(fiber->self.low, fiber->self.size);
#endif
	(void)munmap(fiber->mapping, fiber->mapping_size);
	free(fiber);
}
