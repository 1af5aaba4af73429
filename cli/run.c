/* SPDX-License-Identifier: MIT */
/* Description: records each item of a plan in turn, and makes what belongs into the folders. */
#include "cli/run.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cause.h"
#include "base/duration.h"
#include "base/shell.h"
#include "cli/anew.h"
#include "cli/compared.h"
#include "cli/daemon.h"
#include "cli/exit.h"
#include "cli/folder.h"
#include "cli/message.h"
#include "cli/recording.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "cli/views.h"
#include "recorder/recorder.h"

#define PROGRESS_WIDTH 44
#define COMPLAINT_SIZE 1024

struct run {
	const struct ilv_plan *plan;
	const struct ilv_run_options *options;
	struct ilv_daemon *daemon;
	bool has_said_source;
	bool has_recording; /* something worth keeping was made */
	int exit_status;    /* the gravest so far */
};

/* A failure outranks an incomplete trace, and whatever came first outranks its like. */
static void keep_exit(struct run *run, int exit_status)
{
	if (run->exit_status == ILV_EXIT_DONE || run->exit_status == ILV_EXIT_INCOMPLETE) {
		run->exit_status = exit_status == ILV_EXIT_DONE ? run->exit_status : exit_status;
	}
}

static void name_item(const struct run *run, const struct ilv_planned *item, char *text,
		      size_t size)
{
	(void)snprintf(text, size, "%s%s%s", run->plan->name, item->label[0] ? run->plan->way : "",
		       item->label);
}

/* "recording matmul under threads ......... ", with the line's end left to `say_recorded()`. */
static void say_recording(const char *name)
{
	int dot_count = PROGRESS_WIDTH - (int)strlen("recording ") - (int)strlen(name);

	fprintf(stderr, "recording %s ", name);
	for (int index = 0; index < dot_count || index < 3; index++) {
		fputc('.', stderr);
	}
	fputc(' ', stderr);
	fflush(stderr);
}

static void say_recorded(const struct ilv_view_facts *facts, const char *note)
{
	char event_count[32];
	char lost_count[32] = "perhaps some";

	ilv_count_text((int64_t)facts->event_count, event_count, sizeof(event_count));
	if (facts->is_complete || facts->lost_count > 0) {
		ilv_count_text((int64_t)facts->lost_count, lost_count, sizeof(lost_count));
	}
	if (facts->duration_ns >= 0) {
		fprintf(stderr, "%.2f s, ", (double)facts->duration_ns / 1e9);
	}
	fprintf(stderr, "%s %s, %s lost%s\n", event_count,
		ilv_plural((int64_t)facts->event_count, "event", "events"), lost_count, note);
}

/* Says once where thread switches come from, when that is not the best there is. */
static void say_source(struct run *run, const struct ilv_launched *launched)
{
	if (run->has_said_source || !launched->why[0]) {
		return;
	}

	run->has_said_source = true;
	ilv_message("thread switches come from %s: %s", ilv_switch_source_name(launched->source),
		    launched->why);
}

/* Finds the last complaint of our workloads' in what one printed; the empty string for none. */
static void find_complaint(const char *output_path, char *words, size_t size)
{
	static const char prefix[] = "interleave-workload: ";
	FILE *output = fopen(output_path, "re");
	char *line = NULL;
	size_t line_size = 0;

	words[0] = '\0';
	while (output && getline(&line, &line_size, output) > 0) {
		if (strncmp(line, prefix, strlen(prefix)) == 0) {
			line[strcspn(line, "\n")] = '\0';
			snprintf(words, size, ": %s", line + strlen(prefix));
		}
	}

	free(line);
	if (output) {
		fclose(output);
	}
}

