/* SPDX-License-Identifier: MIT */
/* Description: puts findings together: texts, evidence, words for entities. */
#include "analysis/findings/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"

#define WORD_COUNT 16
#define WORD_SIZE  160

/* Bytes of a name within words, and within a title. */
#define NAME_MAX_BYTES 100
#define TITLE_NAME_MAX 23

/* A few buffers in turn, so that one format can hold several words. */
static char *next_word(void)
{
	static _Thread_local char words[WORD_COUNT][WORD_SIZE];
	static _Thread_local unsigned int next;

	return words[next++ % WORD_COUNT];
}

struct ilv_finding ilv_finding_make(const char *kind_id, enum ilv_severity severity)
{
	struct ilv_finding finding = {
		.severity = severity,
		.cost_ns = ILV_UNKNOWN,
		.affected_count = ILV_UNKNOWN,
		.total_count = ILV_UNKNOWN,
		.begin_ns = ILV_UNKNOWN,
		.end_ns = ILV_UNKNOWN,
		.moment_ns = ILV_UNKNOWN,
	};

	/* A copy that fails shows when the finding is emitted. */
	finding.id = strdup(kind_id);
	return finding;
}

static enum ilv_status set_text(char **text, const char *format, va_list arguments)
{
	char *made = NULL;

	if (vasprintf(&made, format, arguments) < 0) {
		return ILV_STATUS_MEMORY;
	}

	free(*text);
	*text = made;
	return ILV_STATUS_OK;
}

enum ilv_status ilv_finding_set_title(struct ilv_finding *finding, const char *format, ...)
{
	enum ilv_status status;
	va_list arguments;

	va_start(arguments, format);
	status = set_text(&finding->title, format, arguments);
	va_end(arguments);
	return status;
}

enum ilv_status ilv_finding_set_text(struct ilv_finding *finding, const char *format, ...)
{
	enum ilv_status status;
	va_list arguments;

	va_start(arguments, format);
	status = set_text(&finding->text, format, arguments);
	va_end(arguments);
	return status;
}

enum ilv_status ilv_finding_add_id(struct ilv_finding *finding, const char *id)
{
	char **ids = realloc(finding->entity_ids, (finding->entity_count + 1) * sizeof(*ids));

	if (!ids) {
		return ILV_STATUS_MEMORY;
	}

	finding->entity_ids = ids;
	ids[finding->entity_count] = strdup(id);
	if (!ids[finding->entity_count]) {
		return ILV_STATUS_MEMORY;
	}

	finding->entity_count++;
	return ILV_STATUS_OK;
}

enum ilv_status ilv_finding_add_entity(struct ilv_finding *finding, const struct ilv_entity *entity)
{
	char id[WORD_SIZE];

	ilv_entity_id(entity, id, sizeof(id));
	return ilv_finding_add_id(finding, id);
}

enum ilv_status ilv_finding_add_scheduler(struct ilv_finding *finding,
					  const struct ilv_scheduler *scheduler)
{
	char id[WORD_SIZE];

	ilv_scheduler_id(scheduler, id, sizeof(id));
	return ilv_finding_add_id(finding, id);
}

enum ilv_status ilv_finding_set_moment(struct ilv_finding *finding, const struct ilv_entity *entity,
				       int64_t moment_ns, const char *format, ...)
{
	enum ilv_status status;
	char id[WORD_SIZE];
	va_list arguments;

	ilv_entity_id(entity, id, sizeof(id));
	free(finding->moment_entity_id);
	finding->moment_entity_id = strdup(id);
	if (!finding->moment_entity_id) {
		return ILV_STATUS_MEMORY;
	}

	finding->moment_ns = moment_ns;
	va_start(arguments, format);
	status = set_text(&finding->moment_text, format, arguments);
	va_end(arguments);
	return status;
}

enum ilv_status ilv_finding_emit(struct ilv_finding *finding, enum ilv_status status,
				 ilv_finding_emit_fn emit, void *emit_context)
{
	if (status < 0) {
		ilv_finding_fini(finding);
		return status;
	}

	return emit(emit_context, finding);
}

const char *ilv_finding_duration(int64_t duration_ns)
{
	char *word = next_word();

	ilv_duration_text(duration_ns, word, WORD_SIZE);
	return word;
}

const char *ilv_finding_count(int64_t count)
{
	char *word = next_word();

	ilv_count_text(count, word, WORD_SIZE);
	return word;
}

const char *ilv_finding_plural(int64_t count, const char *one, const char *many)
{
	char number[ILV_DURATION_TEXT_SIZE];
	char *word = next_word();

	ilv_count_text(count, number, sizeof(number));
	(void)snprintf(word, WORD_SIZE, "%s %s", number, count == 1 ? one : many);
	return word;
}

const char *ilv_finding_label(const struct ilv_entity *entity)
{
	char *word = next_word();

	ilv_entity_label(entity, word, WORD_SIZE);
	return word;
}

const char *ilv_finding_thread_label(const struct ilv_report_thread *thread)
{
	char *word = next_word();

	if (thread->name && thread->name[0]) {
		(void)snprintf(word, WORD_SIZE, "%s", thread->name);
	} else {
		(void)snprintf(word, WORD_SIZE, "thread %d", (int)thread->tid);
	}

	return word;
}

/* "lock `results`", with no more of the name than `name_max` bytes. */
static const char *label_scheduler(const struct ilv_scheduler *scheduler, size_t name_max)
{
	static const char *const kinds[] = {
		[ILV_SCHEDULER_KIND_KERNEL] = "kernel", [ILV_SCHEDULER_KIND_LOOP] = "loop",
		[ILV_SCHEDULER_KIND_GIL] = "GIL",       [ILV_SCHEDULER_KIND_POOL] = "pool",
		[ILV_SCHEDULER_KIND_LOCK] = "lock",
	};
	char *word = next_word();

	if (scheduler->kind == ILV_SCHEDULER_KIND_GIL &&
	    (!scheduler->name || strcmp(scheduler->name, "GIL") == 0)) {
		(void)snprintf(word, WORD_SIZE, "the GIL");
	} else if (scheduler->name) {
		(void)snprintf(word, WORD_SIZE, "%s `%.*s`", kinds[scheduler->kind],
			       (int)ilv_finding_fit(scheduler->name, name_max), scheduler->name);
	} else {
		ilv_scheduler_label(scheduler, word, WORD_SIZE);
	}

	return word;
}

const char *ilv_finding_scheduler_label(const struct ilv_scheduler *scheduler)
{
	return label_scheduler(scheduler, NAME_MAX_BYTES);
}

const char *ilv_finding_title_label(const struct ilv_scheduler *scheduler)
{
	return label_scheduler(scheduler, TITLE_NAME_MAX);
}

bool ilv_finding_is_held(const struct ilv_scheduler *lock)
{
	return lock->lock_kind != ILV_LOCK_KIND_SEM || lock->executor_count == 1;
}

size_t ilv_finding_fit(const char *text, size_t size)
{
	size_t length = strnlen(text, size + 1);

	if (length <= size) {
		return length;
	}

	/* Bytes 10xxxxxx go on with a character; they are left out with its beginning. */
	for (length = size; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;) {
		length--;
	}

	return length;
}

const struct ilv_run *ilv_finding_run_now(const struct ilv_entity *entity)
{
	const struct ilv_run *run = entity->process ? entity->process->run : NULL;

	return run && !run->is_ended ? run : NULL;
}
