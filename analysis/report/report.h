/* SPDX-License-Identifier: MIT */
/*
 * Description: the report of a recording as a structure: what the JSON (docs/report.schema.json)
 * and the text are written from, and what pictures take their numbers and findings from. It owns
 * all it points to, strings included, so it outlives the model that it was made from.
 *
 * Unknown is ILV_UNKNOWN for integers, NAN for ratios, NULL for strings: never 0. Times are ns
 * since the run's begin, where not said otherwise.
 */
#ifndef ILV_ANALYSIS_REPORT_REPORT_H
#define ILV_ANALYSIS_REPORT_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analysis/metrics/distribution.h"
#include "analysis/model/model.h"
#include "base/status.h"

#define ILV_UNKNOWN INT64_MIN

/* Switches by cause. `ILV_UNKNOWN` where a cause is not to be told for this kind of scheduler or
 * trace. */
struct ilv_switch_counts {
	int64_t involuntary, cut_short, blocked, yielded, forced, finished;
};

struct ilv_report_scheduler {
	enum ilv_scheduler_kind kind;
	enum ilv_discipline discipline;
	char *id, *name;
	uint32_t entity_count;
	int64_t executor_count;
	struct ilv_distribution slices; /* stays in RUNNING */
	struct ilv_distribution waits;  /* stays in READY */
	bool has_waits;                 /* false: readiness is only known after a cut */
	struct ilv_switch_counts switches;
	double utilisation;      /* busy executor time over executors x run time */
	double parallelism_mean; /* entities running at once, over the run */
	int64_t parallelism_max;
	double fairness; /* Jain: (sum x)^2 / (n * sum x^2), x = running time of an entity */
};

/* Times of one entity by state; used for threads, tasks and sums of them. */
struct ilv_report_times {
	int64_t running_ns;
	int64_t runnable_ns;           /* all of READY; unknown without wake-ups */
	int64_t runnable_after_cut_ns; /* READY after a cut: known with every source of switches */
	int64_t waiting_ns; /* WAITING; for source perf it holds the way from wake-up to run too */
	int64_t off_cpu_ns; /* alive and not running */
	int64_t unknown_ns; /* alive, but what it did is not known */
	int64_t reason_ns[ILV_WAIT_REASON_LOOP +
			  1]; /* WAITING by reason; index enum ilv_wait_reason */
};

/* Where others had at least this share of the CPUs' time, a run's times are theirs as well. */
#define ILV_REPORT_CROWDED_SHARE 0.25

/* Ready as far as it is known: all of it, or what followed upon a cut; ILV_UNKNOWN: neither. */
static inline int64_t ilv_report_ready_ns(const struct ilv_report_times *times)
{
	return times->runnable_ns != ILV_UNKNOWN ? times->runnable_ns
						 : times->runnable_after_cut_ns;
}

struct ilv_report_thread {
	char *id, *name;
	int32_t pid, tid;
	enum ilv_role role;
	bool is_daemon, is_unit;
	int64_t begin_ns, end_ns; /* within the run */
	struct ilv_report_times times;
	int64_t voluntary_count, involuntary_count, cut_short_count;
	int64_t gave_way_count; /* blocked or yielded: voluntary switches less the last, plus yields
				 */
	int64_t migration_count;
	/*
	 * What its own clock counts more than its stays on CPUs, a switch: those records do not
	 * hold the switch itself. Unknown below 100 switches, where the thread did not say its
	 * clock, and where that clock is no measure of it: on a busy machine it stands still from a
	 * wake-up that asks for a switch to the switch, which makes the difference less than
	 * nothing, and a hypervisor may take more meanwhile than any switch does.
	 */
	int64_t switch_cost_ns;
	uint64_t cpu_mask;    /* CPUs 0 to 63 that it ran on */
	char *waits_most_for; /* words; NULL: nothing */
	int64_t waits_most_ns;
	struct ilv_distribution slices, waits;
	bool is_done; /* within the run */
	enum ilv_outcome outcome;
	bool is_abandoned; /* it was still there when its process ended, in the run or after it */
};

struct ilv_report_process {
	char *id, *name;
	int32_t pid, parent_pid;
	enum ilv_role role;
	int64_t begin_ns, end_ns, running_ns;
	int64_t thread_count;
	int64_t spawn_ns; /* from fork to the child's first act */
	/* What of that LTTng took for its own work after the fork; it is in the process's times. */
	int64_t spawn_tracer_ns;
	int64_t memory_growth_bytes;
	int64_t sent_event_count, received_event_count;
	int64_t exit_status;
};