/* Says how the workload ended when it did not end well, and keeps that for the exit status. */
static void judge_workload(struct run *run, const struct ilv_planned *item, const char *name,
			   int wait_status)
{
	int caught = ilv_signals_caught();
	char complaint[COMPLAINT_SIZE];

	if (caught) {
		ilv_message("interrupted by signal %d (%s); what was recorded until then is in %s",
			    caught, strsignal(caught), item->folder);
		run->exit_status = ILV_EXIT_SIGNAL + caught;
	} else if (WIFSIGNALED(wait_status)) {
		ilv_message("%s was ended by signal %d (%s); what it printed is in %s", name,
			    WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)),
			    item->output_path);
		keep_exit(run, ILV_EXIT_FAILED);
	} else if (WEXITSTATUS(wait_status) != 0) {
		find_complaint(item->output_path, complaint, sizeof(complaint));
		ilv_message("%s ended with status %d%s; what it printed is in %s", name,
			    WEXITSTATUS(wait_status), complaint, item->output_path);
		keep_exit(run, ILV_EXIT_FAILED);
	}
}

/* Makes report and picture of one recording. Its text goes beside them for now: the progress line
 * comes first. */
static enum ilv_status make_views(const struct ilv_planned *item, const char *text_path,
				  struct ilv_view_facts *facts)
{
	const struct ilv_text_style style = ilv_style_of_stdout(item->folder);
	char *json_path = ilv_path_join(item->folder, "report.json");
	char *svg_path = ilv_path_join(item->folder, "timeline.svg");
	const struct ilv_product products[] = {
		{.kind = ILV_PRODUCT_JSON, .path = json_path},
		{.kind = ILV_PRODUCT_SVG, .path = svg_path},
		{.kind = ILV_PRODUCT_TEXT, .path = text_path},
	};
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (json_path && svg_path) {
		status = ilv_view_recording(item->folder, ILV_ALL_RUNS, &style, products,
					    text_path ? 3 : 2, facts);
	}
	free(json_path);
	free(svg_path);

	return status;
}

/* Says what about the recording itself is not as it should be. Returns the exit status that it
 * deserves. */
static int judge_recording(const struct ilv_recording *recording, const struct ilv_planned *item,
			   const struct ilv_view_facts *facts, const char *name)
{
	if (recording->is_disk_full) {
		ilv_message("the disk of %s is full: the end of the recording is missing",
			    item->folder);
		return ILV_EXIT_FAILED;
	}
	if (recording->is_unclosed) {
		ilv_message("LTTng's daemon died or failed while it recorded %s: the end of the "
			    "recording is missing; record it again",
			    name);
		return ILV_EXIT_FAILED;
	}
	if (recording->is_stuck) {
		ilv_message(
			"a process of %s died while it wrote an event, which blocked a buffer of "
			"LTTng: events are missing that nobody counted",
			name);
		return ILV_EXIT_INCOMPLETE;
	}

	return ilv_view_exit(facts, name);
}

/* Says why there are no views of a recording: the disk and the daemon come before what the reader
 * stumbled over. */
static void say_unreadable(struct run *run, const struct ilv_recording *recording,
			   const struct ilv_planned *item, enum ilv_status status)
{
	if (recording->is_disk_full) {
		ilv_message("the disk of %s is full", item->folder);
	} else if (recording->is_unclosed) {
		ilv_message("LTTng's daemon died or failed while it recorded: what is in %s cannot "
			    "be read; record it again",
			    item->folder);
	}
	keep_exit(run, recording->is_disk_full || recording->is_unclosed ? ILV_EXIT_FAILED
									 : ilv_exit_failed(status));
	ilv_cause_clear();
}

/*
 * Runs what the workload measures without tracing, while nobody records: the recorder of switches
 * would be a price too. False: it failed, or was interrupted; the run itself will tell why.
 */
static bool run_untraced(const struct ilv_planned *item)
{
	char **arguments = ilv_planned_arguments(item, "--untraced", NULL);
	const struct ilv_launch launch = {
		.program = item->arguments[0],
		.arguments = arguments,
		.output_path = item->untraced_path,
	};
	struct ilv_launched launched = {.wait_status = -1};
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (arguments) {
		ilv_signals_hold();
		status = ilv_launch_run(&launch, &launched);
		ilv_signals_release();
	}
	free(arguments);
	ilv_cause_clear();

	return status == ILV_STATUS_OK && launched.wait_status == 0;
}

