/* SPDX-License-Identifier: MIT */
/*
 * Description: why one run took longer than another, in a clause: it used more CPU time, or it took
 * longer to get what it used: because it did not get the CPUs that it wanted, because its threads
 * could not compute side by side, or because all of them waited. Where both have a part in it both
 * are said, with numbers that multiply to the whole.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/metrics/measures.h"
#include "analysis/report/attribution.h"
#include "analysis/report/verdict_parts.h"
#include "base/duration.h"

/* What has less than this share of the difference, or makes less than this one, is not said. */
#define SHARE_MIN 0.25
#define RATIO_MIN 1.1

/* Two runs of one and the same program seldom differ as much in how many CPUs they have. */
#define CHANCE_PACE 1.2

/* Who got no larger part of the CPUs that it wanted may have been as quick or slow as it was
 * because of that. */
#define FEW 0.67

/* Waiting for locks that is worth to be called a cause: this share of the threads' time. */
#define LOCK_SHARE 0.3

/* Who had this share of the CPUs that it may use was held up by nothing else. */
#define CPU_BOUND 0.9

/* Of estimates: a run that took so much longer, and left the CPUs so much idler. */
#define WAITING_CONTRAST 1.5

/* Whether `ratio` is worth a word: what made the slow run quicker only where it is no chance. */
static bool is_worth_saying(double ratio)
{
	return ratio >= RATIO_MIN || ratio <= 1 / ILV_VERDICT_CHANCE_RATIO;
}

/* Whether a `ratio` this far above 1 may be chance. */
static bool is_chance(double ratio, double limit)
{
	return ratio > 1 && ratio < limit;
}

/* What share of their time the units of `compared` stood in line for locks. */
static double share_of_locks(const struct ilv_compared_run *compared)
{
	const struct ilv_report_run *run = compared->run;
	double lock_ns = 0;
	double alive_ns = 0;

	for (uint32_t index = 0; index < run->thread_count; index++) {
		const struct ilv_report_thread *thread = &run->threads[index];

		if (thread->role == ILV_ROLE_JOB && thread->end_ns != ILV_UNKNOWN) {
			lock_ns += (double)thread->times.reason_ns[ILV_WAIT_REASON_LOCK];
			alive_ns += (double)(thread->end_ns - thread->begin_ns);
		}
	}

	/* To wait at a queue is no line for a lock. */
	for (uint32_t index = 0; index < run->lock_count; index++) {
		if (run->locks[index].is_count) {
			lock_ns -= (double)run->locks[index].waits.total_ns;
		}
	}

	return alive_ns > 0 ? fmax(0, lock_ns) / alive_ns : 0;
}

/* Whether `compared` had all the CPUs that it may use, all the time. */
static bool is_cpu_bound(const struct ilv_compared_run *compared)
{
	return compared->run->cpu_count != ILV_UNKNOWN &&
	       compared->values[ILV_MEASURE_CPUS_BUSY] >=
		       CPU_BOUND * (double)compared->run->cpu_count;
}

/* Who holds a lock and waits for a CPU keeps others in line for the lock: it is the CPUs that are
 * too few. */
static bool is_lock_bound(const struct ilv_compared_run *fast, const struct ilv_compared_run *slow)
{
	return !is_cpu_bound(slow) && share_of_locks(slow) > LOCK_SHARE &&
	       share_of_locks(slow) > 1.5 * share_of_locks(fast);
}

double ilv_verdict_cpu_ns(const struct ilv_compared_run *compared)
{
	return compared->values[ILV_MEASURE_CPUS_BUSY] * compared->values[ILV_MEASURE_TIME];
}

bool ilv_verdict_is_estimated(const struct ilv_compared_run *compared)
{
	return compared->report->switch_source == ILV_SWITCH_SOURCE_RUSAGE;
}

