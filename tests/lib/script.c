/* SPDX-License-Identifier: MIT */
/*
 * Description: reads event scripts. One table says which fields an event has and how each is
 * written; a mistake in a script is a mistake in a test, so it ends the program with the line and
 * the reason.
 */
#include "tests/lib/script.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct text {
	UT_hash_handle hh;
	char bytes[];
};

struct script {
	struct ilv_script head;
	struct text *texts;
	size_t capacity;
};

/* Which member of the event's union an event uses. */
enum family {
	FAMILY_NONE,
	FAMILY_RUN_BEGIN,
	FAMILY_RUN_END,
	FAMILY_RUN_NOTE,
	FAMILY_PHASE,
	FAMILY_RECORDER_BEGIN,
	FAMILY_RECORDER_END,
	FAMILY_WATERMARK,
	FAMILY_SWITCH_LOST,
	FAMILY_SWITCH,
	FAMILY_FORK,
	FAMILY_THREAD,
	FAMILY_JOIN,
	FAMILY_LOCK,
	FAMILY_WAIT,
	FAMILY_PROCESS,
	FAMILY_TASK,
	FAMILY_JOB,
	FAMILY_SHARED,
	FAMILY_CLOSED,
};

static const struct {
	const char *name;
	enum ilv_event_type type;
} types[] = {
#define X(name, text) {text, ILV_EVENT_##name},
	ILV_EVENT_LIST(X)
#undef X
		{"interleave:recorder_closed", ILV_EVENT_RECORDER_CLOSED},
	{"interleave:other", ILV_EVENT_OTHER},
};

static enum family family_of(enum ilv_event_type type)
{
	switch (type) {
	case ILV_EVENT_RUN_BEGIN:
		return FAMILY_RUN_BEGIN;
	case ILV_EVENT_RUN_END:
		return FAMILY_RUN_END;
	case ILV_EVENT_RUN_NOTE:
		return FAMILY_RUN_NOTE;
	case ILV_EVENT_PHASE_BEGIN:
	case ILV_EVENT_PHASE_END:
	case ILV_EVENT_PHASE_POINT:
	case ILV_EVENT_PHASE_COUNT:
	case ILV_EVENT_PHASE_PRICE:
		return FAMILY_PHASE;
	case ILV_EVENT_RECORDER_BEGIN:
		return FAMILY_RECORDER_BEGIN;
	case ILV_EVENT_RECORDER_END:
		return FAMILY_RECORDER_END;
	case ILV_EVENT_SWITCH_WATERMARK:
		return FAMILY_WATERMARK;
	case ILV_EVENT_SWITCH_LOST:
		return FAMILY_SWITCH_LOST;
	case ILV_EVENT_THREAD_SWITCH_IN:
	case ILV_EVENT_THREAD_SWITCH_OUT:
	case ILV_EVENT_THREAD_WAKEUP:
		return FAMILY_SWITCH;
	case ILV_EVENT_PROCESS_FORK:
		return FAMILY_FORK;
	case ILV_EVENT_THREAD_CREATE:
	case ILV_EVENT_THREAD_START:
	case ILV_EVENT_THREAD_ANNOUNCE:
	case ILV_EVENT_THREAD_EXIT:
		return FAMILY_THREAD;
	case ILV_EVENT_THREAD_JOIN_BEGIN:
	case ILV_EVENT_THREAD_JOIN_END:
		return FAMILY_JOIN;
	case ILV_EVENT_LOCK_NAME:
	case ILV_EVENT_LOCK_SHARE:
	case ILV_EVENT_LOCK_WAIT_BEGIN:
	case ILV_EVENT_LOCK_WAIT_ABANDON:
	case ILV_EVENT_LOCK_ACQUIRE:
	case ILV_EVENT_LOCK_RELEASE:
	case ILV_EVENT_LOCK_DESTROY:
		return FAMILY_LOCK;
	case ILV_EVENT_WAIT_BEGIN:
	case ILV_EVENT_WAIT_END:
		return FAMILY_WAIT;
	case ILV_EVENT_PROCESS_SPAWN:
	case ILV_EVENT_PROCESS_START:
	case ILV_EVENT_PROCESS_EXIT:
	case ILV_EVENT_PROCESS_MEMORY:
	case ILV_EVENT_PROCESS_WAIT_BEGIN:
	case ILV_EVENT_PROCESS_WAIT_END:
		return FAMILY_PROCESS;
	case ILV_EVENT_LOOP_CREATE:
	case ILV_EVENT_LOOP_POLL_BEGIN:
	case ILV_EVENT_LOOP_POLL_END:
	case ILV_EVENT_TASK_CREATE:
	case ILV_EVENT_TASK_READY:
	case ILV_EVENT_TASK_RESUME:
	case ILV_EVENT_TASK_YIELD:
	case ILV_EVENT_TASK_DONE:
		return FAMILY_TASK;
	case ILV_EVENT_POOL_CREATE:
	case ILV_EVENT_JOB_SUBMIT:
	case ILV_EVENT_JOB_BEGIN:
	case ILV_EVENT_JOB_END:
		return FAMILY_JOB;
	case ILV_EVENT_SHARED_READ:
	case ILV_EVENT_SHARED_WRITE:
	case ILV_EVENT_SHARED_UPDATE:
		return FAMILY_SHARED;
	case ILV_EVENT_RECORDER_CLOSED:
		return FAMILY_CLOSED;
	default:
		return FAMILY_NONE;
	}
}

