/* SPDX-License-Identifier: MIT */
/* Description: puts findings together: texts, evidence, and the failure that came first. */
#include "analysis/findings/draft.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_SIZE 160

struct ilv_draft ilv_draft_begin(struct ilv_judgement *judgement, enum ilv_severity severity)
{
	struct ilv_draft draft = {
		.finding =
			{
				.id = strdup(judgement->kind_id),
				.severity = severity,
				.cost_ns = ILV_UNKNOWN,
				.affected_count = ILV_UNKNOWN,
				.total_count = ILV_UNKNOWN,
				.begin_ns = ILV_UNKNOWN,
				.end_ns = ILV_UNKNOWN,
				.moment_ns = ILV_UNKNOWN,
			},
		.judgement = judgement,
	};

	draft.status = draft.finding.id ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
	return draft;
}

static void set_text(struct ilv_draft *draft, char **text, const char *format, va_list arguments)
{
	char *made = NULL;

	if (draft->status < 0) {
		return;
	}

	if (vasprintf(&made, format, arguments) < 0) {
		draft->status = ILV_STATUS_MEMORY;
		return;
	}

	free(*text);
	*text = made;
}

void ilv_draft_set_title(struct ilv_draft *draft, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_text(draft, &draft->finding.title, format, arguments);
	va_end(arguments);
}

void ilv_draft_set_text(struct ilv_draft *draft, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_text(draft, &draft->finding.text, format, arguments);
	va_end(arguments);
}

void ilv_draft_set_moment(struct ilv_draft *draft, const struct ilv_entity *entity,
			  int64_t moment_ns, const char *format, ...)
{
	char id[ID_SIZE];
	char *copy;
	va_list arguments;

	if (draft->status < 0) {
		return;
	}

	ilv_entity_id(entity, id, sizeof(id));
	copy = strdup(id);
	if (!copy) {
		draft->status = ILV_STATUS_MEMORY;
		return;
	}

	free(draft->finding.moment_entity_id);
	draft->finding.moment_entity_id = copy;
	draft->finding.moment_ns = moment_ns;
	va_start(arguments, format);
	set_text(draft, &draft->finding.moment_text, format, arguments);
	va_end(arguments);
}

void ilv_draft_add_id(struct ilv_draft *draft, const char *id)
{
	struct ilv_finding *finding = &draft->finding;
	char **ids;

	if (draft->status < 0) {
		return;
	}

	ids = realloc(finding->entity_ids, (finding->entity_count + 1) * sizeof(*ids));
	if (!ids) {
		draft->status = ILV_STATUS_MEMORY;
		return;
	}

	finding->entity_ids = ids;
	ids[finding->entity_count] = strdup(id);
	if (!ids[finding->entity_count]) {
		draft->status = ILV_STATUS_MEMORY;
		return;
	}

	finding->entity_count++;
}

void ilv_draft_add_entity(struct ilv_draft *draft, const struct ilv_entity *entity)
{
	char id[ID_SIZE];

	ilv_entity_id(entity, id, sizeof(id));
	ilv_draft_add_id(draft, id);
}

void ilv_draft_add_scheduler(struct ilv_draft *draft, const struct ilv_scheduler *scheduler)
{
	char id[ID_SIZE];

	ilv_scheduler_id(scheduler, id, sizeof(id));
	ilv_draft_add_id(draft, id);
}

enum ilv_status ilv_draft_finish(struct ilv_draft *draft)
{
	struct ilv_judgement *judgement = draft->judgement;
	struct ilv_finding *grown;

	if (draft->status < 0) {
		goto fail;
	}

	grown = realloc(judgement->findings, (judgement->finding_count + 1) * sizeof(*grown));
	if (!grown) {
		draft->status = ILV_STATUS_MEMORY;
		goto fail;
	}

	judgement->findings = grown;
	grown[judgement->finding_count++] = draft->finding;
	return ILV_STATUS_OK;

fail:
	ilv_finding_fini(&draft->finding);
	return draft->status;
}