bool ilv_verdict_is_mostly_waiting(const struct ilv_compared_run *compared)
{
	double longest_ns = 0;

	for (uint32_t index = 0; index < compared->run->thread_count; index++) {
		const struct ilv_report_thread *thread = &compared->run->threads[index];
		int64_t ready_ns = ilv_report_ready_ns(&thread->times);

		if (!ilv_measures_serves(thread->role) && ready_ns != ILV_UNKNOWN) {
			longest_ns = fmax(longest_ns, (double)ready_ns);
		}
	}

	return compared->values[ILV_MEASURE_CPUS_BUSY] < 0.5 &&
	       longest_ns <= 0.2 * compared->values[ILV_MEASURE_TIME];
}

/* "threads", "futures": not "process". */
static bool is_plural(const struct ilv_compared_run *compared)
{
	size_t length = strlen(compared->label);

	return length > 1 && compared->label[length - 1] == 's' &&
	       compared->label[length - 2] != 's';
}

static double cpus_wanted(const struct ilv_compared_run *compared)
{
	return compared->run->sum.cpus_wanted;
}

static double cpus_got(const struct ilv_compared_run *compared)
{
	return compared->values[ILV_MEASURE_CPUS_BUSY];
}

static void write_cpus(FILE *stream, double cpus)
{
	char text[ILV_DURATION_TEXT_SIZE];

	ilv_measure_text(ILV_MEASURE_CPUS_BUSY, cpus, text, sizeof(text));
	(void)fputs(text, stream);
}

/* "b needed 200 ms of CPU time and a only 100 ms". */
static void write_work(FILE *stream, const struct ilv_compared_run *fast,
		       const struct ilv_compared_run *slow)
{
	char fast_text[ILV_DURATION_TEXT_SIZE];
	char slow_text[ILV_DURATION_TEXT_SIZE];

	ilv_verdict_duration(ilv_verdict_cpu_ns(fast), fast_text);
	ilv_verdict_duration(ilv_verdict_cpu_ns(slow), slow_text);
	(void)fprintf(stream, "%s needed %s of CPU time and %s only %s", ilv_verdict_label(slow),
		      slow_text, ilv_verdict_label(fast), fast_text);
}

/* "wanted 2.0 CPUs at a time and got 1.1, a 1.9 and 1.8", of `slow`. */
static void write_wants(FILE *stream, const struct ilv_compared_run *fast,
			const struct ilv_compared_run *slow)
{
	(void)fputs("wanted ", stream);
	write_cpus(stream, cpus_wanted(slow));
	(void)fputs(" CPUs at a time and got ", stream);
	write_cpus(stream, cpus_got(slow));
	(void)fprintf(stream, ", %s ", ilv_verdict_label(fast));
	write_cpus(stream, cpus_wanted(fast));
	(void)fputs(" and ", stream);
	write_cpus(stream, cpus_got(fast));
}

/* "computed on 1.0 CPUs at a time, a on 1.9", of `one`. */
static void write_width(FILE *stream, const struct ilv_compared_run *one,
			const struct ilv_compared_run *other)
{
	(void)fputs("computed on ", stream);
	write_cpus(stream, cpus_got(one));
	(void)fprintf(stream, " CPUs at a time, %s on ", ilv_verdict_label(other));
	write_cpus(stream, cpus_got(other));
}

/* "waited 590 ms with nothing to compute, a 94 ms", of `slow`. Without wake-ups a thread may have
 * stood ready when it seemed to wait: then only that none was on a CPU is known. */
static void write_wait(FILE *stream, const struct ilv_compared_run *fast,
		       const struct ilv_compared_run *slow)
{
	const bool is_perf = slow->report->switch_source == ILV_SWITCH_SOURCE_PERF ||
			     fast->report->switch_source == ILV_SWITCH_SOURCE_PERF;
	char fast_text[ILV_DURATION_TEXT_SIZE];
	char slow_text[ILV_DURATION_TEXT_SIZE];

	ilv_measure_text(ILV_MEASURE_TIME, (double)fast->run->sum.all_wait_ns, fast_text,
			 sizeof(fast_text));
	ilv_measure_text(ILV_MEASURE_TIME, (double)slow->run->sum.all_wait_ns, slow_text,
			 sizeof(slow_text));
	(void)fprintf(stream,
		      is_perf ? "was on no CPU for %s, %s for %s"
			      : "waited %s with nothing to compute, %s %s",
		      slow_text, ilv_verdict_label(fast), fast_text);
}

