/* SPDX-License-Identifier: MIT */
/*
 * Description: the table of phases. Of a phase that came several times the one that took the
 * shortest time stands for all: so every number of a row is of the same.
 */
#include <math.h>
#include <stdlib.h>

#include "analysis/report/sweep.h"
#include "analysis/report/text_parts.h"
#include "analysis/report/text_table.h"
#include "base/duration.h"

#define ROW_MAX  64
#define NAME_MAX 26
#define NS_PER_S 1e9

struct row {
	const struct ilv_report_phase *phase;
	uint32_t repeat_count;
};

static int64_t duration_of(const struct ilv_report_phase *phase)
{
	return phase->end_ns - phase->begin_ns;
}

/* Gathers repeats. Returns how many rows there are; `*hidden_count` phases found no room. */
static uint32_t gather(const struct ilv_report_run *run, struct row *rows, uint32_t *hidden_count)
{
	uint32_t count = 0;

	*hidden_count = 0;
	for (uint32_t index = 0; index < run->phase_count; index++) {
		const struct ilv_report_phase *phase = &run->phases[index];
		uint32_t at = 0;

		while (at < count && !ilv_phase_is_repeat(rows[at].phase, phase)) {
			at++;
		}
		if (at == ROW_MAX) {
			(*hidden_count)++;
			continue;
		}
		if (at == count) {
			rows[count++] = (struct row){phase, 0};
		}
		rows[at].repeat_count++;
		if (duration_of(phase) < duration_of(rows[at].phase)) {
			rows[at].phase = phase;
		}
	}

	return count;
}

static void add_amount(struct ilv_table *table, const struct ilv_report_count *count)
{
	char text[ILV_DURATION_TEXT_SIZE];

	if (!count) {
		ilv_table_text(table, NULL);
		return;
	}

	ilv_count_text(count->count, text, sizeof(text));
	ilv_table_printf(table, "%s %s", text,
			 count->what ? ilv_report_count_words(count, count->count) : "");
}

static void add_row(struct ilv_table *table, const struct row *row)
{
	const struct ilv_report_phase *phase = row->phase;
	const struct ilv_report_count *work = ilv_phase_work(phase);
	int64_t duration_ns = duration_of(phase);

	ilv_table_printf(table, "  %s%s", phase->name && phase->name[0] ? phase->name : "unnamed",
			 phase->is_ended ? "" : " (no end)");
	ilv_table_count(table, row->repeat_count > 1 ? (int64_t)row->repeat_count : ILV_UNKNOWN);
	ilv_table_duration(table, duration_ns);
	add_amount(table, work);
	ilv_table_count(table, work && duration_ns > 0 ? llround((double)work->count * NS_PER_S /
								 (double)duration_ns)
						       : ILV_UNKNOWN);
	ilv_table_number(table, phase->cpus_busy);
	ilv_table_count(table, phase->thread_count);
	ilv_table_count(table, phase->cut_short_count != ILV_UNKNOWN ? phase->cut_short_count
								     : phase->involuntary_count);
	ilv_table_count(table, phase->gave_way_count);
	if (phase->memory_bytes != ILV_UNKNOWN) {
		ilv_table_printf(table, "%.1f MiB",
				 (double)phase->memory_bytes / (1024.0 * 1024.0));
	} else {
		ilv_table_text(table, NULL);
	}
	add_amount(table, ilv_phase_counted(phase));
}

enum ilv_status ilv_report_text_phases(const struct ilv_report_text *text)
{
	struct row rows[ROW_MAX];
	uint32_t hidden_count;
	uint32_t count = gather(text->run, rows, &hidden_count);
	struct ilv_table table;
	enum ilv_status status;
	char note[128];

	hidden_count += (uint32_t)text->run->phase_left_out_count;
	ilv_table_init(&table, text->style);
	ilv_table_column(&table, "Phases", false, NAME_MAX);
	ilv_table_column(&table, "times", true, 0);
	ilv_table_column(&table, "time", true, 0);
	ilv_table_column(&table, "work", true, 0);
	ilv_table_column(&table, "a second", true, 0);
	ilv_table_column(&table, "CPUs busy", true, 0);
	ilv_table_column(&table, "threads", true, 0);
	ilv_table_column(&table, text->report->has_yields ? "cut short" : "involuntary", true, 0);
	ilv_table_column(&table, "gave way", true, 0);
	ilv_table_column(&table, "memory", true, 0);
	ilv_table_column(&table, "counted", true, 0);
	for (uint32_t index = 0; index < count; index++) {
		add_row(&table, &rows[index]);
	}
	status = ilv_table_write(&table, text->stream);
	ilv_table_fini(&table);

	if (status == ILV_STATUS_OK && hidden_count > 0) {
		(void)snprintf(note, sizeof(note), "and %u phase%s more", hidden_count,
			       hidden_count == 1 ? "" : "s");
		ilv_text_paragraph(text->style, 2, ILV_PAINT_FAINT, note, text->stream);
	}

	return status;
}
