/* SPDX-License-Identifier: MIT */
/*
 * Description: the one table from numbers (pids, tids, addresses, task numbers) to what they stand
 * for now. Before it stand what the events of each CPU spoke of last, for one event mostly speaks
 * of the same as the one before, and a small direct-mapped cache, for they come in bursts from the
 * same few.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/model/inner.h"

/* A table that cannot grow leaves the new element out, and `hh.tbl` NULL, instead of ending the
 * program. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* Room for some thousand entities that take turns, in 128 KiB. */
#define CACHE_BITS 14
#define CACHE_SIZE (1u << CACHE_BITS)

/* CPUs beyond this many share. */
#define EMITTER_CPU_COUNT 16u

struct entry {
	struct ilv_identity identity;
	UT_hash_handle hh;
};

struct ilv_identity_table {
	struct entry *entries;
	struct entry *last[EMITTER_CPU_COUNT][ILV_IDENTITY_KIND_COUNT];
	struct entry *cache[CACHE_SIZE];
};

struct ilv_identity_table *ilv_identities_create(void)
{
	return calloc(1, sizeof(struct ilv_identity_table));
}

void ilv_identities_destroy(struct ilv_identity_table *table)
{
	struct entry *entry;
	struct entry *next;

	if (!table) {
		return;
	}

	/* Walks in the order of insertion, and frees behind itself. */
	entry = table->entries;
	HASH_CLEAR(hh, table->entries);
	for (; entry; entry = next) {
		next = entry->hh.next;
		free(entry);
	}
	free(table);
}

static struct ilv_identity_key make_key(enum ilv_identity_kind kind, int32_t pid, uint64_t first,
					uint64_t second)
{
	struct ilv_identity_key key = {
		.kind_and_pid = (uint64_t)kind << 32 | (uint32_t)pid,
		.first = first,
		.second = second,
	};

	return key;
}

static bool is_same(const struct ilv_identity_key *left, const struct ilv_identity_key *right)
{
	return left->first == right->first && left->second == right->second &&
	       left->kind_and_pid == right->kind_and_pid;
}

static size_t cache_slot(const struct ilv_identity_key *key)
{
	uint64_t mixed = key->first ^ (key->second * 0x9e3779b97f4a7c15u) ^
			 (key->kind_and_pid << 20) ^ (key->kind_and_pid >> 28);

	mixed *= 0x9e3779b97f4a7c15u;
	return (size_t)(mixed >> (64 - CACHE_BITS));
}

static struct entry **last_of_cpu(const struct ilv_model *model, const struct ilv_identity_key *key)
{
	return &model->identities->last[(uint32_t)model->emitter_cpu % EMITTER_CPU_COUNT]
				       [key->kind_and_pid >> 32];
}

/* Looks further than at what the CPU spoke of last. */
static struct entry *look_up(const struct ilv_model *model, const struct ilv_identity_key *key,
			     struct entry **last)
{
	struct ilv_identity_table *table = model->identities;
	struct entry **cached = &table->cache[cache_slot(key)];
	struct entry *entry = *cached;

	if (!entry || !is_same(&entry->identity.key, key)) {
		HASH_FIND(hh, table->entries, key, sizeof(*key), entry);
	}
	if (entry) {
		*cached = entry;
		*last = entry;
	}
	return entry;
}

static inline struct entry *find_entry(const struct ilv_model *model,
				       const struct ilv_identity_key *key)
{
	struct entry **last = last_of_cpu(model, key);
	struct entry *entry = *last;

	return entry && is_same(&entry->identity.key, key) ? entry : look_up(model, key, last);
}

void *ilv_identity_find(const struct ilv_model *model, enum ilv_identity_kind kind, int32_t pid,
			uint64_t first, uint64_t second)
{
	struct ilv_identity_key key = make_key(kind, pid, first, second);
	struct entry *entry = find_entry(model, &key);

	return entry ? entry->identity.newest : NULL;
}

/* Apart, for it is seldom needed and would slow down what comes before it. */
static __attribute__((noinline)) struct ilv_identity *make_entry(struct ilv_model *model,
								 const struct ilv_identity_key *key)
{
	struct ilv_identity_table *table = model->identities;
	struct entry *entry = ilv_model_allocate(model, sizeof(*entry));

	if (!entry) {
		return NULL;
	}
	entry->identity.key = *key;
	HASH_ADD(hh, table->entries, identity.key, sizeof(*key), entry);
	if (!entry->hh.tbl) {
		free(entry);
		ilv_model_fail(model, ILV_STATUS_MEMORY);
		return NULL;
	}
	table->cache[cache_slot(key)] = entry;
	*last_of_cpu(model, key) = entry;
	return &entry->identity;
}

struct ilv_identity *ilv_identity_take(struct ilv_model *model, enum ilv_identity_kind kind,
				       int32_t pid, uint64_t first, uint64_t second)
{
	struct ilv_identity_key key = make_key(kind, pid, first, second);
	struct entry *entry = find_entry(model, &key);

	return entry ? &entry->identity : make_entry(model, &key);
}