/* Names of numbers, in lower case: the index is the value. */
static const char *const role_names[] = {"other", "job",    "pool",     "loop",
					 "main",  "server", "recorder", "tracer"};
static const char *const unit_names[] = {"thread", "task", "process", "pool_job"};
static const char *const quantity_names[] = {"number", "sharers", "ns", "bytes", "percent"};
static const char *const lock_kind_names[] = {"mutex", "rwlock", "spin", "sem", "gil"};
static const char *const lock_mode_names[] = {"exclusive", "shared", "tried"};
static const char *const release_cause_names[] = {"none", "blocking", "request", "done", "yield"};
static const char *const wait_reason_names[] = {
	"none", "yield", "sleep", "read",  "write", "poll",     "cond",  "barrier",
	"lock", "gil",   "join",  "child", "task",  "pool_job", "queue", "loop"};
static const char *const spawn_method_names[] = {"fork", "vfork", "spawn", "clone"};
static const char *const outcome_names[] = {"returned", "failed", "cancelled"};
static const char *const switch_source_names[] = {"none", "kernel", "perf_wakeups", "perf",
						  "rusage"};
static const char *const boolean_names[] = {"false", "true"};

enum kind { KIND_NUMBER, KIND_STRING };

struct field {
	enum family family;
	const char *name;
	enum kind kind;
	size_t offset, size;
	const char *const *value_names; /* NULL: numbers only */
	size_t value_name_count;
	int64_t value_absent; /* what it is where the script does not say it */
};

#define MEMBER(family, member, name, kind, names, name_count, absent)                              \
	{                                                                                          \
		FAMILY_##family, #name, kind, offsetof(struct ilv_event, u.member.name),           \
			sizeof(((struct ilv_event *)NULL)->u.member.name), names, name_count,      \
			absent                                                                     \
	}
#define NUMBER(family, member, name) MEMBER(family, member, name, KIND_NUMBER, NULL, 0, 0)
#define UNSURE(family, member, name) MEMBER(family, member, name, KIND_NUMBER, NULL, 0, -1)
#define STRING(family, member, name) MEMBER(family, member, name, KIND_STRING, NULL, 0, 0)
#define NAMED(family, member, name, names)                                                         \
	MEMBER(family, member, name, KIND_NUMBER, names, sizeof(names) / sizeof(*(names)), 0)

