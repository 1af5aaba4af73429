/* SPDX-License-Identifier: MIT */
/*
 * Description: holds what the analysis says of a recording against what the recorded programs and
 * the kernel counted.
 *
 * Usage: truth_check --source NAME [--threads N] [--switches N] [--times] TRACE REPORT.json
 * TRUTH.json...
 *
 * N is the least that the truth must hold for the check to mean something. --times checks CPU times
 * too, which need a program whose threads note their bursts.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cause.h"
#include "tests/truth/checks.h"

struct request {
	const char *source;
	int64_t least_thread_count, least_switch_count;
	bool has_times;
};

static bool parse(int argc, char **argv, struct request *request)
{
	static const struct option options[] = {
		{"source", required_argument, NULL, 's'},
		{"threads", required_argument, NULL, 't'},
		{"switches", required_argument, NULL, 'w'},
		{"times", no_argument, NULL, 'c'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's':
			request->source = optarg;
			break;
		case 't':
			request->least_thread_count = atoll(optarg);
			break;
		case 'w':
			request->least_switch_count = atoll(optarg);
			break;
		case 'c':
			request->has_times = true;
			break;
		default:
			return false;
		}
	}
	return request->source && argc - optind >= 3;
}

void check_tasks(const struct truth *truth)
{
	const struct task_truth *task;

	for (task = truth->tasks; task; task = task->hh.next) {
		check_equal(task->told_resume_count, task->resume_count,
			    "resume events of task %d of process %d", (int)task->key.number,
			    task->key.pid);
		check_equal(task->told_yield_count, task->yield_count,
			    "yield events of task %d of process %d", (int)task->key.number,
			    task->key.pid);
	}
	if (truth->tasks) {
		printf("%u tasks: resumes and yields are their own counts\n",
		       HASH_COUNT(truth->tasks));
	}
}

int main(int argc, char **argv)
{
	struct request request = {.source = NULL};
	struct truth truth = {.threads = NULL};
	struct event_facts facts = {0};
	enum ilv_status status;

	if (!parse(argc, argv, &request)) {
		fprintf(stderr,
			"usage: %s --source NAME [--threads N] [--switches N] [--times] TRACE "
			"REPORT.json TRUTH.json...\n",
			argv[0]);
		return 2;
	}

	argv += optind;
	status = truth_load(&truth, argv + 2, (size_t)(argc - optind - 2));
	if (status == ILV_STATUS_OK) {
		status = check_events(argv[0], &truth, &facts);
	}
	if (status == ILV_STATUS_OK) {
		status = check_model(argv[0], &truth);
	}
	if (status == ILV_STATUS_OK) {
		check_threads(&truth, request.least_thread_count, request.least_switch_count);
		check_tasks(&truth);
		if (request.has_times) {
			status = check_times(argv[0], &truth);
		}
	}
	if (status == ILV_STATUS_OK) {
		status = check_report(argv[1], request.source, &truth, &facts);
	}
	truth_fini(&truth);
	if (status != ILV_STATUS_OK) {
		printf("FAIL: %s\n", ilv_cause_text());
		return 1;
	}
	if (check_failure_count() > 0) {
		printf("%zu things do not hold\n", check_failure_count());
		return 1;
	}
	return 0;
}
