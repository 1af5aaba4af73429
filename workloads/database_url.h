/* SPDX-License-Identifier: MIT */
/* Description: what is said with --database-url, which may have a password in it. */
#ifndef ILV_WORKLOADS_DATABASE_URL_H
#define ILV_WORKLOADS_DATABASE_URL_H

#include <stddef.h>

#include "base/status.h"

/* Whether libpq can make sense of `url`, and it is shorter than `size`. What is wrong with it is
 * said without quoting what may be a part of a password. */
enum ilv_status ilv_database_url_check(const char *url, size_t size) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_DATABASE_URL_H */
