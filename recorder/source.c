/* SPDX-License-Identifier: MIT */
/*
 * Description: the names of the switch sources, as the command line and the environment spell them.
 */
#include "recorder/recorder.h"

#include <string.h>

#include "base/cause.h"

static const struct {
	const char *name;
	enum ilv_switch_source source;
} sources[] = {
	{"auto", ILV_SWITCH_SOURCE_NONE},
	{"kernel", ILV_SWITCH_SOURCE_KERNEL},
	{"perf+wakeups", ILV_SWITCH_SOURCE_PERF_WAKEUPS},
	{"perf", ILV_SWITCH_SOURCE_PERF},
	{"rusage", ILV_SWITCH_SOURCE_RUSAGE},
};

const char *ilv_switch_source_name(enum ilv_switch_source source)
{
	if (source == ILV_SWITCH_SOURCE_NONE) {
		return "none";
	}
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (sources[i].source == source) {
			return sources[i].name;
		}
	}
	return "unknown";
}

enum ilv_status ilv_switch_source_parse(const char *name, enum ilv_switch_source *source)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (strcmp(sources[i].name, name) == 0) {
			*source = sources[i].source;
			return ILV_STATUS_OK;
		}
	}
	ilv_cause_add("Cannot tell the source of thread switches: name=\"%s\", "
		      "known=\"auto, kernel, perf+wakeups, perf, rusage\"",
		      name);
	return ILV_STATUS_USAGE;
}
