/* SPDX-License-Identifier: MIT */
/* Description: one pass over a trace: decode, order, model, and whoever listens to the model. */
#ifndef ILV_ANALYSIS_ANALYSE_H
#define ILV_ANALYSIS_ANALYSE_H

#include "analysis/decode/decode.h"
#include "analysis/model/model.h"
#include "base/status.h"

struct ilv_pass {
	const char *path;
	unsigned int thread_count; /* graphs that decode at once; 0: by CPUs */
	/* Adds listeners to the fresh model; called once, before the first event. */
	enum ilv_status (*prepare)(void *context, struct ilv_model *model);
	/* Called once after the last event, while model and decoder still live. May be NULL. */
	enum ilv_status (*finish)(void *context, struct ilv_model *model,
				  const struct ilv_trace_facts *facts, uint64_t late_switch_count);
	void *context;
};

/*
 * Runs `pass`. A trace that turns out malformed midway still reaches `finish`, with `is_cut_off`
 * among its facts, when at least one event was good; with none it fails with ILV_STATUS_TRACE. Call
 * it in a guarded child (analysis/guard.h).
 */
enum ilv_status ilv_analyse(const struct ilv_pass *pass) ILV_NODISCARD;

#endif /* ILV_ANALYSIS_ANALYSE_H */
