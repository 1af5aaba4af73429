/* SPDX-License-Identifier: MIT */
/*
 * Description: a run made by hand for tests of pictures: entities, the report of them, and their
 * intervals, which it delivers in the order of their ends as a recording would.
 */
#ifndef ILV_TESTS_VIZ_SCENE_H
#define ILV_TESTS_VIZ_SCENE_H

#include <stddef.h>
#include <stdint.h>

#include "viz/picture.h"
#include "viz/viz.h"

struct scene_entity {
	struct ilv_entity entity;
	char id[64];
	char name[64];
	int64_t at_ns; /* up to where its intervals reach */
};

struct scene {
	struct ilv_scheduler kernel, loop;
	struct ilv_process process;
	struct scene_entity *entities;
	uint32_t entity_count;
	struct ilv_interval *intervals;
	size_t interval_count, interval_size;
	struct ilv_report report;
	struct ilv_report_run run;
	struct ilv_report_scheduler schedulers[2];
	struct ilv_report_loop report_loop;
	struct ilv_finding findings[4];
	int64_t origin_ns; /* the run's begin in the trace's clock */
};

/* A scene of `unit_count` threads, or of as many tasks on a loop whose thread is the last entity.
 */
struct scene *scene_create(enum ilv_unit unit, uint32_t unit_count, uint32_t cpu_count);
void scene_destroy(struct scene *scene);

/* Adds a stay of entity `index` from the end of its last one; times are since the run's begin. */
struct ilv_interval *scene_stay(struct scene *scene, uint32_t index, enum ilv_state state,
				int64_t end_ns);

/* Makes the report say how long the run took, and sorts the intervals. */
void scene_finish(struct scene *scene, int64_t duration_ns);

/* Each job of a scene computes, waits, computes again; on CPUs in slices of 4 ms, on a loop until
 * it awaits. */
void scene_play_jobs(struct scene *scene, uint32_t burst_count, int64_t burst_ns, int64_t wait_ns,
		     uint32_t cpu_count);

/* Draws into memory; ends the test when it fails. The text is the caller's. */
char *scene_timeline(struct scene *scene, size_t *size);
char *scene_timeline_marks(struct scene *scene, uint32_t mark_limit, size_t *size);
char *scene_text(struct scene *scene, const struct ilv_text_style *style);
char *scene_compare(struct ilv_comparison *comparison, struct scene **scenes, size_t *size);

#endif /* ILV_TESTS_VIZ_SCENE_H */