/* Of the causes beside CPU time the one with the largest part in making `slow` take longer for it,
 * or less long. */
static enum ilv_time_cause main_of_pace(const struct ilv_attribution *why)
{
	static const enum ilv_time_cause causes[] = {ILV_TIME_CAUSE_KEPT, ILV_TIME_CAUSE_WIDTH,
						     ILV_TIME_CAUSE_WAIT};
	const double sign = why->pace_ratio < 1 ? -1 : 1;
	enum ilv_time_cause most = causes[0];

	for (size_t index = 1; index < sizeof(causes) / sizeof(causes[0]); index++) {
		if (sign * why->shares[causes[index]] > sign * why->shares[most]) {
			most = causes[index];
		}
	}

	return most;
}

/* Why `slow` took longer for its CPU time, or less long: what it did, without saying who. */
static void write_pace(FILE *stream, enum ilv_time_cause cause, const struct ilv_compared_run *fast,
		       const struct ilv_compared_run *slow)
{
	if (cause == ILV_TIME_CAUSE_KEPT) {
		write_wants(stream, fast, slow);
	} else if (cause == ILV_TIME_CAUSE_WAIT) {
		write_wait(stream, fast, slow);
	} else {
		write_width(stream, slow, fast);
	}
}

/* The pace alone, as a whole clause. */
static void write_pace_alone(FILE *stream, enum ilv_time_cause cause,
			     const struct ilv_compared_run *fast,
			     const struct ilv_compared_run *slow)
{
	if (cause != ILV_TIME_CAUSE_KEPT && is_lock_bound(fast, slow)) {
		(void)fprintf(stream, "in %s %s stood in line for locks %.0f %% of their time",
			      ilv_verdict_label(slow), ilv_verdict_unit(slow->run, true),
			      100 * share_of_locks(slow));
	} else if (cause == ILV_TIME_CAUSE_WIDTH) {
		(void)fprintf(stream, "%s ", ilv_verdict_label(fast));
		write_width(stream, fast, slow);
	} else {
		(void)fprintf(stream, "%s ", ilv_verdict_label(slow));
		write_pace(stream, cause, fast, slow);
	}
}

/* "b needed 1.6 times the CPU time (169 ms against 103 ms), and took 1.4 times as long for it, as
 * it ...". */
static void write_both(FILE *stream, const struct ilv_attribution *why, enum ilv_time_cause cause,
		       const struct ilv_compared_run *fast, const struct ilv_compared_run *slow)
{
	const bool is_more = why->work_ratio > 1;
	const bool is_longer = why->pace_ratio > 1;
	char fast_text[ILV_DURATION_TEXT_SIZE];
	char slow_text[ILV_DURATION_TEXT_SIZE];

	ilv_verdict_duration(ilv_verdict_cpu_ns(fast), fast_text);
	ilv_verdict_duration(ilv_verdict_cpu_ns(slow), slow_text);
	(void)fprintf(stream,
		      "%s needed%s %.1f times the CPU time (%s against %s), %s took%s %.1f times "
		      "as long for it, as ",
		      ilv_verdict_label(slow), is_more ? "" : " only", why->work_ratio, slow_text,
		      fast_text, is_more && is_longer ? "and" : "but", is_longer ? "" : " only",
		      why->pace_ratio);
	if (cause != ILV_TIME_CAUSE_KEPT && is_longer && is_lock_bound(fast, slow)) {
		(void)fprintf(stream, "%s stood in line for locks %.0f %% of their time",
			      ilv_verdict_unit(slow->run, true), 100 * share_of_locks(slow));
	} else {
		(void)fprintf(stream, "%s ", is_plural(slow) ? "they" : "it");
		write_pace(stream, cause, fast, slow);
	}
}

/*
 * What is known where CPU time is an estimate: a program that looks at its clock now and then takes
 * a wait between two looks for work, which may double it.
 */
