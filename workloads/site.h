/* SPDX-License-Identifier: MIT */
/*
 * Description: the web site that the run's server shows under /site/SEED/PAGES/PAGE: pages of HTML
 * with words and links, the same for a seed. Every page can be reached from page 0.
 */
#ifndef ILV_WORKLOADS_SITE_H
#define ILV_WORKLOADS_SITE_H

#include <stddef.h>
#include <stdint.h>

#define ILV_SITE_PAGE_MAX   10000 /* pages of a site */
#define ILV_SITE_LINK_MAX   6     /* links on a page */
#define ILV_SITE_PAGE_BYTES ((size_t)8192)

/* Fills `links` with the pages to which `page` links, and returns how many. */
size_t ilv_site_links(uint64_t seed, uint32_t page_count, uint32_t page,
		      uint32_t links[ILV_SITE_LINK_MAX]);

/* Writes the page as HTML, at most ILV_SITE_PAGE_BYTES with the NUL, and returns its length. */
size_t ilv_site_write(uint64_t seed, uint32_t page_count, uint32_t page,
		      char html[ILV_SITE_PAGE_BYTES]);

#endif /* ILV_WORKLOADS_SITE_H */
