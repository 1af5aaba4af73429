/* SPDX-License-Identifier: MIT */
/*
 * Description: updates of shared memory that were lost, exactly. Each write names the value that it
 * had read. From the final value the writes are followed back through the values they read; a write
 * off that chain is lost, so that final = initial + writes - lost where each adds one.
 *
 * The writes are kept until their run is judged. They are bounded: beyond UPDATE_MAX in all, what
 * is not kept is said not to be known.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/findings/draft.h"
#include "analysis/findings/update_chain.h"
#include "analysis/findings/words.h"

/* A table that cannot grow leaves the new element out, with `hh.tbl` NULL. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define UPDATE_MAX   UINT32_C(2000000) /* 64 bytes each */
#define VARIABLE_MAX 4096

/* A read of an entity that has not been followed by its write. */
struct reading {
	const struct ilv_entity *entity;
	int64_t time_ns, value;
	uint64_t switch_count, cut_count;
	uint32_t place;
	UT_hash_handle hh;
};

struct variable {
	struct variable_key {
		const struct ilv_run *run;
		uint64_t address;
	} key;
	struct ilv_update *updates;
	uint32_t update_count, update_capacity;
	int64_t initial, last; /* values before the first access of all, and after the newest */
	bool is_too_long;
	bool has_plain_writes; /* others than atomic updates */
	struct reading *readings;
	UT_hash_handle hh;
};

struct context {
	struct variable *variables;       /* in the order of their first access */
	struct variable *newest;          /* found last: most programs share few */
	uint32_t update_count;            /* of all variables */
	const struct ilv_run *overflowed; /* the first run that had more variables than are kept */
};

static void forget(struct variable *variable)
{
	struct reading *reading = variable->readings;
	struct reading *next;

	HASH_CLEAR(hh, variable->readings);
	for (; reading; reading = next) {
		next = reading->hh.next;
		free(reading);
	}

	free(variable->updates);
	free(variable);
}

static void fini(void *context_pointer)
{
	struct context *context = context_pointer;
	struct variable *variable = context->variables;
	struct variable *next;

	HASH_CLEAR(hh, context->variables);
	for (; variable; variable = next) {
		next = variable->hh.next;
		forget(variable);
	}
}

/* Finds or makes the variable that `mark` is about. `*found` is NULL when there are too many. */
static enum ilv_status find_variable(struct context *context, const struct ilv_run *run,
				     const struct ilv_mark *mark, struct variable **found)
{
	struct variable_key key;
	struct variable *variable = context->newest;

	/* A table compares and hashes its keys as bytes, so all of them are set. */
	memset(&key, 0, sizeof(key));
	key.run = run;
	key.address = mark->address;
	if (!variable || variable->key.run != run || variable->key.address != mark->address) {
		HASH_FIND(hh, context->variables, &key, sizeof(key), variable);
	}

	if (!variable && HASH_COUNT(context->variables) >= VARIABLE_MAX) {
		context->overflowed = context->overflowed ? context->overflowed : run;
		*found = NULL;
		return ILV_STATUS_OK;
	}

	if (!variable) {
		variable = calloc(1, sizeof(*variable));
		if (!variable) {
			return ILV_STATUS_MEMORY;
		}

		variable->key = key;
		variable->initial = mark->value_before;
		HASH_ADD(hh, context->variables, key, sizeof(variable->key), variable);
		if (!variable->hh.tbl) {
			free(variable);
			return ILV_STATUS_MEMORY;
		}
	}

	context->newest = variable;
	*found = variable;
	return ILV_STATUS_OK;
}

static enum ilv_status note_read(struct variable *variable, const struct ilv_mark *mark)
{
	struct reading *reading;

	HASH_FIND_PTR(variable->readings, &mark->entity, reading);
	if (!reading) {
		reading = calloc(1, sizeof(*reading));
		if (!reading) {
			return ILV_STATUS_MEMORY;
		}

		reading->entity = mark->entity;
		HASH_ADD_PTR(variable->readings, entity, reading);
		if (!reading->hh.tbl) {
			free(reading);
			return ILV_STATUS_MEMORY;
		}
	}

