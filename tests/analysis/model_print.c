/* SPDX-License-Identifier: MIT */
/* Description: the model's callbacks as lines of text. Times are us, as in scripts. */
#include "tests/analysis/model_print.h"

#include <inttypes.h>

#include "analysis/model/interval.h"
#include "analysis/model/model.h"
#include "tests/lib/script.h"

static const char *const state_words[] = {"unknown", "ready", "running", "waiting", "done"};
static const char *const cause_words[] = {"none",    "cut",      "forced", "yielded",
					  "blocked", "finished", "unknown"};
static const char *const reason_words[] = {"none", "yield",    "sleep", "read", "write", "poll",
					   "cond", "barrier",  "lock",  "gil",  "join",  "child",
					   "task", "pool_job", "queue", "loop"};
static const char *const outcome_words[] = {"returned", "failed", "cancelled"};
static const char *const edge_words[] = {"wakeup", "hand-over", "spawn", "join"};
static const char *const mark_words[] = {
	"phase-begin",   "phase-end",       "read",       "write",    "update",
	"switches-lost", "recording-ended", "poll-begin", "poll-end", "phase-point",
	"phase-count",   "phase-price",     "memory"};
static const char *const source_words[] = {"none", "kernel", "perf+wakeups", "perf", "rusage"};

static const char *word(const char *const *words, size_t count, int index)
{
	return index >= 0 && (size_t)index < count ? words[index] : "?";
}

#define WORD(words, index) word(words, sizeof(words) / sizeof(*(words)), (int)(index))

static void put_time(FILE *stream, int64_t time_ns)
{
	fprintf(stream, "%" PRId64, time_ns / 1000);
	if (time_ns % 1000 != 0) {
		fprintf(stream, ".%03" PRId64, time_ns % 1000);
	}
}

static void put_entity(FILE *stream, const char *before, const struct ilv_entity *entity)
{
	char id[256];

	if (entity) {
		ilv_entity_id(entity, id, sizeof(id));
		fprintf(stream, "%s%s", before, id);
	}
}

static void put_scheduler(FILE *stream, const char *before, const struct ilv_scheduler *scheduler)
{
	char id[128];

	if (scheduler) {
		ilv_scheduler_id(scheduler, id, sizeof(id));
		fprintf(stream, "%s%s", before, id);
	}
}

/* The begin of each line: when, and of what kind it is. */
static void put_head(FILE *stream, int64_t time_ns, const char *kind)
{
	put_time(stream, time_ns);
	fprintf(stream, " %s", kind);
}

static void put_wait(FILE *stream, enum ilv_state state, enum ilv_wait_reason reason,
		     uint64_t object, const struct ilv_scheduler *waits_for)
{
	if (state == ILV_STATE_WAITING) {
		fprintf(stream, "(%s", WORD(reason_words, reason));
		if (object != 0) {
			fprintf(stream, " 0x%" PRIx64, object);
		}
		put_scheduler(stream, " ", waits_for);
		fputc(')', stream);
	}
}

static enum ilv_status on_run_begin(void *context, const struct ilv_run *run)
{
	put_head(context, run->begin_ns, "run-begin");
	fprintf(context, " %u %s%s unit=%d pid=%d\n", run->index,
		run->workload ? run->workload : "-", run->is_implied ? " implied" : "",
		(int)run->unit, run->pid);
	return ILV_STATUS_OK;
}

static enum ilv_status on_run_end(void *context, const struct ilv_run *run)
{
	put_head(context, run->end_ns, "run-end");
	fprintf(context, " %u %s status=%d\n", run->index, run->is_ended ? "ended" : "cut-off",
		run->status);
	return ILV_STATUS_OK;
}

static enum ilv_status on_scheduler(void *context, const struct ilv_scheduler *scheduler)
{
	put_head(context, scheduler->begin_ns, "scheduler");
	put_scheduler(context, " ", scheduler);
	fputc('\n', context);
	return ILV_STATUS_OK;
}