static bool write_estimate(FILE *stream, const struct ilv_compared_run *fast,
			   const struct ilv_compared_run *slow)
{
	if (cpus_got(fast) > 1.2 * cpus_got(slow) && cpus_got(fast) > 1.2) {
		write_pace_alone(stream, ILV_TIME_CAUSE_WIDTH, fast, slow);
	} else if (is_lock_bound(fast, slow)) {
		write_pace_alone(stream, ILV_TIME_CAUSE_WAIT, fast, slow);
	} else if (cpus_got(fast) > WAITING_CONTRAST * cpus_got(slow) &&
		   slow->values[ILV_MEASURE_TIME] >
			   WAITING_CONTRAST * fast->values[ILV_MEASURE_TIME] &&
		   ilv_verdict_is_mostly_waiting(slow)) {
		(void)fprintf(stream, "%s spent most of %s time waiting", ilv_verdict_label(slow),
			      is_plural(slow) ? "their" : "its");
	} else {
		return false;
	}

	return true;
}

/* Whether somebody of `compared` waited for a GIL for a good part of the time. */
static bool waits_for_gil(const struct ilv_compared_run *compared)
{
	const struct ilv_report_run *run = compared->run;
	int64_t longest_ns = 0;

	for (uint32_t index = 0; index < run->thread_count; index++) {
		int64_t wait_ns = run->threads[index].times.reason_ns[ILV_WAIT_REASON_GIL];

		longest_ns = wait_ns > longest_ns ? wait_ns : longest_ns;
	}

	return (double)longest_ns >= SHARE_MIN * compared->values[ILV_MEASURE_TIME];
}

/* Whether at least half of what `compared` was kept from went to others for certain: it may have
 * been bound to some of the CPUs, or the kernel slow to see that one was idle. */
static bool is_others_doing(const struct ilv_compared_run *compared)
{
	const struct ilv_report_run *run = compared->run;

	return run->cpu_count != ILV_UNKNOWN &&
	       2 * run->sum.others_share * (double)run->cpu_count >=
		       cpus_wanted(compared) - cpus_got(compared);
}

/* Of what `why` says, what is worth saying. */
struct said {
	bool has_work, has_pace;
	enum ilv_time_cause pace_cause;
};

static struct said choose(const struct ilv_attribution *why, bool is_gil_said)
{
	struct said said = {
		.has_work = fabs(why->shares[ILV_TIME_CAUSE_WORK]) >= SHARE_MIN &&
			    is_worth_saying(why->work_ratio),
		.has_pace = fabs(1 - why->shares[ILV_TIME_CAUSE_WORK]) >= SHARE_MIN &&
			    is_worth_saying(why->pace_ratio),
		.pace_cause = main_of_pace(why),
	};

	if (why->shares[ILV_TIME_CAUSE_WAIT] >= 0.5) {
		/* The little that was computed may be more or less: it is not what took so long,
		 * unless it is too much for chance and has a part in it beside the wait. */
		said.has_work = said.has_work && said.has_pace && why->pace_ratio > 1 &&
				why->work_ratio >= ILV_VERDICT_CHANCE_RATIO;
		said.has_pace = true;
		said.pace_cause = ILV_TIME_CAUSE_WAIT;
	}
	if (why->work_ratio * why->pace_ratio < ILV_VERDICT_CHANCE_RATIO) {
		said.has_work =
			said.has_work && !is_chance(why->work_ratio, ILV_VERDICT_CHANCE_RATIO);
		said.has_pace = said.has_pace && said.pace_cause != ILV_TIME_CAUSE_WAIT &&
				!is_chance(why->pace_ratio, CHANCE_PACE);
	}
	if (is_gil_said) {
		/* Who computes until another has got the GIL computes the more the longer it takes.
		 */
		said.has_work = false;
		said.has_pace = said.has_pace && said.pace_cause == ILV_TIME_CAUSE_KEPT;
	}

	/* Alone, what made the slow run quicker is no reason why it was slow. */
	if (!said.has_work && said.pace_cause != ILV_TIME_CAUSE_WAIT && why->pace_ratio < 1) {
		said.has_pace = false;
	}
	if (!said.has_pace && why->work_ratio < 1) {
		said.has_work = false;
	}

