/* SPDX-License-Identifier: MIT */
/*
 * Description: stackful coroutines: a function on a stack of its own, that its thread can leave in
 * the middle and enter again. Boost.Context's two C entry points do the switch; AddressSanitizer
 * and ThreadSanitizer are told of it.
 *
 * A fiber lives on one thread: all calls of it come from there. Not thread-safe.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_FIBER_H
#define ILV_WORKLOADS_RUNTIMES_FIBER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ILV_HAVE_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define ILV_HAVE_TSAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define ILV_HAVE_ASAN 1
#endif
#ifdef __SANITIZE_THREAD__
#define ILV_HAVE_TSAN 1
#endif

/*
 * A tracepoint needs 4 KiB, printf some more; only pages that were touched cost memory. Sanitizers
 * make frames several times as large.
 */
#if defined(ILV_HAVE_ASAN) || defined(ILV_HAVE_TSAN)
#define ILV_FIBER_STACK_SIZE ((size_t)256 * 1024)
#else
#define ILV_FIBER_STACK_SIZE ((size_t)64 * 1024)
#endif

struct ilv_fiber;

/*
 * Creates a fiber that will run `function(argument)` on a stack of `stack_size` bytes, rounded up
 * to pages, with a guard below it: who overruns the stack dies of SIGSEGV and corrupts nothing.
 * Where the kernel has no room for more guards, canaries stand in for them, which is said on stderr
 * once.
 */
enum ilv_status ilv_fiber_create(size_t stack_size, void (*function)(void *argument),
				 void *argument, struct ilv_fiber **fiber) ILV_NODISCARD;

/* Enters `fiber`, and returns when it suspends itself or its function returns. Never from inside a
 * fiber. */
void ilv_fiber_resume(struct ilv_fiber *fiber);

/* Leaves `fiber`, which the caller must be running on; returns when it is resumed. */
void ilv_fiber_suspend(struct ilv_fiber *fiber);

/* True once its function has returned: it must not be resumed any more. */
bool ilv_fiber_is_done(const struct ilv_fiber *fiber);

/* Frees it; what a suspended fiber still holds is lost. Never from inside. NULL is allowed. */
void ilv_fiber_destroy(struct ilv_fiber *fiber);

#endif /* ILV_WORKLOADS_RUNTIMES_FIBER_H */
