/* SPDX-License-Identifier: MIT */
/* Description: the tables of workloads and runtimes, from the lists that CMake writes. */
#include <string.h>

#include "workloads/workload.h"

#define X(name) extern const struct ilv_workload ilv_workload_##name;
#include "ilv_workload_list.h"
#undef X

#define X(name) extern const struct ilv_runtime ilv_runtime_##name;
#include "ilv_runtime_list.h"
#undef X

const struct ilv_workload *const ilv_workloads[] = {
#define X(name) &ilv_workload_##name,
#include "ilv_workload_list.h"
#undef X
	NULL,
};

const struct ilv_runtime *const ilv_runtimes[] = {
#define X(name) &ilv_runtime_##name,
#include "ilv_runtime_list.h"
#undef X
	NULL,
};

const struct ilv_workload *ilv_workload_find(const char *name)
{
	for (size_t index = 0; ilv_workloads[index]; index++) {
		if (strcmp(ilv_workloads[index]->name, name) == 0) {
			return ilv_workloads[index];
		}
	}

	return NULL;
}

const struct ilv_runtime *ilv_runtime_find(const char *name)
{
	for (size_t index = 0; ilv_runtimes[index]; index++) {
		if (strcmp(ilv_runtimes[index]->name, name) == 0) {
			return ilv_runtimes[index];
		}
	}

	return NULL;
}
