/* SPDX-License-Identifier: MIT */
/*
 * Description: what the files of the model share and nobody else sees: the public structures with
 * what belongs to them alone, the tables that find them by their numbers, and the handlers of
 * events.
 *
 * Failure is sticky: the first one (no memory, or a listener that refuses) is kept in `status`,
 * nothing is told any more, and `ilv_model_feed()` returns it. So handlers say what happened and
 * need not pass statuses along.
 */
#ifndef ILV_ANALYSIS_MODEL_INNER_H
#define ILV_ANALYSIS_MODEL_INNER_H

#include "analysis/model/model.h"

struct ilv_list {
	void **items;
	uint32_t count, capacity;
};

/* What a number stands for. Numbers are reused: an identity remembers how many lives it has had,
 * and the newest. */
enum ilv_identity_kind {
	ILV_IDENTITY_KIND_PROCESS,  /* pid */
	ILV_IDENTITY_KIND_THREAD,   /* pid, tid */
	ILV_IDENTITY_KIND_TID,      /* tid alone, for records that name no process */
	ILV_IDENTITY_KIND_CREATION, /* pid, key of thread_create */
	ILV_IDENTITY_KIND_LOCK,     /* pid, address */
	ILV_IDENTITY_KIND_LOOP,
	ILV_IDENTITY_KIND_POOL,
	ILV_IDENTITY_KIND_TASK,  /* pid, loop, number */
	ILV_IDENTITY_KIND_JOB,   /* pid, pool, number */
	ILV_IDENTITY_KIND_CLAIM, /* index of the lock, index of the subject */
	ILV_IDENTITY_KIND_RECORDER,
	ILV_IDENTITY_KIND_COUNT,
};

struct ilv_identity {
	struct ilv_identity_key {
		uint64_t kind_and_pid; /* one number, for keys are compared with each event */
		uint64_t first, second;
	} key;
	uint32_t life_count;
	void *newest; /* NULL: none yet, or retired */
};

struct ilv_recorder_node {
	uint64_t id;
	enum ilv_switch_source source;
	bool has_begun, has_ended, is_closed, has_claimed;
	uint64_t claimed_switch_count, seen_switch_count;
	uint64_t early_switch_count; /* claimed by its first watermark, and not seen until then */
	uint64_t claimed_lost_count, seen_lost_count;
	int64_t cpu_ns; /* what it had used when it said so last, at `told_ns`; -1: not said */
	int64_t told_ns;
	const struct ilv_process_node
		*covered; /* with its descendants; NULL: whoever it tells of */
};

struct ilv_process_node {
	struct ilv_process shown;
	struct ilv_process_node *parent;
	struct ilv_recorder_node *recorder; /* who tells of its switches; NULL: nobody */
	struct ilv_thread *threads;         /* newest first, by `next_of_process` */
	struct ilv_scheduler_node *schedulers;
	struct ilv_entity *spawner; /* who said process_spawn; NULL: nobody yet */
	int64_t spawn_ns, start_ns;
	bool has_spawn, has_start;
	bool is_forked;   /* and not started as a program: so its parent says */
	bool has_fork;    /* a recorder told who made it */
	bool is_replaced; /* by exec, and the program before did not say how much it sent */
	uint64_t late_switch_count;   /* of what its recorders sent */
	uint64_t counted_from;        /* the process's own count of events when it started */
	uint64_t counted_event_count; /* events that came since */
	uint64_t early_switch_count;  /* back-dated events that came before its start */
};

struct ilv_scheduler_node {
	struct ilv_scheduler shown;
	struct ilv_identity *identity;
	struct ilv_scheduler_node *next_of_process;
	struct ilv_entity_node *entities; /* newest first, by `next_of_scheduler` */
	struct ilv_entity *last_ready;    /* the end of the line that begins at `first_ready` */
	struct ilv_list places;           /* who runs on each executor; items may be NULL */
	uint32_t worker_count;            /* pools: workers that were seen so far */
	bool is_created;                  /* its creation was seen */
	bool is_shared;                   /* locks: it is that of the forked processes, too */
	struct ilv_entity *releaser;      /* locks: who gave it up last; NULL: taken since */
	int64_t release_ns;
};

