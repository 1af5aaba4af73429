/* SPDX-License-Identifier: MIT */
/* Description: which variants a lesson has, as the workload program says. */
#ifndef ILV_CLI_VARIANTS_H
#define ILV_CLI_VARIANTS_H

#include "base/status.h"

/*
 * Puts the variants of lesson `name` into `*list`, "unlocked,mutex,atomic", which is the caller's;
 * NULL: it is no lesson. `program` is the workload program.
 */
enum ilv_status ilv_variants_of(const char *program, const char *name, char **list) ILV_NODISCARD;

#endif /* ILV_CLI_VARIANTS_H */
