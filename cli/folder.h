/* SPDX-License-Identifier: MIT */
/*
 * Description: the folders that recordings live in. Those that this program made carry a marker
 * file, so that it never removes anything of others.
 */
#ifndef ILV_CLI_FOLDER_H
#define ILV_CLI_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* Returns DIR/NAME, the caller's; NULL: no memory. */
char *ilv_path_join(const char *folder, const char *name);

/* Removes the file or the folder at `path` with all that is in it, following no link. */
enum ilv_status ilv_remove_tree(const char *path) ILV_NODISCARD;

/* Finds the first free `NAME-N` here. `*path` is the caller's. */
enum ilv_status ilv_folder_default(const char *name, char **path) ILV_NODISCARD;

/*
 * Says whether a recording may go into the folder `path`: ILV_STATUS_USAGE with a cause when it is
 * not empty, or, with `is_forced`, does not carry our marker.
 */
enum ilv_status ilv_folder_check(const char *path, bool is_forced) ILV_NODISCARD;

/*
 * Checks the folder, and makes it ready: creates it, and its parents, with our marker. What a
 * recording left in one that carries it is removed; whatever else is there stays.
 */
enum ilv_status ilv_folder_prepare(const char *path, bool is_forced) ILV_NODISCARD;

/* Removes what a recording left in `path`, and the folder where nothing else is in it. For what
 * came to nothing. */
void ilv_folder_discard(const char *path);

/* The recordings that a path of the command line stands for. */
struct ilv_recordings {
	char **paths;
	size_t count;
	bool is_several; /* they lie in the folder that was named, which is none itself */
};

/*
 * Finds them: the path itself, or the folders in it that hold `trace/`, in the order in which they
 * were recorded. Fails with ILV_STATUS_TRACE when there is no such folder. `*recordings` is to be
 * given to `ilv_recordings_fini()`.
 */
enum ilv_status ilv_recordings_find(const char *path,
				    struct ilv_recordings *recordings) ILV_NODISCARD;
void ilv_recordings_fini(struct ilv_recordings *recordings);

/*
 * Finds the one recording that `path` stands for. A folder of several is ILV_STATUS_USAGE, with
 * their list as the cause.
 */
enum ilv_status ilv_recording_check(const char *path) ILV_NODISCARD;

#endif /* ILV_CLI_FOLDER_H */
