/* SPDX-License-Identifier: MIT */
/* Description: follows, CPU by CPU, whether a run's threads have it, or stand ready for it in vain.
 */
#include "analysis/metrics/crowd.h"

/* A CPU becomes kept from the run, or ceases to be: a stretch that is over counts if it is long. */
static void judge(struct ilv_crowd *crowd, struct ilv_crowd_cpu *cpu, int64_t time_ns)
{
	const bool is_kept =
		cpu->ready_count > 0 && !cpu->has_own && cpu->after != ILV_NEIGHBOUR_IDLE;

	if (is_kept && !cpu->is_kept) {
		cpu->kept_ns = time_ns;
	} else if (!is_kept && cpu->is_kept && time_ns - cpu->kept_ns >= ILV_CROWD_STRETCH_NS) {
		crowd->kept_ns += time_ns - cpu->kept_ns;
	}

	cpu->is_kept = is_kept;
}

/* One thread more, or less, stands ready for the CPUs in `mask`. */
static void change_ready(struct ilv_crowd *crowd, uint64_t mask, int32_t by, int64_t time_ns)
{
	for (; mask != 0; mask &= mask - 1) {
		struct ilv_crowd_cpu *cpu = &crowd->cpus[__builtin_ctzll(mask)];

		cpu->ready_count = (uint32_t)((int32_t)cpu->ready_count + by);
		judge(crowd, cpu, time_ns);
	}
}

static void note_turn(struct ilv_crowd_thread *thread, int32_t cpu)
{
	if (thread->turn_count++ % ILV_CROWD_TURN_COUNT == 0) {
		thread->former_cpus = thread->recent_cpus;
		thread->recent_cpus = 0;
	}

	thread->recent_cpus |= UINT64_C(1) << cpu;
}

void ilv_crowd_run(struct ilv_crowd *crowd, struct ilv_crowd_thread *thread, int32_t cpu_index,
		   enum ilv_neighbour before, int64_t time_ns)
{
	struct ilv_crowd_cpu *cpu;

	if (cpu_index < 0 || cpu_index >= ILV_CROWD_CPU_COUNT) {
		return;
	}

	cpu = &crowd->cpus[cpu_index];
	if (cpu->was_left && cpu->after == ILV_NEIGHBOUR_THREAD && before == ILV_NEIGHBOUR_THREAD) {
		crowd->seen_ns += time_ns - cpu->left_ns;
	}

	crowd->has_neighbours = crowd->has_neighbours || before != ILV_NEIGHBOUR_UNKNOWN;
	crowd->known_cpus |= UINT64_C(1) << cpu_index;
	cpu->has_own = true;
	cpu->after = ILV_NEIGHBOUR_UNKNOWN;
	judge(crowd, cpu, time_ns);
	note_turn(thread, cpu_index);
	thread->in = crowd;
	thread->cpu = cpu_index;
}

void ilv_crowd_stand_ready(struct ilv_crowd *crowd, struct ilv_crowd_thread *thread,
			   int64_t time_ns)
{
	thread->in = crowd;
	thread->cpu = -1;
	thread->ready_cpus = crowd->has_neighbours && thread->turn_count < ILV_CROWD_TURN_COUNT
				     ? crowd->known_cpus
				     : thread->recent_cpus | thread->former_cpus;
	change_ready(crowd, thread->ready_cpus, 1, time_ns);
}

void ilv_crowd_leave(struct ilv_crowd_thread *thread, enum ilv_neighbour after, int64_t time_ns)
{
	struct ilv_crowd *crowd = thread->in;

	if (!crowd) {
		return;
	}

	thread->in = NULL;
	if (thread->cpu < 0) {
		change_ready(crowd, thread->ready_cpus, -1, time_ns);
	} else {
		struct ilv_crowd_cpu *cpu = &crowd->cpus[thread->cpu];

		crowd->has_neighbours = crowd->has_neighbours || after != ILV_NEIGHBOUR_UNKNOWN;
		cpu->has_own = false;
		cpu->was_left = true;
		cpu->after = after;
		cpu->left_ns = time_ns;
		judge(crowd, cpu, time_ns);
	}
}
