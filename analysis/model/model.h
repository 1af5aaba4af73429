/* SPDX-License-Identifier: MIT */
/*
 * Description: the model, where everything is a scheduler. A scheduler shares a few executors among
 * many entities, and four verbs say all that can happen to an entity: ready, run, stop(cause),
 * done. Threads on CPUs, tasks on a loop, claims on a lock, and whatever comes later differ only in
 * who says the verbs.
 *
 * Events go in in the order of `time_ns`; out come changes, edges and marks, in that order too. Not
 * thread-safe: one thread owns a model.
 */
#ifndef ILV_ANALYSIS_MODEL_MODEL_H
#define ILV_ANALYSIS_MODEL_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/event.h"
#include "base/status.h"

enum ilv_scheduler_kind {
	ILV_SCHEDULER_KIND_KERNEL,
	ILV_SCHEDULER_KIND_LOOP,
	ILV_SCHEDULER_KIND_GIL,
	ILV_SCHEDULER_KIND_POOL,
	ILV_SCHEDULER_KIND_LOCK,
	ILV_SCHEDULER_KIND_COUNT
};

/* Who decides that an entity stops. */
enum ilv_discipline {
	ILV_DISCIPLINE_PREEMPTIVE,  /* kernel: the scheduler, at any time */
	ILV_DISCIPLINE_COOPERATIVE, /* loop: the entity, at its awaits */
	ILV_DISCIPLINE_ON_REQUEST,  /* GIL: the entity, when asked to */
	ILV_DISCIPLINE_UNTIL_DONE,  /* pool, lock: the entity, when it has finished */
};

enum ilv_state {
	ILV_STATE_UNKNOWN, /* alive, but what it does is not known */
	ILV_STATE_READY,   /* could run, but is not let */
	ILV_STATE_RUNNING,
	ILV_STATE_WAITING, /* for something else than an executor: `reason` says for what */
	ILV_STATE_DONE,
	ILV_STATE_COUNT
};

/* Why an entity stopped. */
enum ilv_cause {
	ILV_CAUSE_NONE,    /* it did not stop: became ready, runs, was created */
	ILV_CAUSE_CUT,     /* cut short: taken off without having asked for it */
	ILV_CAUSE_FORCED,  /* cut short on request: a GIL hand-over, a watchdog */
	ILV_CAUSE_YIELDED, /* gave way explicitly, or awaited */
	ILV_CAUSE_BLOCKED, /* gave way by having to wait */
	ILV_CAUSE_FINISHED,
	ILV_CAUSE_UNKNOWN,
	ILV_CAUSE_COUNT
};

/* Who has a CPU before or after a thread, as far as the record of the switch says it. */
enum ilv_neighbour {
	ILV_NEIGHBOUR_UNKNOWN,
	ILV_NEIGHBOUR_IDLE, /* nobody */
	ILV_NEIGHBOUR_THREAD
};

enum ilv_entity_kind {
	ILV_ENTITY_KIND_THREAD,
	ILV_ENTITY_KIND_TASK,
	ILV_ENTITY_KIND_JOB, /* a job of a pool */
	/*
	 * Somebody's wish for a lock: `subject` says whose. READY while it waits for the lock,
	 * RUNNING while it holds it; between two wishes it is WAITING with reason none, which is no
	 * wait to be measured.
	 */
	ILV_ENTITY_KIND_CLAIM,
	ILV_ENTITY_KIND_COUNT
};

struct ilv_process {
	uint32_t index;
	int32_t pid, parent_pid; /* parent -1: not known */
	uint32_t life;           /* nth process of this pid, from 0 */
	const char *name;        /* NULL: not known */
	enum ilv_role role;
	struct ilv_run *run; /* the run that goes on in it now or went on last; NULL: none yet */
	int64_t begin_ns, end_ns; /* end INT64_MAX while it lives */
	int64_t first_act_ns;     /* when it first spoke for itself; INT64_MAX: it has not */
	/* Since when LTTng was at its own work in it after the fork that made it, until it first
	 * spoke; INT64_MAX: not known, or it was made in another way. */
	int64_t tracer_begin_ns;
	int32_t status;
	bool has_status;
	/* Private anonymous memory, at the first time that the run's process said it, and at most;
	 * -1: not said. */
	int64_t memory_begin_bytes, memory_peak_bytes;
	uint64_t event_count;         /* what reached the model */
	uint64_t claimed_event_count; /* what the process says it sent; UINT64_MAX: not said */
	struct ilv_entity *main_thread;
};

