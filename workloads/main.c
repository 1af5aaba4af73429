/* SPDX-License-Identifier: MIT */
/*
 * Description: interleave-workload: runs one workload under one runtime, between run_begin and
 * run_end, and says what came of it. Needs no session daemon: without one it does the same,
 * unrecorded.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/recorder.h"
#include "workloads/options.h"
#include "workloads/runtimes/processes.h"
#include "workloads/server.h"
#include "workloads/stop.h"
#include "workloads/truth.h"
#include "workloads/untraced.h"

#define EXIT_USAGE 2
#define NS_PER_MS  1e6

static void complain(void)
{
	fprintf(stderr, "interleave-workload: %s\n", ilv_cause_text());
}

/*
 * The recorder inside this program started before main() did, and asked the environment which
 * source to use: when another is wanted the program starts over.
 */
static enum ilv_status ensure_switch_source(const char *source, char **arguments)
{
	static const char *const sources[] = {"auto",   "perf+wakeups", "perf",
					      "rusage", "none",         NULL};
	const char *present = getenv(ILV_SWITCH_SOURCE_ENV);
	bool is_known = false;

	if (!source) {
		return ILV_STATUS_OK;
	}

	for (size_t index = 0; sources[index]; index++) {
		is_known = is_known || strcmp(sources[index], source) == 0;
	}

	if (!is_known) {
		const char *nearest = ilv_suggest(source, sources);

		ilv_cause_add("There is no switch source \"%s\"%s%s%s", source,
			      nearest ? "; did you mean \""
				      : "; there are: auto, perf+wakeups, perf, ",
			      nearest ? nearest : "rusage, none", nearest ? "\"?" : "");
		return ILV_STATUS_USAGE;
	}

	if (present && strcmp(present, source) == 0) {
		return ILV_STATUS_OK;
	}

	if (setenv(ILV_SWITCH_SOURCE_ENV, source, 1) != 0) {
		ilv_cause_add("Cannot set %s: errno=%d", ILV_SWITCH_SOURCE_ENV, errno);
		return ILV_STATUS_ERROR;
	}

	/* Ends the recorder first: its thread must not be in the middle of an event when the
	 * program goes. */
	ilv_trace_process_exit(0);
	(void)execv("/proc/self/exe", arguments);
	ilv_cause_add("Cannot start over: errno=%d", errno);

	return ILV_STATUS_ERROR;
}

/* Leaves the process, and all that it starts, the first `cpu_count` of the CPUs that it may use. */
static enum ilv_status pin(int64_t cpu_count)
{
	cpu_set_t allowed;
	cpu_set_t kept;

	if (cpu_count == 0) {
		return ILV_STATUS_OK;
	}

