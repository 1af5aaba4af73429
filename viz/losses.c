/* SPDX-License-Identifier: MIT */
/* Description: follows the writes of shared variables once more, to find the lost ones. */
#include "viz/losses.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/findings/update_chain.h"
#include "base/cause.h"

#define LOST_LIMIT     40
#define UPDATE_LIMIT   200000 /* 64 bytes each */
#define VARIABLE_LIMIT 16
#define READING_LIMIT  4096

/* What an entity read last and has not written back. */
struct reading {
	const struct ilv_entity *entity;
	int64_t value;
	uint32_t place;
};

struct variable {
	uint64_t address;
	int64_t initial, last;
	struct ilv_update *updates;
	uint32_t *writers; /* of each update: outlives the entity that the update names */
	uint32_t update_count, update_capacity;
	bool has_plain_writes; /* atomic updates are not lost to each other */
	struct reading *readings;
	uint32_t reading_count;
};

struct ilv_losses {
	int64_t expected_count; /* by the report */
	struct variable variables[VARIABLE_LIMIT];
	uint32_t variable_count;
	uint32_t update_count;
	bool is_given_up;
};

enum ilv_status ilv_losses_create(const struct ilv_report_run *run, struct ilv_losses **losses)
{
	int64_t lost_count = 0;
	int64_t total_count = 0;

	*losses = NULL;
	for (uint32_t i = 0; i < run->finding_count; i++) {
		const struct ilv_finding *finding = &run->findings[i];

		if (finding->id && strcmp(finding->id, "lost-update") == 0) {
			if (finding->affected_count < 0) {
				return ILV_STATUS_OK;
			}
			lost_count += finding->affected_count;
			total_count += finding->total_count;
		}
	}
	if (lost_count == 0 || lost_count > LOST_LIMIT || total_count > UPDATE_LIMIT) {
		return ILV_STATUS_OK;
	}

	*losses = calloc(1, sizeof(**losses));
	if (!*losses) {
		ilv_cause_add("Cannot follow lost updates: not enough memory");
		return ILV_STATUS_MEMORY;
	}
	(*losses)->expected_count = lost_count;
	return ILV_STATUS_OK;
}

void ilv_losses_destroy(struct ilv_losses *losses)
{
	if (!losses) {
		return;
	}

	for (uint32_t i = 0; i < losses->variable_count; i++) {
		free(losses->variables[i].updates);
		free(losses->variables[i].writers);
		free(losses->variables[i].readings);
	}
	free(losses);
}

static struct variable *find_variable(struct ilv_losses *losses, const struct ilv_mark *mark)
{
	struct variable *variable;

	for (uint32_t i = 0; i < losses->variable_count; i++) {
		if (losses->variables[i].address == mark->address) {
			return &losses->variables[i];
		}
	}
	if (losses->variable_count == VARIABLE_LIMIT) {
		return NULL;
	}

	variable = &losses->variables[losses->variable_count];
	variable->readings = calloc(READING_LIMIT, sizeof(*variable->readings));
	if (!variable->readings) {
		return NULL;
	}
	variable->address = mark->address;
	variable->initial = mark->value_before;
	losses->variable_count++;
	return variable;
}

/* The open reading of `entity`, else a free one; NULL: none is left. */
static struct reading *find_reading(struct variable *variable, const struct ilv_entity *entity)
{
	struct reading *empty = NULL;

	for (uint32_t i = 0; i < variable->reading_count; i++) {
		if (variable->readings[i].entity == entity) {
			return &variable->readings[i];
		}
		if (!variable->readings[i].entity) {
			empty = &variable->readings[i];
		}
	}
	if (!empty && variable->reading_count < READING_LIMIT) {
		empty = &variable->readings[variable->reading_count++];
	}

	return empty;
}

