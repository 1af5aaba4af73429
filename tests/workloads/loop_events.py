# SPDX-License-Identifier: MIT
"""What the tasks of a process's loops did, from the events alone, and what that means for who had to wait for whom."""
import bisect

STALL_NS = 50_000_000  # what keeps a loop so long is a finding


class Task:
    def __init__(self, name, created_ns):
        self.name = name
        self.slices = []  # (begin_ns, end_ns)
        self.waits = [[created_ns, None, None, None]]  # [since_ns, due_ns (of a sleep), ready_ns, resumed_ns]


class Loop:
    def __init__(self):
        self.tasks = {}

    def see(self, event):
        kind, at_ns = event["event"], event["at_ns"]
        if kind == "task_create":
            self.tasks[event["task"]] = Task(event["name"], at_ns)
            return
        task = self.tasks[event["task"]]
        if kind == "task_ready":
            task.waits[-1][2] = at_ns
        elif kind == "task_resume":
            task.waits[-1][3] = at_ns
            task.slices.append((at_ns, None))
        else:
            task.slices[-1] = task.slices[-1][0], at_ns
            if kind == "task_yield":
                due_ns = event["object"] if event["reason"] == "sleep" else None
                task.waits.append([at_ns, due_ns, at_ns if event["reason"] == "yield" else None, None])

    def named(self, prefix):
        return [task for task in self.tasks.values() if task.name.startswith(prefix)]

    def most_passed(self):
        """The most turns that a task had while another one stood ready: a queue lets each pass once."""
        most = 0
        for other in self.tasks.values():
            begins = [begin_ns for begin_ns, _ in other.slices]
            for task in self.tasks.values():
                for _, _, ready_ns, resumed_ns in task.waits if task is not other else ():
                    if ready_ns and resumed_ns:
                        turns = bisect.bisect_left(begins, resumed_ns) - bisect.bisect_right(begins, ready_ns)
                        most = max(most, turns)
        return most

    def kept_waiting(self, slice_, of):
        """Of a slice of task `of`: (how long each other task could have run in it, how many of them stood ready)."""
        begin_ns, end_ns = slice_
        costs = []
        ready_count = 0
        for task in self.tasks.values():
            for since_ns, due_ns, ready_ns, resumed_ns in task.waits if task is not of else ():
                if resumed_ns is None or resumed_ns < end_ns or since_ns >= end_ns:
                    continue
                if ready_ns and ready_ns < end_ns:
                    costs.append(end_ns - max(ready_ns, begin_ns))
                    ready_count += 1
                elif due_ns and due_ns < end_ns and since_ns <= begin_ns:
                    costs.append(end_ns - max(due_ns, begin_ns))
        return costs, ready_count

    def stalls(self):
        """Slices so long that they are a finding, as (task, slice): where the thread waits or computes in them."""
        return [(task, slice_) for task in self.tasks.values() for slice_ in task.slices
                if slice_[1] - slice_[0] >= STALL_NS]


def loops_of(events, pid):
    loops = {}
    for event in events:
        if event["pid"] == pid and event["event"].startswith("task_"):
            loops.setdefault(event["loop"], Loop()).see(event)
    return list(loops.values())