static const struct field fields[] = {
	STRING(RUN_BEGIN, run_begin, workload),
	STRING(RUN_BEGIN, run_begin, runtime),
	STRING(RUN_BEGIN, run_begin, variant),
	STRING(RUN_BEGIN, run_begin, parameters),
	NAMED(RUN_BEGIN, run_begin, unit, unit_names),
	NUMBER(RUN_BEGIN, run_begin, cpu_count),
	NUMBER(RUN_END, run_end, status),
	STRING(RUN_NOTE, run_note, text),
	STRING(PHASE, phase, name),
	STRING(PHASE, phase, series),
	STRING(PHASE, phase, what),
	NUMBER(PHASE, phase, value),
	NAMED(PHASE, phase, unit, quantity_names),
	NAMED(PHASE, phase, is_reference, boolean_names),
	NAMED(PHASE, phase, is_work, boolean_names),
	NAMED(PHASE, phase, is_untraced, boolean_names),
	NUMBER(RECORDER_BEGIN, recorder_begin, recorder_id),
	NAMED(RECORDER_BEGIN, recorder_begin, source, switch_source_names),
	NUMBER(RECORDER_BEGIN, recorder_begin, covered_pid),
	STRING(RECORDER_BEGIN, recorder_begin, covers),
	NUMBER(RECORDER_END, recorder_end, recorder_id),
	NUMBER(RECORDER_END, recorder_end, switch_count),
	NUMBER(RECORDER_END, recorder_end, lost_count),
	UNSURE(RECORDER_END, recorder_end, cpu_ns),
	NUMBER(WATERMARK, watermark, recorder_id),
	NUMBER(WATERMARK, watermark, switch_count),
	NUMBER(WATERMARK, watermark, up_to_ns),
	UNSURE(WATERMARK, watermark, cpu_ns),
	NUMBER(SWITCH_LOST, switch_lost, recorder_id),
	NUMBER(SWITCH_LOST, switch_lost, lost_count),
	NUMBER(SWITCH_LOST, switch_lost, begin_ns),
	NUMBER(SWITCH_LOST, switch_lost, end_ns),
	UNSURE(SWITCH_LOST, switch_lost, cpu),
	NUMBER(SWITCH, thread_switch, recorder_id),
	UNSURE(SWITCH, thread_switch, pid),
	UNSURE(SWITCH, thread_switch, tid),
	UNSURE(SWITCH, thread_switch, cpu),
	UNSURE(SWITCH, thread_switch, other_tid),
	NAMED(SWITCH, thread_switch, is_involuntary, boolean_names),
	NUMBER(FORK, fork, recorder_id),
	UNSURE(FORK, fork, pid),
	UNSURE(FORK, fork, parent_pid),
	NUMBER(THREAD, thread, key),
	STRING(THREAD, thread, name),
	UNSURE(THREAD, thread, tid),
	UNSURE(THREAD, thread, parent_tid),
	UNSURE(THREAD, thread, cpu_ns),
	NAMED(THREAD, thread, role, role_names),
	NAMED(THREAD, thread, is_daemon, boolean_names),
	UNSURE(JOIN, join, joined_tid),
	NUMBER(LOCK, lock, lock),
	STRING(LOCK, lock, name),
	NAMED(LOCK, lock, kind, lock_kind_names),
	NAMED(LOCK, lock, mode, lock_mode_names),
	NAMED(LOCK, lock, is_contended, boolean_names),
	NAMED(LOCK, lock, cause, release_cause_names),
	NUMBER(LOCK, lock, capacity),
	NUMBER(WAIT, wait, object),
	NAMED(WAIT, wait, reason, wait_reason_names),
	STRING(PROCESS, process, name),
	NUMBER(PROCESS, process, started_ns),
	NUMBER(PROCESS, process, event_count),
	NUMBER(PROCESS, process, anonymous_bytes),
	UNSURE(PROCESS, process, child_pid),
	UNSURE(PROCESS, process, parent_pid),
	NAMED(PROCESS, process, role, role_names),
	NAMED(PROCESS, process, method, spawn_method_names),
	NUMBER(PROCESS, process, status),
	NUMBER(TASK, task, loop),
	NUMBER(TASK, task, task),
	NUMBER(TASK, task, other_task),
	NUMBER(TASK, task, object),
	STRING(TASK, task, name),
	NAMED(TASK, task, reason, wait_reason_names),
	NAMED(TASK, task, outcome, outcome_names),
	NUMBER(JOB, job, pool),
	NUMBER(JOB, job, job),
	STRING(JOB, job, name),
	NUMBER(JOB, job, worker_count),
	NUMBER(JOB, job, queue_length),
	NAMED(JOB, job, has_processes, boolean_names),
	NAMED(JOB, job, outcome, outcome_names),
	NUMBER(SHARED, shared, address),
	NUMBER(SHARED, shared, value_before),
	NUMBER(SHARED, shared, value_after),
	NUMBER(CLOSED, closed, recorder_id),
	NUMBER(CLOSED, closed, covered_pid),
	NAMED(CLOSED, closed, is_premature, boolean_names),
};
#define FIELD_COUNT (sizeof(fields) / sizeof(*fields))