static bool grow(struct variable *variable)
{
	uint32_t capacity = variable->update_capacity ? 2 * variable->update_capacity : 64;
	struct ilv_update *updates =
		realloc(variable->updates, (size_t)capacity * sizeof(*updates));
	uint32_t *writers = realloc(variable->writers, (size_t)capacity * sizeof(*writers));

	variable->updates = updates ? updates : variable->updates;
	variable->writers = writers ? writers : variable->writers;
	if (!updates || !writers) {
		return false;
	}

	variable->update_capacity = capacity;
	return true;
}

static bool add_update(struct ilv_losses *losses, struct variable *variable,
		       const struct ilv_mark *mark)
{
	struct reading *reading = find_reading(variable, mark->entity);
	struct ilv_update *update;

	if (!reading || losses->update_count == UPDATE_LIMIT) {
		return false;
	}
	if (variable->update_count == variable->update_capacity && !grow(variable)) {
		return false;
	}

	update = &variable->updates[variable->update_count];
	*update = (struct ilv_update){.value_read = mark->value_before,
				      .value_written = mark->value_after,
				      .read_ns = mark->time_ns,
				      .time_ns = mark->time_ns,
				      .resumed_ns = mark->time_ns,
				      .entity = mark->entity,
				      .read_place = variable->update_count};
	if (mark->kind == ILV_MARK_KIND_SHARED_WRITE && reading->entity) {
		if (reading->value == mark->value_before) {
			update->read_place = reading->place;
		}
		reading->entity = NULL;
	}
	variable->writers[variable->update_count] = mark->entity->index;
	variable->has_plain_writes |= mark->kind == ILV_MARK_KIND_SHARED_WRITE;
	variable->update_count++;
	losses->update_count++;
	return true;
}

enum ilv_status ilv_losses_take(struct ilv_losses *losses, const struct ilv_mark *mark)
{
	bool is_read = mark->kind == ILV_MARK_KIND_SHARED_READ;
	struct variable *variable;

	if (losses->is_given_up || !mark->entity ||
	    (!is_read && mark->kind != ILV_MARK_KIND_SHARED_WRITE &&
	     mark->kind != ILV_MARK_KIND_SHARED_UPDATE)) {
		return ILV_STATUS_OK;
	}

	variable = find_variable(losses, mark);
	if (!variable) {
		losses->is_given_up = true;
		return ILV_STATUS_OK;
	}

	variable->last = mark->value_after;
	if (is_read) {
		struct reading *reading = find_reading(variable, mark->entity);

		if (reading) {
			*reading = (struct reading){mark->entity, mark->value_before,
						    variable->update_count};
		} else {
			losses->is_given_up = true;
		}
	} else if (!add_update(losses, variable, mark)) {
		/* The finding says how many: that must do. */
		losses->is_given_up = true;
	}

	return ILV_STATUS_OK;
}

enum ilv_status ilv_losses_tell(struct ilv_losses *losses, ilv_losses_fn tell, void *context)
{
	int64_t lost_count = 0;
	enum ilv_status status = ILV_STATUS_OK;

	for (uint32_t i = 0; i < losses->variable_count && !losses->is_given_up; i++) {
		struct variable *variable = &losses->variables[i];
		struct ilv_update_losses found;

		if (!variable->has_plain_writes) {
			continue;
		}
		status = ilv_update_chain_follow(variable->updates, variable->update_count,
						 variable->initial, variable->last, &found);
		if (status < 0) {
			ilv_cause_add("Cannot follow lost updates: not enough memory");
			return status;
		}
		lost_count += found.lost_count;
	}
	if (losses->is_given_up || lost_count != losses->expected_count) {
		return ILV_STATUS_OK;
	}

	for (uint32_t i = 0; i < losses->variable_count; i++) {
		const struct variable *variable = &losses->variables[i];

		for (uint32_t j = 0; j < variable->update_count && status >= 0; j++) {
			if (variable->has_plain_writes && !variable->updates[j].is_kept) {
				status = tell(context, variable->writers[j],
					      variable->updates[j].time_ns);
			}
		}
	}

	return status;
}
