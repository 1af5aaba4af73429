/* SPDX-License-Identifier: MIT */
/*
 * Description: what the lesson `web-scraper` keeps: pages and their links, in tables of a
 * PostgreSQL database, in a schema of the run's own.
 */
#ifndef ILV_WORKLOADS_LESSONS_SCRAPER_STORE_H
#define ILV_WORKLOADS_LESSONS_SCRAPER_STORE_H

#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "base/status.h"
#include "workloads/database.h"
#include "workloads/site.h"

#define ILV_SCRAPER_SCHEMA_SIZE 40

/* Zeroed: none. */
struct ilv_scraper_store {
	struct ilv_database database;
	PGconn *owner; /* the main thread's connection: makes, counts and removes the tables */
	char schema[ILV_SCRAPER_SCHEMA_SIZE];
};

/* A page as a worker found it. */
struct ilv_scraper_page {
	uint32_t number;
	uint64_t digest; /* of all passes, so that none can be left out unseen */
	uint32_t links[ILV_SITE_LINK_MAX];
	size_t link_count;
};

/*
 * Finds or starts the database, for `connection_count` connections besides its own, and makes the
 * tables. What it made, ilv_scraper_store_close() ends in any case.
 */
enum ilv_status ilv_scraper_store_open(struct ilv_scraper_store *store, const char *url,
				       int64_t connection_count) ILV_NODISCARD;
void ilv_scraper_store_close(struct ilv_scraper_store *store);

/* Writes a page with its links, as one transaction, through the caller's own connection. Jobs only.
 */
enum ilv_status ilv_scraper_store_page(const struct ilv_scraper_store *store, PGconn *connection,
				       const struct ilv_scraper_page *page) ILV_NODISCARD;

/* Counts the rows of `table`, "page" or "link". */
enum ilv_status ilv_scraper_store_count(struct ilv_scraper_store *store, const char *table,
					int64_t *row_count) ILV_NODISCARD;

/* What is in the database, in an order that does not depend on who was first. */
enum ilv_status ilv_scraper_store_sum(struct ilv_scraper_store *store,
				      uint64_t *checksum) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_LESSONS_SCRAPER_STORE_H */
