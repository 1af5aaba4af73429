/* SPDX-License-Identifier: MIT */
/* Description: which limit it was when the system refuses a thread or a process: the kernel says
 * the same EAGAIN for nearly each of them. */
#ifndef ILV_WORKLOADS_RUNTIMES_REFUSAL_H
#define ILV_WORKLOADS_RUNTIMES_REFUSAL_H

/*
 * Adds a cause that names the limits that are used up now, while all that was created is still
 * there; where none is, all that there are. `what` is "thread" or "process", `error` what the call
 * said.
 */
void ilv_refusal_explain(const char *what, int error);

#endif /* ILV_WORKLOADS_RUNTIMES_REFUSAL_H */
