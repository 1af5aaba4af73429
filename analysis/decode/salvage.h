/* SPDX-License-Identifier: MIT */
/*
 * Description: makes a trace readable whose stream files end in the middle of a packet, as after a
 * crash or on a full disk: libbabeltrace2 refuses such a trace altogether. The trace itself stays
 * as it is: a folder of links stands in for it, in which the damaged files are copies of their
 * whole packets.
 */
#ifndef ILV_ANALYSIS_DECODE_SALVAGE_H
#define ILV_ANALYSIS_DECODE_SALVAGE_H

#include "analysis/decode/find.h"
#include "base/status.h"

struct ilv_salvage;

/*
 * Looks for what is whole in `trace`. ILV_STATUS_END when there is nothing to salvage: no file is
 * cut off, none has a whole packet, or the packets are not laid out as LTTng does it.
 */
enum ilv_status ilv_salvage_create(const struct ilv_found_trace *trace,
				   struct ilv_salvage **salvage) ILV_NODISCARD;

/* The folder to read instead. */
const char *ilv_salvage_path(const struct ilv_salvage *salvage);

/* A sentence that says what is missing. */
const char *ilv_salvage_text(const struct ilv_salvage *salvage);

/* Removes the folder. NULL is allowed. */
void ilv_salvage_destroy(struct ilv_salvage *salvage);

#endif /* ILV_ANALYSIS_DECODE_SALVAGE_H */
