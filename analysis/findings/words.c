/* SPDX-License-Identifier: MIT */
/* Description: words for the sentences of findings: durations, counts, names of entities. */
#include "analysis/findings/words.h"

#include <stdio.h>
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

const char *ilv_finding_number(double value)
{
	char *word = next_word();

	ilv_number_text(value, 2, word, WORD_SIZE);
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
