/* SPDX-License-Identifier: MIT */
/* Description: the loop that takes events from the decoder through the order to the model. */
#include "analysis/analyse.h"

#include "analysis/guard.h"
#include "analysis/order/order.h"
#include "base/cause.h"

#define PROGRESS_EVENTS 4096

/* Gives the model all events whose turn has come. */
static enum ilv_status feed_model(struct ilv_order *order, struct ilv_model *model)
{
	const struct ilv_event *event = NULL;
	enum ilv_status status = ilv_order_pop(order, &event);

	while (status == ILV_STATUS_OK) {
		status = ilv_model_feed(model, event);
		if (status < ILV_STATUS_OK) {
			return status;
		}

		status = ilv_order_pop(order, &event);
	}

	return status;
}

/* Reads until the trace ends; `*decoded` is what the decoder said last. */
static enum ilv_status read_events(struct ilv_decoder *decoder, struct ilv_order *order,
				   struct ilv_model *model, enum ilv_status *decoded)
{
	const struct ilv_event *event = NULL;
	enum ilv_status status = ILV_STATUS_OK;
	uint64_t count = 0;

	for (;;) {
		*decoded = ilv_decoder_next(decoder, &event);
		if (*decoded != ILV_STATUS_OK) {
			break;
		}

		if (count == 0) {
			ilv_model_set_session(model, ilv_decoder_facts(decoder)->session_pid);
		}
		if (count++ % PROGRESS_EVENTS == 0) {
			ilv_guard_progress();
		}

		status = ilv_order_push(order, event);
		if (status < ILV_STATUS_OK) {
			return status;
		}

		status = feed_model(order, model);
		if (status < ILV_STATUS_OK) {
			return status;
		}
	}

	ilv_order_end(order);
	status = feed_model(order, model);
	return status < ILV_STATUS_OK ? status : ILV_STATUS_OK;
}

enum ilv_status ilv_analyse(const struct ilv_pass *pass)
{
	enum ilv_status status = ILV_STATUS_MEMORY;
	enum ilv_status decoded = ILV_STATUS_OK;
	struct ilv_decoder *decoder = NULL;
	struct ilv_order *order = ilv_order_create();
	struct ilv_model *model = ilv_model_create();

	if (!order || !model) {
		ilv_cause_add("Cannot analyse trace: out of memory");
		goto end;
	}

	status = pass->prepare(pass->context, model);
	if (status < ILV_STATUS_OK) {
		goto end;
	}

	status = ilv_decoder_open(pass->path, pass->thread_count, &decoder);
	if (status < ILV_STATUS_OK) {
		goto end;
	}

	ilv_guard_progress();
	status = read_events(decoder, order, model, &decoded);
	if (status < ILV_STATUS_OK) {
		goto end;
	}

	/* A damaged end is worth showing what came before it; damage from the start is no trace. */
	if (decoded < ILV_STATUS_OK &&
	    (decoded != ILV_STATUS_TRACE || ilv_decoder_facts(decoder)->event_count == 0)) {
		status = decoded;
		goto end;
	}

	/* libbabeltrace2, which can hang, has done its part. */
	ilv_guard_rest();
	status = ilv_model_finish(model);
	if (status < ILV_STATUS_OK) {
		goto end;
	}

	status = pass->finish ? pass->finish(pass->context, model, ilv_decoder_facts(decoder),
					     ilv_order_late_count(order))
			      : ILV_STATUS_OK;

end:
	ilv_model_destroy(model);
	ilv_order_destroy(order);
	ilv_decoder_close(decoder);
	return status;
}