static void __attribute__((noreturn, format(printf, 3, 4)))
refuse(size_t line_number, const char *line, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "Event script, line %zu: ", line_number);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\n    %.*s\n", (int)strcspn(line, "\n"), line);
	exit(EXIT_FAILURE);
}

static void *must(void *pointer)
{
	if (!pointer) {
		fprintf(stderr, "Event script: out of memory\n");
		exit(EXIT_FAILURE);
	}

	return pointer;
}

/* Returns the one copy of `bytes`, so that equal texts have equal addresses, as the decoder
 * promises. */
static const char *intern(struct script *script, const char *bytes)
{
	struct text *text;
	size_t length = strlen(bytes);

	HASH_FIND(hh, script->texts, bytes, length, text);
	if (!text) {
		text = must(calloc(1, sizeof(*text) + length + 1));
		memcpy(text->bytes, bytes, length);
		HASH_ADD_KEYPTR(hh, script->texts, text->bytes, length, text);
	}

	return text->bytes;
}

static void store(struct ilv_event *event, const struct field *field, int64_t value)
{
	char *place = (char *)event + field->offset;

	if (field->size == sizeof(int32_t)) {
		int32_t narrow = (int32_t)value;

		memcpy(place, &narrow, sizeof(narrow));
	} else {
		memcpy(place, &value, sizeof(value));
	}
}

/* Microseconds with an optional fraction, to ns. Returns false when `text` is not wholly that. */
static bool parse_time(const char *text, int64_t *time_ns)
{
	char *end;
	int64_t whole;
	int64_t fraction_ns = 0;
	int64_t digit_ns = 100;

	errno = 0;
	whole = strtoll(text, &end, 10);
	if (end == text || errno != 0) {
		return false;
	}

	if (*end == '.') {
		for (end++; isdigit((unsigned char)*end); end++) {
			fraction_ns += (*end - '0') * digit_ns;
			digit_ns /= 10;
		}
	}

	*time_ns = whole * 1000 + fraction_ns;
	return *end == '\0';
}

/* A number, `true`, a name of `field`'s values, or a time in us such as 12.5us for the fields in
 * ns. */
static bool parse_number(const struct field *field, const char *text, int64_t *value)
{
	size_t length = strlen(text);
	char *end;

	for (size_t i = 0; field && i < field->value_name_count; i++) {
		if (strcmp(text, field->value_names[i]) == 0) {
			*value = (int64_t)i;
			return true;
		}
	}

	if (length > 2 && strcmp(text + length - 2, "us") == 0) {
		char time[64];

		snprintf(time, sizeof(time), "%.*s", (int)length - 2, text);
		return parse_time(time, value);
	}

	errno = 0;
	*value = text[0] == '-' ? strtoll(text, &end, 0) : (int64_t)strtoull(text, &end, 0);
	return end != text && *end == '\0' && errno == 0;
}

/*
 * Takes the next word off `*cursor` into `word`: up to a blank, with blanks inside double quotes
 * kept and the quotes removed. `\"`, `\\`, `\n` and `\xHH` inside quotes are understood. Returns
 * false at the end of the line or a comment.
 */
static bool take_word(const char **cursor, char *word, size_t size)
{
	const char *from = *cursor;
	size_t length = 0;
	bool is_quoted = false;

	while (*from == ' ' || *from == '\t' || *from == '\r') {
		from++;
	}
	if (*from == '\0' || *from == '\n' || *from == '#') {
		return false;
	}

	for (; *from != '\0' && *from != '\n'; from++) {
		char byte = *from;

		if (byte == '"') {
			is_quoted = !is_quoted;
			continue;
		}
		if (!is_quoted && isspace((unsigned char)byte)) {
			break;
		}
		if (is_quoted && byte == '\\' && from[1] != '\0') {
			unsigned int code = 0;

			from++;
			byte = *from == 'n' ? '\n' : *from;
			if (*from == 'x' && sscanf(from + 1, "%2x", &code) == 1) {
				byte = (char)code;
				from += 2;
			}
		}
		if (length + 1 < size) {
			word[length++] = byte;
		}
	}

	word[length] = '\0';
	*cursor = from;
	return true;
}

