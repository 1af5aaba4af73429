/* SPDX-License-Identifier: MIT */
/* Description: whose events a trace holds, as far as one who finds none of ours in it wants to
 * know. */
#ifndef ILV_ANALYSIS_DECODE_FOREIGN_H
#define ILV_ANALYSIS_DECODE_FOREIGN_H

#include <stdbool.h>
#include <stdint.h>

#define ILV_PROVIDER_MAX       3
#define ILV_PROVIDER_NAME_SIZE 64

struct ilv_foreign {
	bool has_ours;            /* events of the provider `interleave` */
	bool has_kernel;          /* events of LTTng's kernel tracer */
	bool has_kernel_switches; /* sched_switch is among them */
	/* The first of the other providers, by name: raw, as the trace has it. */
	char providers[ILV_PROVIDER_MAX][ILV_PROVIDER_NAME_SIZE];
	uint32_t provider_count;
	bool has_more_providers;
};

/* Notes a class of events, "provider:event" or, in the kernel, "event". Whatever the order of the
 * calls, the outcome is the same. */
void ilv_foreign_note(struct ilv_foreign *foreign, const char *class_name, bool is_kernel);

#endif /* ILV_ANALYSIS_DECODE_FOREIGN_H */
