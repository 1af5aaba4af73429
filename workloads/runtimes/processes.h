/* SPDX-License-Identifier: MIT */
/*
 * Description: how runtime `processes` makes its processes, and the hidden command by which it
 * starts this program anew for one job.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_PROCESSES_H
#define ILV_WORKLOADS_RUNTIMES_PROCESSES_H

/* The values of its option start-method. */
enum ilv_start_method {
	ILV_START_METHOD_FORK,
	ILV_START_METHOD_SPAWN,
};

/* The first argument by which this program knows that it is to do one job of another. */
#define ILV_JOB_COMMAND "do-job"

/* The main function of such a process. */
int ilv_job_main(int argument_count, char **arguments);

#endif /* ILV_WORKLOADS_RUNTIMES_PROCESSES_H */