struct ilv_entity_node {
	struct ilv_entity shown;
	struct ilv_entity_node *next_of_scheduler;
	struct ilv_claim *claims;          /* its claims, by `next_of_subject` */
	struct ilv_entity *previous_ready; /* while READY: before it in the line */
	int32_t last_executor;             /* where it ran last; -1: nowhere yet */
	struct ilv_entity *outer; /* jobs: the job that its worker left for it; NULL: none */
	bool is_created;          /* its creation or start was seen: the next one is another life */
};

/* What an entity waits for. */
struct ilv_wait {
	enum ilv_wait_reason reason;
	uint64_t object;
	struct ilv_scheduler *waits_for;
};

#define ILV_WAIT_DEPTH 6

struct ilv_thread {
	struct ilv_entity_node node;
	struct ilv_thread *next_of_process;
	struct ilv_wait
		inside[ILV_WAIT_DEPTH]; /* calls that may block which it is in, outermost first */
	uint32_t inside_count;
	struct ilv_task *task;           /* which it carries now; NULL: none */
	struct ilv_scheduler_node *pool; /* whose jobs it does; NULL: none yet */
	int32_t pool_place;              /* which of the pool's workers it is */
	int64_t exit_ns;                 /* of thread_exit */
	bool is_exiting;                 /* it said thread_exit, or its process ends */
	bool is_abandoned;               /* its process ended, and it had not */
	bool is_yielding;                /* between thread_yield_begin and its end */
};

struct ilv_task {
	struct ilv_entity_node node;
	struct ilv_task *outer;     /* the task of another loop within which this one runs */
	uint32_t thread_wait_count; /* the thread's `inside_count` when the task was resumed */
	bool is_ready_early;        /* task_ready came while it still ran */
};

struct ilv_claim {
	struct ilv_entity_node node;
	struct ilv_claim *next_of_subject;
	uint32_t depth; /* how often it is held by the same subject */
	bool is_shared;
	bool is_held; /* it counts among the locks that its subject holds */
};

struct ilv_creation {
	struct ilv_entity *creator;
	int64_t time_ns;
	const char *name;
};

struct ilv_identity_table;

/* Beyond this the number of a CPU or a place is not believed: no books are kept of a billion CPUs.
 */
#define ILV_PLACE_LIMIT 16384

/* CPUs beyond this many share. */
#define ILV_EMITTER_COUNT 16

struct ilv_model {
	enum ilv_status status;
	int64_t begin_ns, now_ns;
	bool has_begun, is_finished, is_run_implied;
	int32_t session_pid; /* who recorded; 0: not known */
	struct ilv_list listeners;
	/* Those of `listeners` that hear of changes, by the kind of entity. */
	struct ilv_list hearers[ILV_ENTITY_KIND_COUNT];
	struct ilv_list processes, schedulers, entities, runs, recorders, creations;
	struct ilv_identity_table *identities;
	int32_t emitter_cpu; /* of the event that is fed; -1: not known */
	/* By CPU, who emitted last there and so mostly emits next; forgotten when numbers are given
	 * to others. */
	struct ilv_thread *emitters[ILV_EMITTER_COUNT];
	struct ilv_scheduler_node *kernel;
	struct ilv_run *implied_run;
	struct ilv_model_facts facts;
	bool has_switches;
	bool has_cpu_run[ILV_PLACE_LIMIT];
};

/* model.c: the first failure stays. */
void ilv_model_fail(struct ilv_model *model, enum ilv_status status);
/* Zeroed memory, or NULL and the failure kept. */
void *ilv_model_allocate(struct ilv_model *model, size_t size);
bool ilv_list_add(struct ilv_model *model, struct ilv_list *list, void *item);

/* tell.c: to all listeners, in order. */
void ilv_tell_run_begin(struct ilv_model *model, const struct ilv_run *run);
void ilv_tell_run_end(struct ilv_model *model, const struct ilv_run *run);
void ilv_tell_scheduler(struct ilv_model *model, const struct ilv_scheduler *scheduler);
void ilv_tell_entity(struct ilv_model *model, const struct ilv_entity *entity);
void ilv_tell_change(struct ilv_model *model, const struct ilv_change *change);
void ilv_tell_mark(struct ilv_model *model, const struct ilv_mark *mark);
void ilv_tell_end(struct ilv_model *model);
/* Nothing is told when an end is NULL; `from_ns` is brought down to `to_ns` where it is later. */
void ilv_tell_edge(struct ilv_model *model, enum ilv_edge_kind kind, const struct ilv_entity *from,
		   int64_t from_ns, const struct ilv_entity *to, int64_t to_ns,
		   const struct ilv_scheduler *over);

