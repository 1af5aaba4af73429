/* SPDX-License-Identifier: MIT */
/* Description: what can be told of a trace's metadata before libbabeltrace2 reads it. */
#ifndef ILV_ANALYSIS_DECODE_METADATA_H
#define ILV_ANALYSIS_DECODE_METADATA_H

#include "base/status.h"

/*
 * Looks at the metadata of the trace in `folder`. ILV_STATUS_TRACE and a cause when it cannot be
 * opened, is empty or in CTF 2's language, or is in packets, as LTTng writes it, and ends within
 * one: there libbabeltrace2 reads on for ever. What the metadata says is not looked at.
 */
enum ilv_status ilv_metadata_check(const char *folder) ILV_NODISCARD;

#endif /* ILV_ANALYSIS_DECODE_METADATA_H */
