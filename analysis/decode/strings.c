/* SPDX-License-Identifier: MIT */
/* Description: open-addressed tables of hashed strings: one for the pool, one a thread. */
#include "analysis/decode/strings.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_SIZE_MIN 64

struct string {
	uint64_t hash;
	char text[];
};

struct table {
	struct string **slots;
	size_t size; /* a power of two, at most half full */
	size_t count;
};

struct ilv_strings {
	pthread_mutex_t lock; /* protects `all`; nothing nests in it */
	struct table all;     /* owns its strings */
};

struct ilv_string_cache {
	struct ilv_strings *strings;
	struct table seen; /* borrows its strings from the pool */
};

static uint64_t hash_text(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325U; /* FNV-1a */

	for (; *text; text++) {
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3U;
	}

	return hash ^ hash >> 32;
}

/* Returns the slot that holds `text`, or the free one where it belongs. */
static struct string **table_slot(const struct table *table, uint64_t hash, const char *text)
{
	size_t at = hash & (table->size - 1);

	while (table->slots[at] &&
	       (table->slots[at]->hash != hash || strcmp(table->slots[at]->text, text) != 0)) {
		at = (at + 1) & (table->size - 1);
	}

	return &table->slots[at];
}

/* Makes room for one more. */
static bool table_reserve(struct table *table)
{
	struct table grown = {.size = table->size ? table->size * 2 : TABLE_SIZE_MIN};

	if (table->size > 0 && table->count < table->size / 2) {
		return true;
	}

	grown.slots = calloc(grown.size, sizeof(struct string *));
	if (!grown.slots) {
		return false;
	}

	for (size_t index = 0; index < table->size; index++) {
		struct string *string = table->slots[index];

		if (string) {
			*table_slot(&grown, string->hash, string->text) = string;
			grown.count++;
		}
	}

	free(table->slots);
	*table = grown;
	return true;
}

struct ilv_strings *ilv_strings_create(void)
{
	struct ilv_strings *strings = calloc(1, sizeof(*strings));

	if (strings) {
		pthread_mutex_init(&strings->lock, NULL);
	}

	return strings;
}

void ilv_strings_destroy(struct ilv_strings *strings)
{
	if (!strings) {
		return;
	}

	for (size_t index = 0; index < strings->all.size; index++) {
		free(strings->all.slots[index]);
	}

	free(strings->all.slots);
	pthread_mutex_destroy(&strings->lock);
	free(strings);
}

static struct string *pool_intern(struct ilv_strings *strings, uint64_t hash, const char *text)
{
	struct string **slot = NULL;
	struct string *string = NULL;

	pthread_mutex_lock(&strings->lock);
	if (!table_reserve(&strings->all)) {
		goto end;
	}

	slot = table_slot(&strings->all, hash, text);
	if (!*slot) {
		size_t size = strlen(text) + 1;

		*slot = malloc(sizeof(struct string) + size);
		if (!*slot) {
			goto end;
		}

		(*slot)->hash = hash;
		memcpy((*slot)->text, text, size);
		strings->all.count++;
	}

	string = *slot;

end:
	pthread_mutex_unlock(&strings->lock);
	return string;
}

struct ilv_string_cache *ilv_string_cache_create(struct ilv_strings *strings)
{
	struct ilv_string_cache *cache = calloc(1, sizeof(*cache));

	if (cache) {
		cache->strings = strings;
	}

	return cache;
}

void ilv_string_cache_destroy(struct ilv_string_cache *cache)
{
	if (!cache) {
		return;
	}

	free(cache->seen.slots);
	free(cache);
}

const char *ilv_string_cache_intern(struct ilv_string_cache *cache, const char *text)
{
	uint64_t hash = hash_text(text);
	struct string **slot = NULL;

	if (!table_reserve(&cache->seen)) {
		return NULL;
	}

	slot = table_slot(&cache->seen, hash, text);
	if (!*slot) {
		*slot = pool_intern(cache->strings, hash, text);
		if (!*slot) {
			return NULL;
		}

		cache->seen.count++;
	}

	return (*slot)->text;
}
