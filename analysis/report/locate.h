/* SPDX-License-Identifier: MIT */
/* Description: tells what a folder is: one recording, or several, which only a comparison takes. */
#ifndef ILV_ANALYSIS_REPORT_LOCATE_H
#define ILV_ANALYSIS_REPORT_LOCATE_H

#include "base/status.h"

/*
 * Finds where the CTF traces of the recording at `path` are: its folder `trace`, else `path`
 * itself. A folder that holds several recordings is refused with ILV_STATUS_USAGE and their list,
 * what is no folder with ILV_STATUS_TRACE. On success `*trace_path` is the caller's to free.
 */
enum ilv_status ilv_recording_locate(const char *path, char **trace_path) ILV_NODISCARD;

#endif /* ILV_ANALYSIS_REPORT_LOCATE_H */
