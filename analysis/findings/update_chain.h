/* SPDX-License-Identifier: MIT */
/*
 * Description: which writes of a variable its final value is made of, and who overwrote the others.
 * Each write names the value that it had read; followed back from the final value through the
 * values read, the writes on the way are kept, and those off it are lost.
 */
#ifndef ILV_ANALYSIS_FINDINGS_UPDATE_CHAIN_H
#define ILV_ANALYSIS_FINDINGS_UPDATE_CHAIN_H

#include "analysis/model/model.h"

#define ILV_UPDATE_NOWHERE UINT32_MAX

/* What a writer went through between its read and its write. */
enum ilv_update_gap {
	ILV_UPDATE_GAP_NONE, /* it ran all the while */
	ILV_UPDATE_GAP_CUT,  /* it was cut short */
	ILV_UPDATE_GAP_GAVE_WAY,
	ILV_UPDATE_GAP_UNKNOWN,
	ILV_UPDATE_GAP_COUNT
};

struct ilv_update {
	int64_t value_read, value_written;
	int64_t read_ns, time_ns;
	int64_t resumed_ns; /* since when it ran when it wrote; `read_ns` where it did not stop */
	const struct ilv_entity *entity;
	uint32_t read_place;      /* how many writes had been told when it read */
	uint32_t overwrote_count; /* lost writes for which it is the first that went over them */
	enum ilv_update_gap gap : 8;
	bool is_kept;
};

struct ilv_update_losses {
	uint32_t lost_count;
	/* The lost ones by how their overwriter came to be late. */
	uint32_t count_by_gap[ILV_UPDATE_GAP_COUNT];
	uint32_t worst_place; /* the write that went over the most; ILV_UPDATE_NOWHERE: none known
			       */
};

/*
 * Finds the losses among `updates`, which are in the order in which they were told, and marks in
 * each whether it is kept. `initial` is the value before the first of them, `final` that after the
 * last.
 *
 * A write and its telling are not one moment: one may be told late, even after somebody has read
 * it. So where a value was never written before it was read, and is not the initial one, the next
 * write that is told of it is meant. Takes n log n.
 */
enum ilv_status ilv_update_chain_follow(struct ilv_update *updates, uint32_t count, int64_t initial,
					int64_t final,
					struct ilv_update_losses *losses) ILV_NODISCARD;

#endif /* ILV_ANALYSIS_FINDINGS_UPDATE_CHAIN_H */
