/* SPDX-License-Identifier: MIT */
/*
 * Description: a pool of strings in which equal texts have equal addresses, shared by the threads
 * that decode. Each thread looks into a cache of its own first, so that a text that was met before
 * costs no lock.
 *
 * ilv_strings_create, destroy: one thread, alone. ilv_string_cache_*: any thread, on a cache of its
 * own.
 */
#ifndef ILV_ANALYSIS_DECODE_STRINGS_H
#define ILV_ANALYSIS_DECODE_STRINGS_H

struct ilv_strings;
struct ilv_string_cache;

/* NULL when memory is short. */
struct ilv_strings *ilv_strings_create(void);
void ilv_strings_destroy(struct ilv_strings *strings);

/* Creates one thread's way into `strings`, which must outlive it. NULL when memory is short. */
struct ilv_string_cache *ilv_string_cache_create(struct ilv_strings *strings);
void ilv_string_cache_destroy(struct ilv_string_cache *cache);

/* Returns the pool's copy of `text`, valid as long as the pool; NULL when memory is short. */
const char *ilv_string_cache_intern(struct ilv_string_cache *cache, const char *text);

#endif /* ILV_ANALYSIS_DECODE_STRINGS_H */
