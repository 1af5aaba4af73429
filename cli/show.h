/* SPDX-License-Identifier: MIT */
/* Description: shows one recording in one way: what the commands `report` and `timeline` share. */
#ifndef ILV_CLI_SHOW_H
#define ILV_CLI_SHOW_H

#include "cli/views.h"

/* Makes `product` of the recording at `path`: of its run `run_number`, counted from 1, or of all
 * with 0. Returns the exit status; what went wrong is said on stderr. */
int ilv_show_recording(const char *path, unsigned long run_number,
		       const struct ilv_product *product);

#endif /* ILV_CLI_SHOW_H */