	reading->time_ns = mark->time_ns;
	reading->value = mark->value_before;
	reading->switch_count = mark->entity->switch_out_count;
	reading->cut_count = mark->entity->cut_count;
	reading->place = variable->update_count;
	return ILV_STATUS_OK;
}

/* What happened to the writer since `reading`. */
static void describe_gap(const struct reading *reading, struct ilv_update *update)
{
	const struct ilv_entity *entity = update->entity;

	update->read_ns = reading->time_ns;
	update->read_place = reading->place;
	update->resumed_ns = reading->time_ns;
	if (entity->cut_count != reading->cut_count) {
		update->gap = ILV_UPDATE_GAP_CUT;
	} else if (entity->switch_out_count != reading->switch_count ||
		   (entity->state == ILV_STATE_RUNNING && entity->since_ns > reading->time_ns)) {
		update->gap = ILV_UPDATE_GAP_GAVE_WAY;
	} else {
		update->gap = entity->state == ILV_STATE_RUNNING ? ILV_UPDATE_GAP_NONE
								 : ILV_UPDATE_GAP_UNKNOWN;
		return;
	}

	/* Where switches are counted and their times not known, the whole gap must do. */
	update->resumed_ns =
		entity->since_ns > reading->time_ns ? entity->since_ns : update->time_ns;
}

static enum ilv_status note_write(struct context *context, struct variable *variable,
				  const struct ilv_mark *mark)
{
	struct ilv_update *update;
	struct reading *reading;

	if (variable->is_too_long || context->update_count == UPDATE_MAX) {
		variable->is_too_long = true;
		return ILV_STATUS_OK;
	}

	if (variable->update_count == variable->update_capacity) {
		uint32_t capacity = variable->update_capacity ? 2 * variable->update_capacity : 8;
		struct ilv_update *grown = realloc(variable->updates, capacity * sizeof(*grown));

		if (!grown) {
			return ILV_STATUS_MEMORY;
		}

		variable->updates = grown;
		variable->update_capacity = capacity;
	}

	/* So is an atomic update, or a write whose read was not told: read and write are one. */
	update = &variable->updates[variable->update_count];
	*update = (struct ilv_update){
		.value_read = mark->value_before,
		.value_written = mark->value_after,
		.read_ns = mark->time_ns,
		.time_ns = mark->time_ns,
		.resumed_ns = mark->time_ns,
		.entity = mark->entity,
		.read_place = variable->update_count,
	};
	variable->update_count++;
	context->update_count++;
	variable->has_plain_writes |= mark->kind == ILV_MARK_KIND_SHARED_WRITE;
	if (mark->kind == ILV_MARK_KIND_SHARED_UPDATE) {
		return ILV_STATUS_OK;
	}

	HASH_FIND_PTR(variable->readings, &mark->entity, reading);
	if (reading) {
		if (reading->value == mark->value_before) {
			describe_gap(reading, update);
		}

		HASH_DEL(variable->readings, reading);
		free(reading);
	}

	return ILV_STATUS_OK;
}

static enum ilv_status on_mark(void *context_pointer, const struct ilv_mark *mark)
{
	struct context *context = context_pointer;
	struct variable *variable;
	const struct ilv_run *run;
	enum ilv_status status;

	if (mark->kind != ILV_MARK_KIND_SHARED_READ && mark->kind != ILV_MARK_KIND_SHARED_WRITE &&
	    mark->kind != ILV_MARK_KIND_SHARED_UPDATE) {
		return ILV_STATUS_OK;
	}

	run = mark->entity ? ilv_finding_run_now(mark->entity) : NULL;
	if (!run) {
		return ILV_STATUS_OK;
	}

	status = find_variable(context, run, mark, &variable);
	if (status < 0 || !variable) {
		return status;
	}

	variable->last = mark->value_after;
	return mark->kind == ILV_MARK_KIND_SHARED_READ ? note_read(variable, mark)
						       : note_write(context, variable, mark);
}

/*
 * Where a thread's switches were not recorded one by one, that none was seen in a gap proves
 * nothing. Tasks tell theirs themselves.
 */
