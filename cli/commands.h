/* SPDX-License-Identifier: MIT */
/* Description: the commands of `interleave`: each takes what follows its name and returns the exit
 * status. */
#ifndef ILV_CLI_COMMANDS_H
#define ILV_CLI_COMMANDS_H

/* X(name, summary): the one table of commands, in the order of help. */
#define ILV_COMMANDS(X)                                                                            \
	X(workloads, "list the jobs, runtimes and lessons that can be run")                        \
	X(run, "record a job under one or several runtimes, or a lesson")                          \
	X(report, "tell what happened in a recording")                                             \
	X(timeline, "draw a recording")                                                            \
	X(compare, "set recordings side by side")

#define X(name, summary) int ilv_cmd_##name(int argc, char **argv);
ILV_COMMANDS(X)
#undef X

#endif /* ILV_CLI_COMMANDS_H */
