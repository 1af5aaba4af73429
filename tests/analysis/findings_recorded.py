#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the findings starvation and lock-convoy of a recording against its lock events: findings_recorded.py REPORT TRACE"""
import bisect
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["ILV_SOURCE"], "tests/lib"))
from trace_events import read_events  # noqa: E402

# What is within this factor of a limit may be found or not: how many came before is not known exactly to the report.
MARGIN = 1.2


def is_beyond(*pairs):
    """Whether each value is beyond its limit: True, False, or None where one is too near to say."""
    if any(value * MARGIN < limit for value, limit in pairs):
        return False
    return True if all(value > limit * MARGIN for value, limit in pairs) else None


class Line:
    """What happened at one lock, from its events alone."""

    def __init__(self, events):
        self.acquired = []  # when, and since when it had been wanted
        self.contended_count = 0
        self.held_ns = self.wanted_ns = self.free_ns = 0
        since = {}
        holder = None
        before_ns = events[0]["at_ns"]
        for event in events:
            passed_ns = event["at_ns"] - before_ns
            self.held_ns += passed_ns if holder else 0
            self.wanted_ns += passed_ns if since else 0
            self.free_ns += passed_ns if since and not holder else 0
            before_ns = event["at_ns"]
            if event["event"] == "lock_wait_begin":
                since[event["tid"]] = event["at_ns"]
            elif event["event"] == "lock_acquire":
                self.contended_count += event["tid"] in since
                self.acquired.append((event["at_ns"], since.pop(event["tid"], event["at_ns"])))
                holder = event["tid"]
            elif event["event"] == "lock_release":
                holder = None

    def starves(self, run_ns):
        starved = []
        for turn, (at_ns, since_ns) in enumerate(self.acquired):
            meanwhile = self.acquired[bisect.bisect(self.acquired, (since_ns, at_ns)):turn]
            overtaken = sum(1 for _, other_since_ns in meanwhile if other_since_ns > since_ns)
            starved.append(is_beyond((overtaken, 50), (at_ns - since_ns, 10e6), (at_ns - since_ns, run_ns / 4)))
        return True if True in starved else None if None in starved else False

    def is_convoy(self, run_ns):
        held_ns = self.wanted_ns - self.free_ns
        return is_beyond((self.contended_count, 100), (self.contended_count, len(self.acquired) / 2),
                         (self.wanted_ns, 0.9 * (self.held_ns + self.free_ns) / MARGIN), (self.free_ns, held_ns),
                         (self.free_ns, 2000 * self.contended_count), (self.free_ns, run_ns / 20))


report = json.load(open(sys.argv[1]))
assert report["trace"]["is_complete"], report["trace"]
events = read_events(sys.argv[2], "lock_acquire", "lock_release", "lock_wait_begin")
for run in report["runs"]:
    name = run["variant"] + " " + run["parameters"]
    pid = run["threads"][0]["pid"]
    found = {finding["id"]: finding for finding in run["findings"]}
    locks = [lock for lock in run["locks"] if lock["name"] in ("polled lock", "ticket lock")]
    assert len(locks) == 1, (name, run["locks"])
    address = locks[0]["id"].split(".")[1]
    line = Line([event for event in events if event["pid"] == pid and hex(event["lock"]) == address])
    run_ns = run["end_ns"] - run["begin_ns"]
    assert len(line.acquired) == locks[0]["acquisition_count"], (name, len(line.acquired), locks[0])
    assert line.contended_count == locks[0]["contended_count"], (name, line.contended_count, locks[0])

    starves, is_convoy = line.starves(run_ns), line.is_convoy(run_ns)
    print(f"{name}: starves {starves}, convoy {is_convoy}; found {sorted(found)}")
    assert starves is None or starves == ("starvation" in found), (name, starves, found)
    assert is_convoy is None or is_convoy == ("lock-convoy" in found), (name, is_convoy, found)
    # Under any load: nobody overtakes whoever has drawn a ticket.
    assert run["variant"] != "ticket" or starves is False, name
    if "lock-convoy" in found:
        assert found["lock-convoy"]["cost_ns"] == line.free_ns, (found["lock-convoy"], line.free_ns)