	CPU_ZERO(&kept);
	if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
		for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&kept) < cpu_count; cpu++) {
			if (CPU_ISSET(cpu, &allowed)) {
				CPU_SET(cpu, &kept);
			}
		}
	}

	if (sched_setaffinity(0, sizeof(kept), &kept) != 0) {
		ilv_cause_add("Cannot keep to %lld CPUs: errno=%d", (long long)cpu_count, errno);
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

/* Adds " name=value" for each option that is not simply off. */
static void spell_options(FILE *stream, const struct ilv_option *options, const int64_t *values,
			  const char *const *texts)
{
	for (size_t index = 0; options && options[index].name; index++) {
		const struct ilv_option *option = &options[index];

		switch (option->kind) {
		case ILV_OPTION_KIND_NUMBER:
			if (values[index] != 0 || option->default_value != 0) {
				(void)fprintf(stream, " %s=%lld", option->name,
					      (long long)values[index]);
			}

			break;
		case ILV_OPTION_KIND_CHOICE:
			(void)fprintf(stream, " %s=%s", option->name,
				      option->choices[values[index]]);
			break;
		case ILV_OPTION_KIND_TEXT:
			/* Names and values are told apart by blanks; what is secret stays with who
			 * said it. */
			if (texts && texts[index] && !option->is_secret &&
			    !strpbrk(texts[index], " \t\n=")) {
				(void)fprintf(stream, " %s=%s", option->name, texts[index]);
			}

			break;
		case ILV_OPTION_KIND_FLAG:
			if (values[index]) {
				(void)fprintf(stream, " %s=1", option->name);
			}

			break;
		}
	}
}

/* Spells the run's parameters for people: "jobs=6 size=384 seed=1". What does not fit is left out.
 */
static void spell_parameters(struct ilv_run *run, const struct ilv_runtime_options *options)
{
	FILE *stream = fmemopen(run->parameters, sizeof(run->parameters), "w");

	if (!stream) {
		return;
	}

	(void)fprintf(stream, "jobs=%lld", (long long)run->job_count);
	spell_options(stream, run->workload->options, run->values, run->texts);
	spell_options(stream, run->runtime->options, options->values, NULL);
	if (options->worker_count > 0) {
		(void)fprintf(stream, " workers=%u", options->worker_count);
	}

	if (run->cpu_count > 0) {
		(void)fprintf(stream, " cpus=%lld", (long long)run->cpu_count);
	}

	(void)fprintf(stream, " seed=%lld", (long long)run->seed);
	(void)fclose(stream);
	run->parameters[sizeof(run->parameters) - 1] = '\0';
}

static void execute(struct ilv_run *run, const struct ilv_runtime_options *runtime_options)
{
	struct ilv_truth_thread truth;
	enum ilv_status status = ILV_STATUS_OK;

	ilv_trace_thread_announce(ilv_trace_tid(), "main", run->runtime->main_role);
	run->begin_ns = ilv_trace_now_ns();
	/* Of a lesson the variant says all: which runtime it is about is a part of it. */
	ilv_trace_run_begin(run->workload->name, run->variant ? NULL : run->runtime->name,
			    run->variant ? run->variant->name : NULL, run->parameters,
			    run->runtime->unit);
	ilv_trace_process_memory();
	ilv_truth_thread_begin(&truth, run->runtime->main_role, "main");

	status = ilv_runtime_start(run->runtime, runtime_options);
	if (status == ILV_STATUS_OK) {
		status = run->workload->run ? run->workload->run(run) : ilv_run_planned(run);
		ilv_runtime_stop();
	}

	run->signal = ilv_stop_signal();
	if (run->signal != 0) {
		status = ILV_STATUS_INTERRUPTED;
		run->has_checksum = false;
	}

	run->status = status;
	ilv_truth_thread_end(&truth);
	ilv_trace_process_memory();
	if (run->sentence[0]) {
		ilv_trace_run_note(run->sentence);
	}
	ilv_trace_run_end(status);
	run->end_ns = ilv_trace_now_ns();
}

static void print_summary(const struct ilv_run *run)
{
	const char *outcome = run->status == ILV_STATUS_OK            ? "done"
			      : run->status == ILV_STATUS_INTERRUPTED ? "interrupted"
								      : "failed";

	printf("%s under %s%s%s: %s after %.1f ms (%s)\n", run->workload->name, run->runtime->name,
	       run->variant ? ", variant " : "", run->variant ? run->variant->name : "", outcome,
	       (double)(run->end_ns - run->begin_ns) / NS_PER_MS, run->parameters);
	if (run->sentence[0]) {
		printf("%s\n", run->sentence);
	}

	if (run->has_checksum) {
		printf("checksum %016llx\n", (unsigned long long)run->checksum);
	}

	(void)fflush(stdout);
}

/* Gives the workload its state, and lets it make what the run needs. */
static enum ilv_status prepare(struct ilv_run *run)
{
	if (run->workload->state_size > 0) {
		run->state = calloc(1, run->workload->state_size);
		if (!run->state) {
			ilv_cause_add("Cannot prepare %s", run->workload->name);
			return ILV_STATUS_MEMORY;
		}
	}

	return run->workload->prepare ? run->workload->prepare(run) : ILV_STATUS_OK;
}

static void clean_up(struct ilv_run *run)
{
	const size_t state_size = run->workload->state_size;

	if (run->workload->cleanup && (state_size == 0 || run->state)) {
		run->workload->cleanup(run);
	}

	if (state_size > 0) {
		free(run->state);
		run->state = NULL;
	}
}

/* What comes before every run. */
static enum ilv_status settle(const struct ilv_options *options,
			      struct ilv_runtime_options *runtime_options)
{
	const struct ilv_run *run = &options->run;
	enum ilv_status status = pin(run->cpu_count);

	*runtime_options = (struct ilv_runtime_options){
		.worker_count = (uint32_t)options->worker_count,
	};
	memcpy(runtime_options->values, run->runtime_values, sizeof(runtime_options->values));

	return status < 0 ? status : ilv_stop_install();
}

/* The pass without tracing alone. */
static enum ilv_status measure_untraced(struct ilv_options *options)
{
	struct ilv_runtime_options runtime_options;
	struct ilv_run *run = &options->run;
	enum ilv_status status = settle(options, &runtime_options);

	if (status < 0 || !run->workload->measure_untraced) {
		return status;
	}

	status = prepare(run);
	if (status == ILV_STATUS_OK) {
		status = ilv_runtime_start(run->runtime, &runtime_options);
	}

	if (status == ILV_STATUS_OK) {
		status = run->workload->measure_untraced(run);
		ilv_runtime_stop();
	}

	clean_up(run);
	if (status == ILV_STATUS_OK) {
		ilv_untraced_print(run);
	}

	return status;
}

static enum ilv_status perform(struct ilv_options *options, char *const *arguments)
{
	struct ilv_runtime_options runtime_options;
	struct ilv_run *run = &options->run;
	enum ilv_status status = settle(options, &runtime_options);

	if (status == ILV_STATUS_OK && run->workload->measure_untraced) {
		status = ilv_untraced_take(run, options->untraced_path, arguments);
	}

	if (status < 0) {
		return status;
	}

	status = prepare(run);
	if (status == ILV_STATUS_OK) {
		spell_parameters(run, &runtime_options);
		execute(run, &runtime_options);
		status = run->status;
	}

	clean_up(run);
	if (run->begin_ns != 0) {
		print_summary(run);
		if (options->truth_path) {
			enum ilv_status write_status = ilv_truth_write(run, options->truth_path);

			status = status == ILV_STATUS_OK ? write_status : status;
		}
	}

	ilv_truth_clear();

	return status;
}

int main(int argument_count, char **arguments)
{
	struct ilv_options options;
	enum ilv_status status = ILV_STATUS_OK;
	int stop_signal = 0;

	if (argument_count > 1 && strcmp(arguments[1], ILV_SERVER_COMMAND) == 0) {
		return ilv_server_main(argument_count - 1, arguments + 1);
	}

	if (argument_count > 1 && strcmp(arguments[1], ILV_JOB_COMMAND) == 0) {
		return ilv_job_main(argument_count - 1, arguments + 1);
	}

	status = ilv_options_parse(argument_count, arguments, &options);
	if (status == ILV_STATUS_OK) {
		switch (options.action) {
		case ILV_ACTION_HELP:
			ilv_options_help(options.run.workload);
			break;
		case ILV_ACTION_VERSION:
			printf("interleave-workload %s\n", ilv_version());
			break;
		case ILV_ACTION_LIST:
			if (options.is_json) {
				status = ilv_list_json();
			} else {
				ilv_list_text();
			}
			break;
		case ILV_ACTION_CHECK:
			if (options.run.workload->measure_untraced) {
				puts("has a pass without tracing: " ILV_UNTRACED_OPTION);
			}
			break;
		case ILV_ACTION_RUN:
			status = ensure_switch_source(options.switch_source, arguments);
			if (status == ILV_STATUS_OK) {
				status = perform(&options, arguments);
			}
			break;
		case ILV_ACTION_UNTRACED:
			status = ilv_untraced_ensure(arguments);
			if (status == ILV_STATUS_OK) {
				status = measure_untraced(&options);
			}
			break;
		}
	}

	stop_signal = ilv_stop_signal();
	if (stop_signal != 0) {
		return 128 + stop_signal;
	}

	if (status < 0) {
		complain();
	}

	return status == ILV_STATUS_USAGE ? EXIT_USAGE : status < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