static void doubt_gaps(struct variable *variable, enum ilv_switch_source source)
{
	if (source != ILV_SWITCH_SOURCE_NONE && source != ILV_SWITCH_SOURCE_RUSAGE) {
		return;
	}

	for (uint32_t place = 0; place < variable->update_count; place++) {
		struct ilv_update *update = &variable->updates[place];

		if (update->gap == ILV_UPDATE_GAP_NONE &&
		    update->entity->kind == ILV_ENTITY_KIND_THREAD) {
			update->gap = ILV_UPDATE_GAP_UNKNOWN;
		}
	}
}

/* "3,100 while their overwriter was cut short, 12 while both ran": how they were lost. */
static void describe_ways(const struct ilv_update_losses *losses, char *text, size_t size)
{
	static const char *const ways[ILV_UPDATE_GAP_COUNT] = {
		[ILV_UPDATE_GAP_NONE] = "while both ran, on two CPUs at the same time",
		[ILV_UPDATE_GAP_CUT] = "while the one that overwrote it was cut short",
		[ILV_UPDATE_GAP_GAVE_WAY] = "while the one that overwrote it had given way",
		[ILV_UPDATE_GAP_UNKNOWN] = "in a way that the recording does not show",
	};
	static const enum ilv_update_gap order[] = {
		ILV_UPDATE_GAP_CUT,
		ILV_UPDATE_GAP_GAVE_WAY,
		ILV_UPDATE_GAP_NONE,
		ILV_UPDATE_GAP_UNKNOWN,
	};
	size_t length = 0;

	text[0] = '\0';
	for (size_t at = 0; at < sizeof(order) / sizeof(order[0]); at++) {
		uint32_t count = losses->count_by_gap[order[at]];

		if (count > 0 && length < size) {
			length += (size_t)snprintf(text + length, size - length, "%s%s %s",
						   length > 0 ? ", " : "", ilv_finding_count(count),
						   ways[order[at]]);
		}
	}
}

/* Tells the worst case as a story: who read, what happened meanwhile, who wrote over it. */
static void tell(struct ilv_draft *draft, const struct variable *variable,
		 const struct ilv_update_losses *losses)
{
	static const char *const gaps[ILV_UPDATE_GAP_COUNT] = {
		[ILV_UPDATE_GAP_NONE] = "",
		[ILV_UPDATE_GAP_CUT] = " and was cut short before it could write",
		[ILV_UPDATE_GAP_GAVE_WAY] = " and gave way before it wrote",
		[ILV_UPDATE_GAP_UNKNOWN] = "",
	};
	const struct ilv_update *late = &variable->updates[losses->worst_place];
	const struct ilv_update *early = late - 1;
	bool is_single = late->overwrote_count == 1;
	/* Of a single one it is known whether it was written before the other had resumed. */
	bool is_at_once =
		late->gap == ILV_UPDATE_GAP_NONE ||
		(late->gap != ILV_UPDATE_GAP_UNKNOWN && late->resumed_ns <= early->time_ns);
	const char *late_name = ilv_finding_label(late->entity);
	const char *early_name = is_single ? ilv_finding_label(early->entity) : "others";
	const char *updates = ilv_finding_plural(late->overwrote_count, "update", "updates");
	const char *gap = ilv_finding_duration(late->time_ns - late->read_ns);
	const int64_t run_begin_ns = draft->judgement->run->begin_ns;
	char ways[400];

	describe_ways(losses, ways, sizeof(ways));
	draft->finding.begin_ns = late->read_ns - run_begin_ns;
	draft->finding.end_ns = late->time_ns - run_begin_ns;
	ilv_draft_set_text(
		draft,
		"A value was written over newer ones, computed from what had been read before "
		"them. The worst: at %s %s read %lld%s; %s%s made it %lld; then, %s after its "
		"read, %s wrote %lld, which undid %s. Lost at 0x%llx: %s. Hold a lock from read "
		"to write, or use one atomic operation.",
		ilv_finding_duration(draft->finding.begin_ns), late_name,
		(long long)late->value_read, is_at_once ? "" : gaps[late->gap], early_name,
		is_at_once ? ", on another CPU at the same time," : "",
		(long long)early->value_written, gap, late_name, (long long)late->value_written,
		updates, (unsigned long long)variable->key.address, ways);
	ilv_draft_add_entity(draft, late->entity);
	if (early->entity != late->entity) {
		ilv_draft_add_entity(draft, early->entity);
	}

	ilv_draft_set_moment(draft, late->entity, draft->finding.end_ns,
			     "%s writes %lld, computed from the %lld that it read %s before; %s "
			     "had made it %lld meanwhile: %s lost.",
			     late_name, (long long)late->value_written, (long long)late->value_read,
			     gap, early_name, (long long)early->value_written, updates);
}