	return said;
}

enum ilv_verdict_why ilv_verdict_write_why(struct ilv_verdict *verdict,
					   const struct ilv_compared_run *fast,
					   const struct ilv_compared_run *slow)
{
	const bool is_gil_said = verdict->has_cause && waits_for_gil(slow);
	struct ilv_attribution why;
	struct said said;

	if (!ilv_attribute(fast->run, slow->run, &why)) {
		return (ilv_verdict_is_estimated(fast) || ilv_verdict_is_estimated(slow)) &&
				       !is_gil_said && write_estimate(verdict->stream, fast, slow)
			       ? ILV_VERDICT_WHY_JOB
			       : ILV_VERDICT_WHY_NOT_KNOWN;
	}

	said = choose(&why, is_gil_said);
	if (!said.has_work && !said.has_pace) {
		return ILV_VERDICT_WHY_NOT_KNOWN;
	}

	if (said.has_work && said.has_pace) {
		write_both(verdict->stream, &why, said.pace_cause, fast, slow);
	} else if (said.has_work) {
		write_work(verdict->stream, fast, slow);
	} else {
		write_pace_alone(verdict->stream, said.pace_cause, fast, slow);
	}

	if (!said.has_pace || said.pace_cause != ILV_TIME_CAUSE_KEPT) {
		return ILV_VERDICT_WHY_JOB;
	}

	verdict->has_crowd = true;
	return !said.has_work && is_others_doing(slow) ? ILV_VERDICT_WHY_MACHINE
						       : ILV_VERDICT_WHY_JOB;
}

void ilv_verdict_write_kept(struct ilv_verdict *verdict, const struct ilv_compared_run *fast,
			    const struct ilv_compared_run *slow)
{
	/* Written so that what is not known (NAN) is not few. */
	if (cpus_got(fast) <= FEW * cpus_wanted(fast) ||
	    cpus_got(slow) <= FEW * cpus_wanted(slow)) {
		(void)fprintf(verdict->stream, ": %s ", ilv_verdict_label(slow));
		write_wants(verdict->stream, fast, slow);
		verdict->has_crowd = true;
	}
}

void ilv_verdict_write_evened(struct ilv_verdict *verdict, const struct ilv_compared_run *least,
			      const struct ilv_compared_run *most)
{
	const double ratio = ilv_verdict_cpu_ns(most) / ilv_verdict_cpu_ns(least);
	const double kept_ratio =
		cpus_wanted(least) / cpus_got(least) / (cpus_wanted(most) / cpus_got(most));
	const double width_ratio = cpus_wanted(most) / cpus_wanted(least);
	char least_text[ILV_DURATION_TEXT_SIZE];
	char most_text[ILV_DURATION_TEXT_SIZE];

	/* Written so that what is not known (NAN) is not said; where hardly anybody computed, CPU
	 * time did not matter. */
	if (!(ratio >= ILV_VERDICT_CHANCE_RATIO) || !isfinite(ratio) ||
	    !(cpus_got(most) >= SHARE_MIN) || isnan(kept_ratio)) {
		return;
	}

	ilv_verdict_duration(ilv_verdict_cpu_ns(least), least_text);
	ilv_verdict_duration(ilv_verdict_cpu_ns(most), most_text);
	(void)fprintf(
		verdict->stream, ", though %s used %.1f times the CPU time of %s (%s against %s)",
		ilv_verdict_label(most), ratio, ilv_verdict_label(least), most_text, least_text);
	if (kept_ratio >= RATIO_MIN && kept_ratio >= width_ratio) {
		(void)fprintf(verdict->stream, ": %s ", ilv_verdict_label(least));
		write_wants(verdict->stream, most, least);
		verdict->has_crowd = true;
	} else if (width_ratio >= RATIO_MIN && cpus_got(most) > 1.2) {
		(void)fprintf(verdict->stream, ": %s ", ilv_verdict_label(most));
		write_width(verdict->stream, most, least);
	}
}
