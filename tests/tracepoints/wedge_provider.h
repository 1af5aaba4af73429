/* SPDX-License-Identifier: MIT */
/* Description: one tracepoint of a test, by which it gets hold of the channel that all share. */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER wedge

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "tests/tracepoints/wedge_provider.h"

#if !defined(ILV_TESTS_TRACEPOINTS_WEDGE_PROVIDER_H) ||                                            \
	defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define ILV_TESTS_TRACEPOINTS_WEDGE_PROVIDER_H

#include <lttng/tracepoint.h>

/* clang-format off */
LTTNG_UST_TRACEPOINT_EVENT(wedge, never, LTTNG_UST_TP_ARGS(), LTTNG_UST_TP_FIELDS())
/* clang-format on */

#endif /* ILV_TESTS_TRACEPOINTS_WEDGE_PROVIDER_H */

#include <lttng/tracepoint-event.h>