static const struct field *find_field(enum family family, const char *name)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (fields[i].family == family && strcmp(fields[i].name, name) == 0) {
			return &fields[i];
		}
	}

	return NULL;
}

/* Sets one `key=value`. Returns false when neither the event nor its member has such a field. */
static bool set_field(struct script *script, struct ilv_event *event, const char *key,
		      const char *value, bool *is_value_good)
{
	static const char subject[] = "subject_";
	bool is_subject = strncmp(key, subject, strlen(subject)) == 0;
	const struct field *field =
		find_field(family_of(event->type), is_subject ? key + strlen(subject) : key);
	int32_t *own = strcmp(key, "pid") == 0   ? &event->pid
		       : strcmp(key, "tid") == 0 ? &event->tid
		       : strcmp(key, "cpu") == 0 ? &event->cpu
						 : NULL;
	int64_t number = 0;

	*is_value_good = true;
	if (field && field->kind == KIND_STRING) {
		const char *text = intern(script, value);

		memcpy((char *)event + field->offset, &text, sizeof(text));
		return true;
	}

	*is_value_good = parse_number(field, value, &number);
	if (own) {
		*own = (int32_t)number;
	}
	if (field) {
		store(event, field, number);
	}
	return own || field;
}

static struct ilv_event *add_event(struct script *script)
{
	struct ilv_event *event;

	if (script->head.count == script->capacity) {
		script->capacity = script->capacity ? script->capacity * 2 : 64;
		script->head.events = must(realloc(
			script->head.events, script->capacity * sizeof(*script->head.events)));
	}

	event = &script->head.events[script->head.count++];
	memset(event, 0, sizeof(*event));
	event->pid = -1;
	event->tid = -1;
	event->cpu = -1;
	return event;
}

static void set_type(struct ilv_event *event, const char *name, size_t line_number,
		     const char *line)
{
	enum family family;
	bool is_known = false;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types) && !is_known; i++) {
		if (strcmp(strchr(types[i].name, ':') + 1, name) == 0) {
			event->type = types[i].type;
			is_known = true;
		}
	}
	if (!is_known) {
		refuse(line_number, line, "no event is called \"%s\"", name);
	}

	family = family_of(event->type);
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (fields[i].family == family && fields[i].value_absent != 0) {
			store(event, &fields[i], fields[i].value_absent);
		}
	}
}

static void parse_line(struct script *script, const char *line, size_t line_number)
{
	struct ilv_event *event;
	const char *cursor = line;
	char word[1024];
	char *at;

	if (!take_word(&cursor, word, sizeof(word))) {
		return;
	}

	event = add_event(script);
	at = strchr(word, '@');
	if (at) {
		*at = '\0';
	}
	if (!parse_time(word, &event->time_ns) ||
	    (at && !parse_time(at + 1, &event->recorded_ns))) {
		refuse(line_number, line, "it must begin with a time in us");
	}
	if (!at) {
		event->recorded_ns = event->time_ns;
	}

	if (!take_word(&cursor, word, sizeof(word))) {
		refuse(line_number, line, "the event's name is missing");
	}
	set_type(event, word, line_number, line);

	while (take_word(&cursor, word, sizeof(word))) {
		char *equals = strchr(word, '=');
		bool is_value_good;

		if (!equals) {
			refuse(line_number, line, "\"%s\" is not field=value", word);
		}
		*equals = '\0';
		if (!set_field(script, event, word, equals + 1, &is_value_good)) {
			refuse(line_number, line, "this event has no field \"%s\"", word);
		}
		if (!is_value_good) {
			refuse(line_number, line, "\"%s\" is no value of \"%s\"", equals + 1, word);
		}
	}
}

struct ilv_script *ilv_script_parse(const char *text)
{
	struct script *script = must(calloc(1, sizeof(*script)));
	size_t line_number = 1;

	while (*text) {
		parse_line(script, text, line_number++);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}

	return &script->head;
}

void ilv_script_destroy(struct ilv_script *head)
{
	struct script *script = (struct script *)head;
	struct text *text;
	struct text *next;

	if (!script) {
		return;
	}

	HASH_ITER (hh, script->texts, text, next) {
		HASH_DEL(script->texts, text);
		free(text);
	}
	free(script->head.events);
	free(script);
}