struct ilv_report_task {
	char *id, *name, *loop_id;
	bool is_unit;
	int64_t begin_ns, end_ns;
	struct ilv_report_times times;
	int64_t resume_count, yield_count;
	int64_t stalled_ns; /* current on its loop while the loop's thread was off its CPU */
	int64_t longest_slice_ns;
	enum ilv_outcome outcome;
	bool is_done;
	bool is_abandoned; /* as of a thread; likewise when its loop ended */
	char *waits_most_for;
	int64_t waits_most_ns;
	struct ilv_distribution slices, waits;
};

struct ilv_report_lock {
	char *id, *name;
	enum ilv_lock_kind kind;
	/* A semaphore of more places than one, or of none to begin with: a queue or a signal, which
	 * nobody holds. */
	bool is_count;
	int64_t acquisition_count, contended_count;
	int64_t in_vain_count; /* contended, and not got: given up, or not over when the run ended
				*/
	struct ilv_distribution waits, holds;
	char *held_longest_by;   /* entity id; NULL: never held */
	char *waited_longest_by; /* entity id; NULL: nobody waited */
	char *held_longest_by_name, *waited_longest_by_name;
};

struct ilv_report_pool {
	char *id, *name;
	int64_t worker_count, job_count, failed_count, cancelled_count;
	struct ilv_distribution queue, service;
};

struct ilv_report_loop {
	char *id, *name, *thread_id;
	int64_t iteration_count, poll_ns, task_count;
	/* The longest that a task kept it at a time, less how long its thread stood ready for a CPU
	 * meanwhile, which was the kernel's doing (see analysis/metrics/stalls.h). */
	int64_t longest_callback_ns, longest_callback_ready_ns;
	char *longest_callback_by; /* task id */
	int64_t stall_count;       /* callbacks that ran for long while others could have run (see
				      analysis/metrics/stalls.h) */
	int64_t thread_cut_count;  /* cuts of its thread: the tasks' have none by nature */
};

/* A number that the program itself counted in a phase. */
struct ilv_report_count {
	char *what;     /* in the plural */
	char *what_one; /* in the singular; NULL: the program did not say it */
	int64_t count;
	bool is_work; /* what the phase is there for */
};

/* `counted.what` of `count`: "part that was not there yet" of 1. */
static inline const char *ilv_report_count_words(const struct ilv_report_count *counted,
						 int64_t count)
{
	return count == 1 && counted->what_one ? counted->what_one : counted->what;
}

/* What one of the things costs that the program does in a phase, as it measured it itself. */
struct ilv_report_price {
	char *what; /* in the singular */
	int64_t value;
	enum ilv_quantity unit;
	bool is_untraced; /* in a pass before, which nobody traced; else in the phase */
};

/* A part of the run that the program gave a name. What threads did in it is of all threads of the
 * run that count. */
struct ilv_report_phase {
	char *name;      /* NULL: it has none */
	char *entity_id; /* whose phase it is */
	int64_t begin_ns, end_ns;
	bool is_ended; /* false: the run ended before it */
	double cpus_busy;
	int64_t voluntary_count, involuntary_count; /* as the kernel counts */
	int64_t cut_short_count, gave_way_count;
	int64_t memory_bytes; /* private memory of its process, at most, as that said it */
	int64_t thread_count; /* alive at once, at most */
	/* Where it stands in a sweep: */
	bool has_point;
	char *series;   /* NULL: the run's own curve */
	char *quantity; /* what is swept */
	int64_t value;
	enum ilv_quantity unit;
	bool is_reference;
	struct ilv_report_count *counts;
	uint32_t count_count;
	struct ilv_report_price *prices;
	uint32_t price_count;
};

enum ilv_severity { ILV_SEVERITY_NOTE, ILV_SEVERITY_WARNING, ILV_SEVERITY_PROBLEM };

/* Something worth seeing, in plain words, with its evidence. */
struct ilv_finding {
	char *id;    /* kebab-case kind: contended-lock, lost-update, ... */
	char *title; /* a few words */
	char *text;  /* what happened, who, when; then what to do */
	enum ilv_severity severity;
	int64_t cost_ns;     /* ILV_UNKNOWN: cannot be said in time */
	bool is_cost_summed; /* over all who waited: it may be more than the run took */
	/* How many of how many (updates lost, acquisitions contended, ...); ILV_UNKNOWN: not a
	 * count. */
	int64_t affected_count, total_count;
	int64_t begin_ns, end_ns;
	char **entity_ids;
	uint32_t entity_count;
	/* Where a picture puts its number: one entity and one moment, and a sentence for it. */
	char *moment_entity_id;
	int64_t moment_ns;
	char *moment_text; /* NULL: not worth a number */
};

/* Frees what `finding` owns. */
void ilv_finding_fini(struct ilv_finding *finding);