#define ILV_RUN_NOTE_LIMIT 4

/* One execution of a job, from `run_begin` to `run_end`; or, where nobody said run_begin, the whole
 * trace. */
struct ilv_run {
	uint32_t index;
	const char *workload, *runtime, *variant,
		*parameters; /* NULL where nobody said run_begin */
	enum ilv_unit unit;
	int32_t pid;              /* the process that said it; -1: nobody */
	int32_t cpu_count;        /* CPUs that it may use; 0: not said */
	int64_t begin_ns, end_ns; /* end INT64_MAX while it goes on */
	/* What its recorders used meanwhile: what they say now and then that they have used so far
	 * grew evenly in between. -1: they said it less than twice. */
	int64_t recorder_cpu_ns;
	int32_t status;
	const char *notes[ILV_RUN_NOTE_LIMIT]; /* what the program says of it, the newest last */
	uint32_t note_count;
	uint64_t note_left_out_count; /* older ones */
	bool is_ended;                /* run_end was seen */
	bool is_implied;              /* nobody said run_begin: the trace itself is the run */
};

/*
 * A shared thing with executors. A lock is one too: its executors are the places of its capacity,
 * its entities the claims on it.
 */
struct ilv_scheduler {
	uint32_t index;
	enum ilv_scheduler_kind kind;
	enum ilv_discipline discipline;
	struct ilv_process *process;    /* NULL: the kernel, which serves all */
	uint64_t address;               /* of loop, lock, pool; 0: kernel */
	uint32_t life;                  /* nth of this address, from 0 */
	const char *name;               /* NULL: nobody named it */
	uint32_t executor_count;        /* 0: not known (kernel: CPUs seen so far) */
	uint32_t running_count;         /* entities running now, over all runs */
	uint32_t ready_count;           /* entities that are ready now, over all runs */
	struct ilv_entity *first_ready; /* they, by `next_ready`; NULL: none */
	enum ilv_lock_kind lock_kind;
	struct ilv_entity *thread; /* a loop's thread once known; NULL otherwise */
	int64_t begin_ns, end_ns;
};

struct ilv_entity {
	uint32_t index; /* dense, from 0: a consumer may keep an array beside it */
	enum ilv_entity_kind kind;
	struct ilv_scheduler *scheduler;
	struct ilv_process *process;
	struct ilv_entity *subject; /* the thread or task a claim is of; itself for the others */
	int32_t tid;                /* threads */
	uint64_t number;            /* tasks and jobs: their number in loop or pool */
	uint32_t life;              /* nth of this tid or number in its process, from 0 */
	const char *name;           /* NULL: nobody named it */
	enum ilv_role role;
	bool is_daemon;
	bool is_recorded;          /* threads: a record of a switch told of it */
	struct ilv_entity *parent; /* who created it; NULL: not known */
	int64_t begin_ns, end_ns;

	/* What it had used of CPUs by its own clock when it said so, at `cpu_read_ns`; -1: not
	 * said. */
	int64_t cpu_ns, cpu_read_ns;

	/* Now: */
	enum ilv_state state;
	enum ilv_wait_reason reason; /* while WAITING */
	uint64_t object;             /* what is waited on, by `reason`; 0: not known */
	struct ilv_scheduler
		*waits_for; /* the lock, while the reason is lock or gil and it is known */
	int64_t since_ns;
	struct ilv_entity *next_ready; /* while READY: who became so next in its scheduler */
	int32_t executor;              /* while RUNNING: CPU, or place; -1: not known */
	struct ilv_entity *carrier;    /* tasks while RUNNING: the thread that carries them */
	uint32_t held_lock_count;
	enum ilv_lock_mode mode;   /* claims: how the lock was wanted last */
	uint64_t switch_out_count; /* how often it was taken off, whyever */
	uint64_t cut_count;        /* cut short or forced so far */
};

/*
 * An entity leaves one state for another. The entity's own fields still show the old state, with
 * its begin in `since_ns`, while listeners are told.
 */
