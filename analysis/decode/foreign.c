/* SPDX-License-Identifier: MIT */
/* Description: keeps the few providers whose names come first, so that threads which meet them in
 * another order keep the same. */
#include "analysis/decode/foreign.h"

#include <stdio.h>
#include <string.h>

static void note_provider(struct ilv_foreign *foreign, const char *name)
{
	uint32_t at = 0;

	while (at < foreign->provider_count && strcmp(foreign->providers[at], name) < 0) {
		at++;
	}

	if (at < foreign->provider_count && strcmp(foreign->providers[at], name) == 0) {
		return;
	}

	if (foreign->provider_count == ILV_PROVIDER_MAX) {
		foreign->has_more_providers = true;
		if (at == ILV_PROVIDER_MAX) {
			return;
		}
	} else {
		foreign->provider_count++;
	}

	memmove(foreign->providers[at + 1], foreign->providers[at],
		(foreign->provider_count - at - 1) * ILV_PROVIDER_NAME_SIZE);
	(void)snprintf(foreign->providers[at], ILV_PROVIDER_NAME_SIZE, "%s", name);
}

void ilv_foreign_note(struct ilv_foreign *foreign, const char *class_name, bool is_kernel)
{
	char provider[ILV_PROVIDER_NAME_SIZE];

	if (is_kernel) {
		foreign->has_kernel = true;
		foreign->has_kernel_switches =
			foreign->has_kernel_switches || strcmp(class_name, "sched_switch") == 0;
		return;
	}

	(void)snprintf(provider, sizeof(provider), "%.*s", (int)strcspn(class_name, ":"),
		       class_name);
	if (strcmp(provider, "interleave") == 0) {
		foreign->has_ours = true;
	} else if (provider[0]) {
		note_provider(foreign, provider);
	}
}