/* Records one item. ILV_STATUS_INTERRUPTED: a signal came before. */
static enum ilv_status record(struct run *run, const struct ilv_planned *item,
			      struct ilv_recording *recording)
{
	struct ilv_launch launch = {
		.program = item->arguments[0],
		.arguments = item->arguments,
		.output_path = item->output_path,
		.has_recorder = run->options->has_recorder,
		.source = run->options->source,
	};
	enum ilv_status status = ILV_STATUS_INTERRUPTED;
	char **arguments = NULL;

	if (run->plan->has_untraced_pass && run_untraced(item)) {
		arguments = ilv_planned_arguments(item, "--untraced-from", item->untraced_path);
		launch.arguments = arguments ? arguments : item->arguments;
	}
	if (!ilv_signals_caught()) {
		status = ilv_recording_make(run->daemon, item->folder, &launch, recording);
	}
	free(arguments);

	return status;
}

static void say_unbegun(struct run *run, const char *name)
{
	int caught = ilv_signals_caught();

	ilv_message("interrupted by signal %d (%s) before %s was recorded", caught,
		    strsignal(caught), name);
	run->exit_status = ILV_EXIT_SIGNAL + caught;
}

/* Records and reads one item. Returns false when nothing more is to be recorded. */
static bool run_item(struct run *run, const struct ilv_planned *item, bool is_last,
		     const char *text_path)
{
	struct ilv_recording recording;
	struct ilv_view_facts facts = {0};
	enum ilv_status status;
	char name[160];

	name_item(run, item, name, sizeof(name));
	say_recording(name);
	status = record(run, item, &recording);
	if (is_last || ilv_signals_caught()) {
		ilv_daemon_dismiss(run->daemon); /* Its end takes as long as the reading. */
	}
	if (status != ILV_STATUS_OK) {
		fputc('\n', stderr);
		if (status == ILV_STATUS_INTERRUPTED) {
			say_unbegun(run, name);
		} else {
			keep_exit(run, ilv_exit_failed(status));
		}
		ilv_folder_discard(item->folder);
		return false;
	}
	run->has_recording = true;

	status = make_views(item, text_path, &facts);
	if (status != ILV_STATUS_OK) {
		fputc('\n', stderr);
		say_source(run, &recording.launched);
		judge_workload(run, item, name, recording.launched.wait_status);
		say_unreadable(run, &recording, item, status);
		return false;
	}

	say_recorded(&facts, facts.is_interrupted ? ", interrupted" : "");
	say_source(run, &recording.launched);
	judge_workload(run, item, name, recording.launched.wait_status);
	keep_exit(run, judge_recording(&recording, item, &facts, name));

	return ilv_signals_caught() == 0;
}

static void print_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char block[4096];
	size_t length;

	if (!file) {
		return;
	}
	while ((length = fread(block, 1, sizeof(block), file)) > 0) {
		(void)fwrite(block, 1, length, stdout);
	}
	fclose(file);
}

/* Prints the path of `name` in `folder`, or of the folder itself, so that a shell takes it as it
 * stands. */
static void print_path(const char *before, const char *folder, const char *name, const char *after)
{
	char *path = name ? ilv_path_join(folder, name) : strdup(folder);
	char *word = path ? ilv_shell_word(path) : NULL;

	if (word) {
		printf("%s%s%s", before, word, after);
	}
	free(path);
	free(word);
}

static void record_one(struct run *run)
{
	const struct ilv_planned *item = &run->plan->items[0];
	char *text_path = ilv_path_join(item->folder, ".report.txt");
	char *json_path = ilv_path_join(item->folder, "report.json");

	if (text_path && json_path) {
		(void)run_item(run, item, true, text_path);
		if (run->options->has_json) {
			print_file(json_path);
		} else if (access(text_path, R_OK) == 0) {
			print_file(text_path);
			print_path("drawn  ", item->folder, "timeline.svg", "\n");
		}
		(void)unlink(text_path);
	} else {
		keep_exit(run, ilv_exit_failed(ILV_STATUS_MEMORY));
	}
	free(text_path);
	free(json_path);
}

