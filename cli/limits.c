/* SPDX-License-Identifier: MIT */
/* Description: looks at the limits that LTTng is known to fail at. */
#include "cli/limits.h"

#include <stdint.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cause.h"

#define SHARED_FOLDER     "/dev/shm"
#define DESCRIPTORS_LEAST 256 /* with fewer the daemon may fail, whatever it says */
/* Of the smallest buffers (session.c): 9 sub-buffers of 64 KiB, and their metadata. */
#define MEMORY_OF_CPU (UINT64_C(640) << 10)

static void explain_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < DESCRIPTORS_LEAST) {
		ilv_cause_add("LTTng may want more descriptors than are allowed (ulimit -n): %llu",
			      (unsigned long long)limit.rlim_cur);
	}
}

static void explain_file_size(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
		ilv_cause_add("LTTng's buffers may want to be larger than files are allowed to be "
			      "(ulimit -f): %llu KiB",
			      (unsigned long long)(limit.rlim_cur >> 10));
	}
}

static void explain_shared_memory(void)
{
	uint64_t wanted = MEMORY_OF_CPU * (uint64_t)sysconf(_SC_NPROCESSORS_CONF);
	struct statvfs facts;
	uint64_t room;

	if (access(SHARED_FOLDER, W_OK) != 0) {
		ilv_cause_add("LTTng's buffers live in " SHARED_FOLDER
			      ", which this user cannot write to");
		return;
	}
	if (statvfs(SHARED_FOLDER, &facts) != 0 || facts.f_blocks == 0) {
		return;
	}

	room = (uint64_t)facts.f_bavail * facts.f_frsize;
	if (room < wanted) {
		ilv_cause_add("LTTng's buffers live in " SHARED_FOLDER
			      ", which has room for %llu KiB, not for the %llu KiB that the "
			      "smallest take; enlarge it or make room there",
			      (unsigned long long)(room >> 10), (unsigned long long)(wanted >> 10));
	}
}

void ilv_limits_explain(void)
{
	explain_descriptors();
	explain_file_size();
	explain_shared_memory();
}