struct ilv_change {
	const struct ilv_entity *entity;
	int64_t time_ns;
	enum ilv_state state;
	enum ilv_wait_reason reason; /* new state WAITING: for what */
	uint64_t object;
	struct ilv_scheduler *waits_for;
	enum ilv_cause cause; /* why it stopped, when it stopped running */
	bool is_involuntary;  /* the kernel's own count: still runnable at switch-out */
	bool is_counted; /* a switch record says so; false: a correction or a guess is not a switch
			  */
	bool is_correction; /* only the reason became clearer, or a switch was counted: no new stay
			       begins */
	int32_t executor;   /* new state RUNNING: where; -1: not known */
	struct ilv_entity *carrier;
	struct ilv_entity *other;     /* who took the executor, or woke it; NULL: not known */
	enum ilv_neighbour neighbour; /* threads: who ran there before, or runs there next */
	enum ilv_outcome outcome;     /* new state DONE */
	bool is_abandoned; /* new state DONE: it had not come to its end when its process or loop
			      did */
};

enum ilv_edge_kind {
	ILV_EDGE_KIND_WAKEUP,    /* from made to ready */
	ILV_EDGE_KIND_HAND_OVER, /* from released the lock that to, who had waited, then got;
				    threads or tasks */
	ILV_EDGE_KIND_SPAWN,
	ILV_EDGE_KIND_JOIN, /* to waited for the end of from */
};

struct ilv_edge {
	enum ilv_edge_kind kind;
	const struct ilv_entity *from, *to;
	int64_t from_ns, to_ns;
	const struct ilv_scheduler *over; /* hand-over: the lock; NULL otherwise */
};

enum ilv_mark_kind {
	ILV_MARK_KIND_PHASE_BEGIN,
	ILV_MARK_KIND_PHASE_END,
	ILV_MARK_KIND_SHARED_READ,
	ILV_MARK_KIND_SHARED_WRITE,
	ILV_MARK_KIND_SHARED_UPDATE,
	ILV_MARK_KIND_SWITCHES_LOST,   /* a ring ran over */
	ILV_MARK_KIND_RECORDING_ENDED, /* nothing is known of switches from here on */
	ILV_MARK_KIND_POLL_BEGIN, /* a loop goes to look for events: `entity` its thread, `address`
				     the loop */
	ILV_MARK_KIND_POLL_END,
	ILV_MARK_KIND_PHASE_POINT, /* the phase is a step of a sweep: `event` */
	ILV_MARK_KIND_PHASE_COUNT, /* what was counted in the phase: `event` */
	ILV_MARK_KIND_PHASE_PRICE, /* what one of what the phase does costs: `event` */
	ILV_MARK_KIND_MEMORY,      /* of the entity's process, now: `event` */
};

/* A point in time that is no change of state. */
struct ilv_mark {
	enum ilv_mark_kind kind;
	const struct ilv_entity *entity; /* thread or task; NULL: nobody's */
	int64_t time_ns;
	const char *name; /* phases */
	uint64_t address; /* shared memory */
	int64_t value_before, value_after;
	uint64_t count;                /* switches lost */
	const struct ilv_event *event; /* phases and memory: in its own words; NULL otherwise */
};

/*
 * What a consumer of the model implements; NULL members are not called. A status below zero ends
 * the analysis with it. What is passed is borrowed for the call, but entities, schedulers,
 * processes and runs live as long as the model.
 */
struct ilv_model_listener {
	void *context;
	enum ilv_status (*on_run_begin)(void *context, const struct ilv_run *run);
	enum ilv_status (*on_run_end)(void *context, const struct ilv_run *run);
	enum ilv_status (*on_scheduler)(void *context, const struct ilv_scheduler *scheduler);
	enum ilv_status (*on_entity)(void *context, const struct ilv_entity *entity);
	enum ilv_status (*on_change)(void *context, const struct ilv_change *change);
	uint32_t change_kinds; /* whose changes: bits 1 << enum ilv_entity_kind; 0: anybody's */
	enum ilv_status (*on_edge)(void *context, const struct ilv_edge *edge);
	enum ilv_status (*on_mark)(void *context, const struct ilv_mark *mark);
	/* The trace is over: entities still alive are as they stand at `time_ns`. */
	enum ilv_status (*on_end)(void *context, int64_t time_ns);
};

