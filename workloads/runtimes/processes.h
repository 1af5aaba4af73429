/* SPDX-License-Identifier: MIT */
/* Description: the hidden command by which runtime `processes` starts this program anew for one
 * job. */
#ifndef ILV_WORKLOADS_RUNTIMES_PROCESSES_H
#define ILV_WORKLOADS_RUNTIMES_PROCESSES_H

enum ilv_start_method {
	ILV_START_METHOD_FORK,
	ILV_START_METHOD_SPAWN,
};

/* How the processes that are spawned from now on are made, whatever --start-method said. */
void ilv_processes_use(enum ilv_start_method start_method);

/* The first argument by which this program knows that it is to do one job of another. */
#define ILV_JOB_COMMAND "do-job"

/* The main function of such a process. */
int ilv_job_main(int argument_count, char **arguments);

#endif /* ILV_WORKLOADS_RUNTIMES_PROCESSES_H */
