/* SPDX-License-Identifier: MIT */
/* Description: which runtime and which variant are meant, and why a workload cannot have them. */
#include <string.h>

#include "base/cause.h"
#include "workloads/options_inner.h"

#define DEFAULT_RUNTIME "threads"

static enum ilv_status choose_variant(const struct ilv_words *words, struct ilv_run *run)
{
	const struct ilv_variant *variants = run->workload->variants;

	for (size_t index = 0; variants[index].name; index++) {
		const bool is_asked = words->variant
					      ? strcmp(variants[index].name, words->variant) == 0
					      : !words->runtime || strcmp(variants[index].runtime,
									  words->runtime) == 0;

		if (is_asked) {
			run->variant = &variants[index];
			break;
		}
	}

	if (!run->variant) {
		if (words->variant) {
			ilv_options_unknown_variant(run->workload, words->variant);
		} else {
			ilv_cause_add(
				"%s has no variant for runtime \"%s\"; --list shows what it has",
				run->workload->name, words->runtime);
		}

		return ILV_STATUS_USAGE;
	}

	if (words->runtime && strcmp(words->runtime, run->variant->runtime) != 0) {
		ilv_cause_add("%s cannot be run under %s: variant %s is about %s",
			      run->workload->name, words->runtime, run->variant->name,
			      run->variant->runtime);
		return ILV_STATUS_USAGE;
	}

	run->runtime = ilv_runtime_find(run->variant->runtime);

	return ILV_STATUS_OK;
}

enum ilv_status ilv_options_choose(const struct ilv_words *words, struct ilv_run *run)
{
	const char *name = words->runtime ? words->runtime : DEFAULT_RUNTIME;

	if (words->runtime && !ilv_runtime_find(words->runtime)) {
		ilv_options_unknown_runtime(words->runtime);
		return ILV_STATUS_USAGE;
	}

	if (run->workload->variants) {
		return choose_variant(words, run);
	}

	if (words->variant) {
		ilv_cause_add("%s is a job and has no variants; --runtime says how it is run",
			      run->workload->name);
		return ILV_STATUS_USAGE;
	}

	run->runtime = ilv_runtime_find(name);
	if (run->workload->refuses && run->workload->refuses(run->runtime)) {
		ilv_cause_add("%s cannot be run under %s: %s", run->workload->name, name,
			      run->workload->refuses(run->runtime));
		return ILV_STATUS_USAGE;
	}

	return ILV_STATUS_OK;
}