static enum ilv_status on_entity(void *context, const struct ilv_entity *entity)
{
	put_head(context, entity->begin_ns, "entity");
	put_entity(context, " ", entity);
	fputc('\n', context);
	return ILV_STATUS_OK;
}

static enum ilv_status on_change(void *context, const struct ilv_change *change)
{
	put_head(context, change->time_ns, change->is_correction ? "correction" : "change");
	put_entity(context, " ", change->entity);
	fprintf(context, " %s -> %s", WORD(state_words, change->entity->state),
		WORD(state_words, change->state));
	put_wait(context, change->state, change->reason, change->object, change->waits_for);
	if (change->state == ILV_STATE_RUNNING) {
		fprintf(context, " on %d", change->executor);
		put_entity(context, " carried by ", change->carrier);
	}
	if (change->cause != ILV_CAUSE_NONE) {
		fprintf(context, " cause=%s", WORD(cause_words, change->cause));
	}
	if (change->state == ILV_STATE_DONE && change->outcome != ILV_OUTCOME_RETURNED) {
		fprintf(context, " outcome=%s", WORD(outcome_words, change->outcome));
	}
	if (change->is_abandoned) {
		fputs(" abandoned", context);
	}
	fprintf(context, "%s%s", change->is_involuntary ? " involuntary" : "",
		change->is_counted ? " counted" : "");
	put_entity(context, " other=", change->other);
	fputc('\n', context);
	return ILV_STATUS_OK;
}

static enum ilv_status on_edge(void *context, const struct ilv_edge *edge)
{
	put_head(context, edge->to_ns, WORD(edge_words, edge->kind));
	put_entity(context, " ", edge->from);
	fputc('@', context);
	put_time(context, edge->from_ns);
	put_entity(context, " -> ", edge->to);
	put_scheduler(context, " over ", edge->over);
	fputc('\n', context);
	return ILV_STATUS_OK;
}

static enum ilv_status on_mark(void *context, const struct ilv_mark *mark)
{
	put_head(context, mark->time_ns, WORD(mark_words, mark->kind));
	put_entity(context, " ", mark->entity);
	if (mark->name) {
		fprintf(context, " \"%s\"", mark->name);
	}
	if (mark->address != 0) {
		fprintf(context, " 0x%" PRIx64 " %" PRId64 " %" PRId64, mark->address,
			mark->value_before, mark->value_after);
	}
	if (mark->kind == ILV_MARK_KIND_PHASE_POINT || mark->kind == ILV_MARK_KIND_PHASE_COUNT ||
	    mark->kind == ILV_MARK_KIND_PHASE_PRICE) {
		fprintf(context, " %s=%" PRId64, mark->event->u.phase.what,
			mark->event->u.phase.value);
	}
	if (mark->kind == ILV_MARK_KIND_MEMORY) {
		fprintf(context, " bytes=%" PRId64, mark->event->u.process.anonymous_bytes);
	}
	if (mark->count != 0) {
		fprintf(context, " count=%" PRIu64, mark->count);
	}
	fputc('\n', context);
	return ILV_STATUS_OK;
}

static enum ilv_status on_end(void *context, int64_t time_ns)
{
	put_head(context, time_ns, "end\n");
	return ILV_STATUS_OK;
}

static enum ilv_status deliver(void *context, const struct ilv_interval *interval)
{
	put_head(context, interval->begin_ns, "to ");
	put_time(context, interval->end_ns);
	put_entity(context, " stay ", interval->entity);
	fprintf(context, " %s", WORD(state_words, interval->state));
	put_wait(context, interval->state, interval->reason, interval->object, interval->waits_for);
	if (interval->state == ILV_STATE_RUNNING) {
		fprintf(context, " on %d", interval->executor);
	}
	if (interval->beneath != ILV_STATE_RUNNING) {
		fprintf(context, " beneath=%s", WORD(state_words, interval->beneath));
	}
	if (interval->since_ns != interval->begin_ns) {
		fprintf(context, " since=");
		put_time(context, interval->since_ns);
	}
	if (interval->begin_cause != ILV_CAUSE_NONE) {
		fprintf(context, " begun-by=%s", WORD(cause_words, interval->begin_cause));
	}
	if (interval->end_cause != ILV_CAUSE_NONE) {
		fprintf(context, " ended-by=%s", WORD(cause_words, interval->end_cause));
	}
	fprintf(context, "%s%s%s", interval->is_involuntary ? " involuntary" : "",
		interval->is_counted ? " counted" : "", interval->is_last ? "" : " goes-on");
	if (interval->run) {
		fprintf(context, " run=%u", interval->run->index);
	}
	fputc('\n', context);
	return ILV_STATUS_OK;
}