/*
 * Atomic updates are never lost to each other. They may be told in another order than they happened
 * in, so that not even the first value is known for sure: it is enough that one of them left the
 * last.
 */
static bool is_all_atomic(const struct variable *variable)
{
	uint32_t place = 0;

	while (place < variable->update_count &&
	       variable->updates[place].value_written != variable->last) {
		place++;
	}

	return !variable->has_plain_writes && place < variable->update_count;
}

static enum ilv_status speak(struct variable *variable, struct ilv_judgement *judgement)
{
	struct ilv_update_losses losses;
	struct ilv_draft draft;
	enum ilv_status status;

	if (is_all_atomic(variable)) {
		return ILV_STATUS_OK;
	}

	doubt_gaps(variable, judgement->report->switch_source);
	status = ilv_update_chain_follow(variable->updates, variable->update_count,
					 variable->initial, variable->last, &losses);
	if (status < 0 || losses.lost_count == 0) {
		return status;
	}

	draft = ilv_draft_begin(judgement, ILV_SEVERITY_PROBLEM);
	draft.finding.affected_count = losses.lost_count;
	draft.finding.total_count = variable->update_count;
	ilv_draft_set_title(&draft, "%s of %s lost", ilv_finding_count(losses.lost_count),
			    ilv_finding_plural(variable->update_count, "update", "updates"));
	if (losses.worst_place != ILV_UPDATE_NOWHERE) {
		tell(&draft, variable, &losses);
	} else {
		ilv_draft_set_text(&draft,
				   "The number at 0x%llx ended as %lld, which no update that was "
				   "recorded led to: something else has written it.",
				   (unsigned long long)variable->key.address,
				   (long long)variable->last);
	}

	return ilv_draft_finish(&draft);
}

/* Says that not all can be known, instead of a count that would be wrong. */
static enum ilv_status admit(uint32_t too_long_count, struct ilv_judgement *judgement)
{
	struct ilv_draft draft = ilv_draft_begin(judgement, ILV_SEVERITY_NOTE);

	ilv_draft_set_title(&draft, "Lost updates not counted");
	if (too_long_count > 0) {
		ilv_draft_set_text(
			&draft,
			"There are more than %s writes of shared memory: what was lost of %s that "
			"they went to is not known. Record a shorter run to have it counted.",
			ilv_finding_count(UPDATE_MAX),
			ilv_finding_plural(too_long_count, "variable", "variables"));
	} else {
		ilv_draft_set_text(&draft,
				   "More than %s variables are shared: what was lost of the others "
				   "is not known.",
				   ilv_finding_count(VARIABLE_MAX));
	}

	return ilv_draft_finish(&draft);
}

static enum ilv_status judge(void *context_pointer, struct ilv_judgement *judgement)
{
	struct context *context = context_pointer;
	const struct ilv_run *run = judgement->run;
	enum ilv_status status = ILV_STATUS_OK;
	uint32_t too_long_count = 0;

	for (struct variable *variable = context->variables; variable && status >= 0;
	     variable = variable->hh.next) {
		if (variable->key.run == run && variable->is_too_long) {
			too_long_count++;
		} else if (variable->key.run == run) {
			status = speak(variable, judgement);
		}
	}

	if (status >= 0 && (too_long_count > 0 || context->overflowed == run)) {
		status = admit(too_long_count, judgement);
	}

	return status;
}

const struct ilv_finding_kind ilv_finding_lost_update = {
	.id = "lost-update",
	.context_size = sizeof(struct context),
	.fini = fini,
	.on_mark = on_mark,
	.judge = judge,
};