/* What the model learned of the recording, for whoever judges whether it is complete. */
struct ilv_model_facts {
	enum ilv_switch_source switch_source; /* the weakest of all recorders' */
	bool has_yields;              /* thread_yield_begin was seen, or the emitter can say it */
	uint64_t lost_switch_count;   /* rings ran over, or running counts do not add up */
	uint64_t missing_event_count; /* processes sent more than arrived */
	uint64_t foreign_late_switch_count; /* late ones of recorders that serve no run */
	/* Processes of runs of whose events nobody knows how many are missing: they ended without
	 * saying how many they sent; nobody told of their end; not all arrived that they say that
	 * they sent, and nobody saw their begin, which may lie before the trace; or they were
	 * forked in the trace, and never said that they began. */
	uint32_t silent_process_count, open_process_count, unbegun_process_count,
		unheard_process_count;
	uint32_t unfinished_recorder_count; /* recorders that ended without saying so */
	uint32_t cpu_count;                 /* CPUs that ran somebody */
	int64_t recorder_cpu_ns;            /* what recorders used in all; -1: not said */
};

struct ilv_model;

/* Creates an empty model; NULL and a cause when memory is short. */
struct ilv_model *ilv_model_create(void);

/* Destroys `model` and all entities; NULL is allowed. */
void ilv_model_destroy(struct ilv_model *model);

/*
 * Says, before the first event, whether the whole trace is to be a run of its own: for traces in
 * which nobody says run_begin. Whether anybody does is known only at the end, so a reader makes its
 * first pass without, looks at `ilv_model_runs()`, and where there is none makes another pass with
 * it.
 */
void ilv_model_set_implied_run(struct ilv_model *model, bool is_implied);

/*
 * Says, before the first event, which `interleave` made the recording: what others of them run at
 * the same time is then no run of this trace. 0: nobody knows.
 */
void ilv_model_set_session(struct ilv_model *model, int32_t pid);

/* Adds a listener, copied. Listeners are called in the order in which they were added. */
enum ilv_status ilv_model_listen(struct ilv_model *model,
				 const struct ilv_model_listener *listener) ILV_NODISCARD;

/* Takes the next event. Times must not fall: an event that is late is treated as if it came at the
 * newest time. */
enum ilv_status ilv_model_feed(struct ilv_model *model,
			       const struct ilv_event *event) ILV_NODISCARD;

/* Says that no more events come, and tells the listeners. */
enum ilv_status ilv_model_finish(struct ilv_model *model) ILV_NODISCARD;

/* Borrowed; valid as long as `model`. */
const struct ilv_model_facts *ilv_model_facts(const struct ilv_model *model);

/* All processes, in the order of their `index`; `*count` says how many. Borrowed until the next
 * feed. */
struct ilv_process *const *ilv_model_processes(const struct ilv_model *model, uint32_t *count);
struct ilv_scheduler *const *ilv_model_schedulers(const struct ilv_model *model, uint32_t *count);
struct ilv_entity *const *ilv_model_entities(const struct ilv_model *model, uint32_t *count);
struct ilv_run *const *ilv_model_runs(const struct ilv_model *model, uint32_t *count);

/*
 * Writes the id of an entity, scheduler or process as JSON and the command line know it:
 * `thread:PID.TID.N`, `task:PID.LOOP.ID`, `lock:PID.ADDRESS.N`, `process:PID.N`, `kernel`. At most
 * `size` bytes with the NUL.
 */
void ilv_entity_id(const struct ilv_entity *entity, char *text, size_t size);
void ilv_scheduler_id(const struct ilv_scheduler *scheduler, char *text, size_t size);
void ilv_process_id(const struct ilv_process *process, char *text, size_t size);

/* How a process ended by its exit status, of which 128 + N says that signal N ended it. */
enum ilv_outcome ilv_exit_outcome(int64_t exit_status);

/* Its name; that of its process for the first thread of one, where it said none. NULL: it has none.
 */
const char *ilv_entity_name(const struct ilv_entity *entity);

/* Writes what people call it: its name, else "thread 1234", "task 7", "lock 0x7f..". Raw: escape
 * when printing. */
void ilv_entity_label(const struct ilv_entity *entity, char *text, size_t size);
void ilv_scheduler_label(const struct ilv_scheduler *scheduler, char *text, size_t size);

#endif /* ILV_ANALYSIS_MODEL_MODEL_H */
