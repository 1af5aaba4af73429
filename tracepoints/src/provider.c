/* SPDX-License-Identifier: MIT */
/*
 * Description: makes the provider's tables and probes: once in a process, for the whole of it. This
 * object must stand before lifecycle.c in the library, since its constructors run first and its
 * destructors last then.
 */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE

#include "tracepoints/src/provider.h"