/* identity.c */
struct ilv_identity_table *ilv_identities_create(void);
void ilv_identities_destroy(struct ilv_identity_table *table);
/* Finds what the numbers stand for, making room for it when they are new; NULL when memory is
 * short. */
struct ilv_identity *ilv_identity_take(struct ilv_model *model, enum ilv_identity_kind kind,
				       int32_t pid, uint64_t first, uint64_t second);
/* Finds the newest life behind the numbers; NULL when there is none. */
void *ilv_identity_find(const struct ilv_model *model, enum ilv_identity_kind kind, int32_t pid,
			uint64_t first, uint64_t second);

/*
 * entity.c: who there is. `take` finds the newest life of a number or makes the first; `renew` ends
 * the newest, if any, and makes the next. A finished life stays the newest until something says
 * that the number begins anew, so that what is late finds whom it speaks of.
 */
struct ilv_process_node *ilv_process_take(struct ilv_model *model, int32_t pid);
struct ilv_process_node *ilv_process_find(const struct ilv_model *model, int32_t pid);
struct ilv_process_node *ilv_process_renew(struct ilv_model *model, int32_t pid);
struct ilv_thread *ilv_thread_take(struct ilv_model *model, struct ilv_process_node *process,
				   int32_t tid);
struct ilv_thread *ilv_thread_renew(struct ilv_model *model, struct ilv_process_node *process,
				    int32_t tid);
struct ilv_thread *ilv_thread_find(const struct ilv_model *model, int32_t tid);
struct ilv_scheduler_node *ilv_scheduler_take(struct ilv_model *model, enum ilv_scheduler_kind kind,
					      struct ilv_process_node *process, uint64_t address);
struct ilv_scheduler_node *ilv_scheduler_find(const struct ilv_model *model,
					      enum ilv_scheduler_kind kind,
					      const struct ilv_process_node *process,
					      uint64_t address);
/* Ends a scheduler and its entities; the next mention of its address is another life. */
void ilv_scheduler_end(struct ilv_model *model, struct ilv_scheduler_node *scheduler);
struct ilv_entity *ilv_member_take(struct ilv_model *model, struct ilv_scheduler_node *scheduler,
				   uint64_t number);
struct ilv_entity *ilv_member_find(const struct ilv_model *model,
				   const struct ilv_scheduler_node *scheduler, uint64_t number);
struct ilv_entity *ilv_member_renew(struct ilv_model *model, struct ilv_scheduler_node *scheduler,
				    uint64_t number);
struct ilv_claim *ilv_claim_take(struct ilv_model *model, struct ilv_scheduler_node *lock,
				 struct ilv_entity *subject);
struct ilv_claim *ilv_claim_find(const struct ilv_model *model,
				 const struct ilv_scheduler_node *lock,
				 const struct ilv_entity *subject);

/* threads.c: a thread enters and leaves a call that may block. */
void ilv_thread_enter_wait(struct ilv_model *model, struct ilv_thread *thread,
			   const struct ilv_wait *wait);
void ilv_thread_leave_wait(struct ilv_model *model, struct ilv_thread *thread,
			   enum ilv_wait_reason reason, uint64_t object);
/* Leaves all calls entered since there were `count`: those of a task that gave way within them. */
void ilv_thread_leave_waits(struct ilv_thread *thread, uint32_t count);
/* A thread that emits an event is evidently running: so it is, wherever its switches are told. */
void ilv_thread_is_evident(struct ilv_model *model, struct ilv_thread *thread, int32_t cpu);
struct ilv_stop;
/* `thread` has ended: a main thread as the exit status of its process says. */
void ilv_thread_done(struct ilv_model *model, struct ilv_thread *thread,
		     const struct ilv_stop *stop);
/* Whose doing it is what fires on `thread` now: its task's, or its own. */
struct ilv_entity *ilv_thread_context(struct ilv_thread *thread);

/*
 * processes.c: ends a process, with what belongs to it. Not yet `is_gone`, it is only about to:
 * threads whose switches are told end with their last one.
 */
