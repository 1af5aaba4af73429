/* SPDX-License-Identifier: MIT */
/*
 * Description: what is made of recordings (text, JSON, pictures), each time in one guarded child
 * that reads the traces and writes all that was asked for in one go.
 */
#ifndef ILV_CLI_VIEWS_H
#define ILV_CLI_VIEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/report/report.h"
#include "base/status.h"

#define ILV_ALL_RUNS UINT32_MAX

enum ilv_product_kind {
	ILV_PRODUCT_JSON,
	ILV_PRODUCT_TEXT,
	ILV_PRODUCT_SVG,
	ILV_PRODUCT_LANES, /* the picture for a terminal */
};

/* One thing to make, and where it goes: NULL is standard output. */
struct ilv_product {
	enum ilv_product_kind kind;
	const char *path;
	uint32_t mark_limit; /* pictures: about how many marks they may have; 0: the default */
};

#define ILV_PRODUCT_MAX 4

/* What the caller learns of the traces beside the products. */
struct ilv_view_facts {
	bool is_complete;
	bool has_losses;     /* something is missing for sure */
	bool is_interrupted; /* some run has no end */
	uint32_t run_count;
	uint64_t event_count;
	uint64_t lost_count;          /* events and switches, as far as they were counted */
	int64_t duration_ns;          /* of the first run */
	uint32_t repeat_count;        /* recordings that stand behind another as its repeats */
	char incomplete_because[256]; /* empty: it is complete */
	char reading[4096];           /* the recording that is, or was last, read */
};

/* How many marks the picture `product` may have. */
uint32_t ilv_product_marks(const struct ilv_product *product);

/*
 * Makes `products` of the run `run_index`, or of all with ILV_ALL_RUNS, of the recording at `path`.
 * A picture shows one run: the only one, else it must be named.
 */
enum ilv_status ilv_view_recording(const char *path, uint32_t run_index,
				   const struct ilv_text_style *style,
				   const struct ilv_product *products, size_t product_count,
				   struct ilv_view_facts *facts) ILV_NODISCARD;

/* A recording that is compared. `group` is the same for repeats of one run, of which the median is
 * shown. */
struct ilv_view_compared {
	const char *path;
	const char *name;
	const char *group;
	uint32_t run_index; /* ILV_ALL_RUNS: each of its runs */
};

/* Makes `products` of the comparison of `compared`, in their order. */
enum ilv_status ilv_view_comparison(const struct ilv_view_compared *compared, size_t compared_count,
				    const struct ilv_text_style *style,
				    const struct ilv_product *products, size_t product_count,
				    struct ilv_view_facts *facts) ILV_NODISCARD;

/* Fills `facts` of the traces' losses with a sentence on stderr when they are not complete; returns
 * the exit status. */
int ilv_view_exit(const struct ilv_view_facts *facts, const char *name);

#endif /* ILV_CLI_VIEWS_H */