static void put_facts(FILE *stream, const struct ilv_model *model)
{
	const struct ilv_model_facts *facts = ilv_model_facts(model);
	uint32_t count;
	struct ilv_process *const *processes = ilv_model_processes(model, &count);

	fprintf(stream,
		"facts source=%s yields=%d lost=%" PRIu64 " missing=%" PRIu64
		" unfinished=%u cpus=%u recorder_cpu_ns=%" PRId64 "\n",
		WORD(source_words, facts->switch_source), facts->has_yields,
		facts->lost_switch_count, facts->missing_event_count,
		facts->unfinished_recorder_count, facts->cpu_count, facts->recorder_cpu_ns);
	for (uint32_t i = 0; i < count; i++) {
		char id[64];

		ilv_process_id(processes[i], id, sizeof(id));
		fprintf(stream, "%s \"%s\" parent=%d ", id,
			processes[i]->name ? processes[i]->name : "", processes[i]->parent_pid);
		put_time(stream, processes[i]->begin_ns);
		fprintf(stream, "..");
		if (processes[i]->end_ns != INT64_MAX) {
			put_time(stream, processes[i]->end_ns);
		}
		if (processes[i]->has_status) {
			fprintf(stream, " status=%d", processes[i]->status);
		}
		if (processes[i]->memory_peak_bytes >= 0) {
			fprintf(stream, " memory=%" PRId64 "..%" PRId64,
				processes[i]->memory_begin_bytes, processes[i]->memory_peak_bytes);
		}
		if (processes[i]->run) {
			fprintf(stream, " run=%u", processes[i]->run->index);
		}
		if (processes[i]->role == ILV_ROLE_SERVER) {
			fprintf(stream, " serves");
		}
		fputc('\n', stream);
	}
}

enum ilv_status ilv_model_print(const char *text, const struct ilv_model_print_options *options,
				FILE *stream)
{
	struct ilv_model_listener listener = {
		.context = stream,
		.on_run_begin = on_run_begin,
		.on_run_end = on_run_end,
		.on_scheduler = on_scheduler,
		.on_entity = on_entity,
		.on_change = on_change,
		.on_edge = on_edge,
		.on_mark = on_mark,
		.on_end = on_end,
	};
	struct ilv_script *script = ilv_script_parse(text);
	struct ilv_model *model = ilv_model_create();
	struct ilv_intervals *intervals = NULL;
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (!model) {
		goto end;
	}
	ilv_model_set_implied_run(model, options->is_run_implied);
	if (options->has_changes) {
		status = ilv_model_listen(model, &listener);
		if (status < 0) {
			goto end;
		}
	}
	if (options->has_intervals) {
		intervals = ilv_intervals_create(model, deliver, stream);
		if (!intervals) {
			goto end;
		}
	}

	status = ILV_STATUS_OK;
	for (size_t i = 0; i < script->count && status >= 0; i++) {
		status = ilv_model_feed(model, &script->events[i]);
	}
	if (status >= 0) {
		status = ilv_model_finish(model);
	}
	if (status >= 0 && options->has_facts) {
		put_facts(stream, model);
	}

end:
	ilv_intervals_destroy(intervals);
	ilv_model_destroy(model);
	ilv_script_destroy(script);
	return status;
}