static enum ilv_status compare_views(const struct run *run, const struct ilv_compared_list *list,
				     struct ilv_view_facts *facts)
{
	const struct ilv_text_style style = ilv_style_of_stdout(run->plan->folder);
	char *svg_path = ilv_path_join(run->plan->folder, "compare.svg");
	char *json_path = ilv_path_join(run->plan->folder, "compare.json");
	const struct ilv_product products[] = {
		{.kind = ILV_PRODUCT_JSON, .path = json_path},
		{.kind = ILV_PRODUCT_SVG, .path = svg_path},
		{.kind = run->options->has_json ? ILV_PRODUCT_JSON : ILV_PRODUCT_TEXT},
	};
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (svg_path && json_path) {
		status = ilv_view_comparison(list->items, list->count, &style, products, 3, facts);
	}
	free(svg_path);
	free(json_path);

	return status;
}

static void compare(struct run *run)
{
	struct ilv_compared_list list = {0};
	struct ilv_view_facts facts = {0};
	enum ilv_status status = ilv_compared_add(&list, run->plan->folder);

	if (status == ILV_STATUS_OK) {
		status = compare_views(run, &list, &facts);
	}
	ilv_compared_fini(&list);
	if (status != ILV_STATUS_OK) {
		keep_exit(run, ilv_exit_failed(status));
		return;
	}

	if (!run->options->has_json) {
		print_path("\npictures  ", run->plan->folder, "compare.svg",
			   ", and a timeline.svg for each\n");
		print_path("more      interleave report ", run->plan->items[0].folder, NULL, "\n");
	}
	ilv_compared_say_repeats(&facts);
}

static void record_several(struct run *run)
{
	for (size_t index = 0; index < run->plan->count; index++) {
		const struct ilv_planned *item = &run->plan->items[index];
		enum ilv_status status = ilv_folder_prepare(item->folder, false);

		if (status != ILV_STATUS_OK) {
			keep_exit(run, ilv_exit_failed(status));
			return;
		}
		if (!run_item(run, item, index + 1 == run->plan->count, NULL)) {
			return;
		}
	}
	fflush(stderr);
	putchar('\n');
	compare(run);
}

int ilv_run_plan(struct ilv_plan *plan, const struct ilv_run_options *options)
{
	struct run run = {.plan = plan, .options = options};
	bool is_prepared = false;
	enum ilv_status status = ilv_folder_check(plan->folder, options->is_forced);

	if (status == ILV_STATUS_OK) {
		status = ilv_plan_check(plan);
	}
	if (status != ILV_STATUS_OK) {
		return ilv_exit_failed(status);
	}

	ilv_signals_note();
	status = ilv_anew_unrecorded();
	/* What a workload leaves behind when it dies becomes a child of ours, and can be ended. */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);

	/* It may start the program anew, so it comes before anything is written. */
	if (status == ILV_STATUS_OK) {
		status = ilv_daemon_start(&run.daemon);
	}
	if (status == ILV_STATUS_OK) {
		ilv_daemon_await(run.daemon);
		ilv_session_clean();
		ilv_daemon_awaited(run.daemon);
		status = ilv_folder_prepare(plan->folder, options->is_forced);
		is_prepared = status == ILV_STATUS_OK;
	}
	if (status != ILV_STATUS_OK) {
		keep_exit(&run, ilv_exit_failed(status));
	} else if (plan->count == 1) {
		record_one(&run);
	} else {
		record_several(&run);
	}

	if (is_prepared && !run.has_recording) {
		ilv_folder_discard(plan->folder);
	}
	ilv_daemon_stop(run.daemon);

	return run.exit_status;
}