void ilv_process_end(struct ilv_model *model, struct ilv_process_node *process, bool is_gone);
/* Counts what reached us of a process, to be held against what it says that it sent. */
void ilv_process_count_event(struct ilv_process_node *process, const struct ilv_event *event);
void ilv_processes_finish(struct ilv_model *model);
bool ilv_process_descends_from(const struct ilv_process_node *process,
			       const struct ilv_process_node *ancestor);

/* runs.c */
void ilv_run_imply(struct ilv_model *model);
void ilv_run_end_of_process(struct ilv_model *model, const struct ilv_process_node *process);
void ilv_runs_finish(struct ilv_model *model);

/* recorders.c */
struct ilv_recorder_node *ilv_recorder_take(struct ilv_model *model, uint64_t id);
void ilv_recorders_finish(struct ilv_model *model);
/* Which source tells of a process's switches: NONE when nobody does. */
enum ilv_switch_source ilv_process_source(const struct ilv_process *process);

/*
 * Numbers of enumerations come from a trace: what is beyond `last`, from a later catalogue or a
 * damaged trace, says nothing to us, which 0 stands for in each of them. So consumers may index by
 * them.
 */
static inline int32_t ilv_known(int32_t number, int32_t last)
{
	return number >= 0 && number <= last ? number : 0;
}

/* In a trace the empty string stands for "not said". */
static inline const char *ilv_text_or_null(const char *text)
{
	return text && text[0] != '\0' ? text : NULL;
}

static inline struct ilv_entity_node *ilv_node_of(const struct ilv_entity *entity)
{
	return (struct ilv_entity_node *)entity;
}

/* Handlers: one an event, named after it. `thread` is the emitter; NULL when the trace does not say
 * it. */
typedef void (*ilv_handler_fn)(struct ilv_model *model, const struct ilv_event *event,
			       struct ilv_thread *thread);

#define ILV_HANDLER(name)                                                                          \
	void ilv_on_##name(struct ilv_model *model, const struct ilv_event *event,                 \
			   struct ilv_thread *thread)

ILV_HANDLER(run_begin);
ILV_HANDLER(run_end);
ILV_HANDLER(run_note);
ILV_HANDLER(phase);
ILV_HANDLER(recorder_begin);
ILV_HANDLER(recorder_end);
ILV_HANDLER(recorder_closed);
ILV_HANDLER(switch_watermark);
ILV_HANDLER(switch_lost);
ILV_HANDLER(thread_switch_in);
ILV_HANDLER(thread_switch_out);
ILV_HANDLER(thread_wakeup);
ILV_HANDLER(process_fork);
ILV_HANDLER(thread_yield_begin);
ILV_HANDLER(thread_yield_end);
ILV_HANDLER(thread_create);
ILV_HANDLER(thread_start);
ILV_HANDLER(thread_announce);
ILV_HANDLER(thread_exit);
ILV_HANDLER(thread_join_begin);
ILV_HANDLER(thread_join_end);
ILV_HANDLER(lock_name);
ILV_HANDLER(lock_share);
ILV_HANDLER(lock_wait_begin);
ILV_HANDLER(lock_wait_abandon);
ILV_HANDLER(lock_acquire);
ILV_HANDLER(lock_release);
ILV_HANDLER(lock_destroy);
ILV_HANDLER(wait_begin);
ILV_HANDLER(wait_end);
ILV_HANDLER(process_spawn);
ILV_HANDLER(process_start);
ILV_HANDLER(process_exit);
ILV_HANDLER(process_memory);
ILV_HANDLER(process_wait_begin);
ILV_HANDLER(process_wait_end);
ILV_HANDLER(loop_create);
ILV_HANDLER(loop_poll_begin);
ILV_HANDLER(loop_poll_end);
ILV_HANDLER(task_create);
ILV_HANDLER(task_ready);
ILV_HANDLER(task_resume);
ILV_HANDLER(task_yield);
ILV_HANDLER(task_done);
ILV_HANDLER(pool_create);
ILV_HANDLER(job_submit);
ILV_HANDLER(job_begin);
ILV_HANDLER(job_end);
ILV_HANDLER(shared_access);

#endif /* ILV_ANALYSIS_MODEL_INNER_H */
