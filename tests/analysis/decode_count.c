/* SPDX-License-Identifier: MIT */
/*
 * Description: counts the events of a trace and does nothing else with them: what decoding alone
 * costs. Usage: decode_count TRACE [THREADS]. Not guarded, so that profilers see it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/decode/decode.h"
#include "base/cause.h"

int main(int argc, char **argv)
{
	enum ilv_status status = ILV_STATUS_USAGE;
	struct ilv_decoder *decoder = NULL;
	const struct ilv_trace_facts *facts = NULL;
	const struct ilv_event *event = NULL;
	uint64_t type_counts[ILV_EVENT_COUNT] = {0};

	if (argc < 2) {
		(void)fprintf(stderr, "Usage: decode_count TRACE [THREADS]\n");
		return 2;
	}

	status = ilv_decoder_open(argv[1], argc > 2 ? (unsigned int)atoi(argv[2]) : 0, &decoder);
	while (status == ILV_STATUS_OK) {
		status = ilv_decoder_next(decoder, &event);
		if (status == ILV_STATUS_OK) {
			type_counts[event->type]++;
		}
	}

	if (decoder) {
		facts = ilv_decoder_facts(decoder);
		printf("%llu events, %lld ns, %llu discarded, %llu packets discarded\n",
		       (unsigned long long)facts->event_count,
		       facts->event_count ? (long long)(facts->end_ns - facts->begin_ns) : 0LL,
		       (unsigned long long)facts->discarded_event_count,
		       (unsigned long long)facts->discarded_packet_count);
		for (int type = 0; type < ILV_EVENT_COUNT; type++) {
			if (type_counts[type] > 0) {
				printf("%10llu %s\n", (unsigned long long)type_counts[type],
				       ilv_event_type_name((enum ilv_event_type)type));
			}
		}
	}

	ilv_decoder_close(decoder);
	if (status != ILV_STATUS_END) {
		(void)fprintf(stderr, "%s\n", ilv_cause_text());
		return 3;
	}

	return 0;
}
