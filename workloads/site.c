/* SPDX-License-Identifier: MIT */
/*
 * Description: the site's pages. Page P links to 2P+1 and 2P+2, which reaches all pages from the
 * first, and to a few others, which makes links that lead back: a scraper has to remember where it
 * was.
 */
#include "workloads/site.h"

#include <stdio.h>

#include "workloads/random.h"

#define CHILD_COUNT 2

static const char *const words[] = {
	"thread", "task", "lock",   "queue", "wait", "page", "link",    "loop",
	"server", "row",  "socket", "time",  "core", "turn", "message", "answer",
};

size_t ilv_site_links(uint64_t seed, uint32_t page_count, uint32_t page,
		      uint32_t links[ILV_SITE_LINK_MAX])
{
	uint64_t random = ilv_random_stream(seed, page);
	const size_t extra_count = ilv_random_next(&random) % (ILV_SITE_LINK_MAX - CHILD_COUNT + 1);
	size_t count = 0;

	for (uint32_t child = 2 * page + 1; child <= 2 * page + CHILD_COUNT; child++) {
		if (child < page_count) {
			links[count++] = child;
		}
	}

	for (size_t extra = 0; extra < extra_count; extra++) {
		links[count++] = (uint32_t)(ilv_random_next(&random) % page_count);
	}

	return count;
}

/* Appends as printf() does, and stops where the page is full. */
#define APPEND(...)                                                                                \
	do {                                                                                       \
		const int written =                                                                \
			snprintf(html + length, ILV_SITE_PAGE_BYTES - length, __VA_ARGS__);        \
		if (written > 0 && (size_t)written < ILV_SITE_PAGE_BYTES - length) {               \
			length += (size_t)written;                                                 \
		}                                                                                  \
	} while (0)

size_t ilv_site_write(uint64_t seed, uint32_t page_count, uint32_t page,
		      char html[ILV_SITE_PAGE_BYTES])
{
	uint32_t links[ILV_SITE_LINK_MAX];
	const size_t link_count = ilv_site_links(seed, page_count, page, links);
	uint64_t random = ilv_random_stream(~seed, page);
	const size_t word_count = 100 + ilv_random_next(&random) % 500;
	size_t length = 0;

	APPEND("<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>Page %u of %u</title></head>\n"
	       "<body>\n<h1>Page %u</h1>\n<p>",
	       page, page_count, page);
	for (size_t index = 0; index < word_count; index++) {
		APPEND("%s%c", words[ilv_random_next(&random) % (sizeof(words) / sizeof(words[0]))],
		       index % 16 == 15 ? '\n' : ' ');
	}

	APPEND("</p>\n<ul>\n");
	for (size_t index = 0; index < link_count; index++) {
		APPEND("<li><a href=\"/site/%llu/%u/%u\">Page %u</a></li>\n",
		       (unsigned long long)seed, page_count, links[index], links[index]);
	}

	APPEND("</ul>\n</body>\n</html>\n");

	return length;
}