struct ilv_report_run {
	char *workload, *runtime, *variant, *parameters; /* NULL: nobody said run_begin */
	enum ilv_unit unit;
	bool has_unit;
	int64_t cpu_count;               /* CPUs that it may use; ILV_UNKNOWN: not said */
	int64_t absolute_begin_ns;       /* in the trace's clock */
	int64_t begin_ns, end_ns;        /* since the trace's begin */
	char *notes[ILV_RUN_NOTE_LIMIT]; /* what the program says of it, in its own words */
	uint32_t note_count;
	int64_t note_left_out_count; /* earlier ones */
	bool is_interrupted;         /* the run has no end, or says that a signal ended it */
	int64_t exit_status;         /* of run_end */
	struct ilv_report_scheduler *schedulers;
	struct ilv_report_thread *threads;
	struct ilv_report_process *processes;
	struct ilv_report_task *tasks;
	struct ilv_report_task *jobs; /* of pools; `loop_id` is the pool's */
	struct ilv_report_lock *locks;
	struct ilv_report_pool *pools;
	struct ilv_report_loop *loops;
	struct ilv_finding *findings;    /* gravest first, then most costly */
	struct ilv_report_phase *phases; /* in the order in which they began */
	uint32_t phase_count;
	int64_t phase_left_out_count; /* phases beyond those that are kept */
	uint32_t scheduler_count, thread_count, process_count, task_count, job_count, lock_count,
		pool_count, loop_count, finding_count;

	/* Over the units of the run (its threads, tasks, ... of role job): what a comparison shows.
	 */
	struct {
		int64_t unit_count;
		int64_t duration_ns;
		double cpus_busy;    /* mean; run's processes, less server, recorder, tracer */
		double cpus_wanted;  /* mean: busy, and those they stood ready for besides */
		int64_t all_wait_ns; /* while none of them ran or stood ready */
		/* Of the CPUs' time, what others had: at the least, and as seen where records tell
		 * who went before and came after (see analysis/metrics/crowd.h). */
		double others_share, others_seen_share;
		int64_t cut_short_count;  /* of units */
		int64_t thread_cut_count; /* of the threads that carry them; equal for unit thread
					   */
		int64_t gave_way_count;   /* blocked + yielded of units */
		struct ilv_distribution waits; /* ready to running, of units */
		bool has_waits;
		int64_t memory_bytes;
		double fairness;
		int64_t throughput_per_s; /* units done a second */
	} sum;
	/* Lines of their own; of the recorder what it used during the run. */
	int64_t server_cpu_ns, recorder_cpu_ns, tracer_cpu_ns;
};

struct ilv_report {
	char **paths;
	uint32_t path_count;
	int64_t monotonic_origin_ns; /* the first event, in the trace's clock */
	int64_t realtime_origin_ns;
	int64_t duration_ns;
	uint64_t event_count, discarded_event_count, discarded_packet_count, lost_switch_count,
		late_switch_count, missing_event_count;
	/* Processes of whose events nobody knows how many are missing, as model.h has them. */
	uint32_t silent_process_count, open_process_count, unbegun_process_count,
		unheard_process_count;
	bool has_unknown_discards, is_cut_off;
	enum ilv_switch_source switch_source;
	uint32_t unfinished_recorder_count;
	bool has_yields;
	char *other_events; /* whose the events are, where none is of ours; NULL: some are */
	bool has_losses;    /* something is missing for sure: a count, or the end */
	bool is_complete;
	uint32_t cpu_count;
	int64_t recorder_cpu_ns; /* what recorders used in all */
	struct ilv_report_run *runs;
	uint32_t run_count;
};

/* Whether two runs' programs say the same of them, in the same words. */
bool ilv_report_says_same(const struct ilv_report_run *left, const struct ilv_report_run *right);

/* Processes that leave it open whether all that they sent arrived. */
static inline uint64_t ilv_report_uncounted(const struct ilv_report *report)
{
	return (uint64_t)report->silent_process_count + report->open_process_count +
	       report->unbegun_process_count + report->unheard_process_count;
}

/*
 * Reads the recording at `path` (a folder with `trace/` in it, or of CTF traces) and makes its
 * report. Call it in a guarded child. On success `*report` is the caller's.
 */
enum ilv_status ilv_report_create(const char *path, struct ilv_report **report) ILV_NODISCARD;
void ilv_report_destroy(struct ilv_report *report);

/* Writes the JSON of docs/report.schema.json. */
enum ilv_status ilv_report_write_json(const struct ilv_report *report, FILE *stream) ILV_NODISCARD;

struct ilv_text_style {
	bool has_colour;
	bool has_unicode;
	unsigned int width; /* columns */
	const char *name;   /* what the recording is called, for the "more" line */
};

/* Writes the text of `run_index`, or of every run with UINT32_MAX. */
enum ilv_status ilv_report_write_text(const struct ilv_report *report, uint32_t run_index,
				      const struct ilv_text_style *style,
				      FILE *stream) ILV_NODISCARD;

#endif /* ILV_ANALYSIS_REPORT_REPORT_H */
