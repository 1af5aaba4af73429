# SPDX-License-Identifier: MIT
"""
The table of all that can be run, as `interleave workloads --json` prints it: every job under every runtime, every lesson
in every variant. Tests that walk it cover a new workload, runtime or variant as soon as it is listed.
"""
import dataclasses
import json
import os
import subprocess

# What makes a run short: by option, whichever workload has it. What is not named here keeps its default.
SMALL = {
    "jobs": 3, "size": 64, "yield-every": 1, "width": 48, "height": 32, "connections": 3, "sleep-ms": 2, "naps": 2, "requests": 2, "service-ms": 2,
    "body-kib": 8, "passes": 2, "file-kib": 96, "block-kib": 32, "queries": 2, "rows": 40, "increments": 200,
    "gap": 2000, "work-ms": 6, "end-ms": 8, "clean-ms": 2, "lines": 5, "type-ms": 3, "items": 40, "patience-ms": 100,
    "dinner-ms": 60, "reads": 10, "writes": 3, "chapters": 3, "updates": 5, "steps": 1000000, "duration-ms": 60,
    "hold-ms": 4, "middle-ms": 12, "pieces": 64, "memory-mib": 4, "sizes": 4, "pages": 12, "rounds": 2,
}  # fmt: skip
# Of these a large run has more; the others say how long or how large one of them is.
COUNTS = (
    "jobs", "requests", "queries", "naps", "increments", "lines", "items", "reads", "writes", "chapters", "updates",
    "steps", "duration-ms", "dinner-ms", "pieces", "pages", "rounds", "connections",
)  # fmt: skip

# What this machine does not allow, and a run says so.
LACKING = (
    ("needs the right to real-time priorities", "real-time priorities"),
    ("PostgreSQL is not installed: apt-get install postgresql", "PostgreSQL (apt-get install postgresql)"),
)
# What makes a run last until somebody ends it.
ENDLESS = {
    "count": 1000000, "size": 200, "width": 2000, "height": 2000, "sleep-ms": 3600000, "end-ms": 3600000,
    "requests": 1000000, "service-ms": 20, "rounds": 1000000, "queries": 1000000, "increments": 10000000,
    "work-ms": 600000, "lines": 100000, "items": 10000000, "patience-ms": 600000, "dinner-ms": 600000,
    "reads": 1000000, "writes": 1000000, "chapters": 1000000, "updates": 100000, "steps": 100000000000,
    "duration-ms": 600000, "hold-ms": 10000, "middle-ms": 10000, "pieces": 10000000, "sizes": 8, "pages": 10000,
}  # fmt: skip
# Where each does what it does but for a moment, so many of them; what is measured without tracing before the run begins
# must have an end. By workload, or by the name of a cell.
ENDLESS_OF = {
    "image": {"jobs": 1000}, "spawn-cost": {"jobs": 100000}, "spawn-cost.fork": {"jobs": 2000},
    "spawn-cost.posix-spawn": {"jobs": 2000}, "break-even": {"jobs": 30, "rounds": 3},
}  # fmt: skip


@dataclasses.dataclass
class Cell:
    """One run: `name` is good for a file, `arguments` are those of interleave-workload."""

    name: str
    kind: str  # job or lesson
    workload: str
    runtime: str
    variant: str
    unit: str  # of the runtime
    options: list  # the workload's own, as the table has them
    arguments: list

    def sized(self, factor=1, **chosen):
        """The arguments with small sizes, COUNTS multiplied by `factor`, and `chosen` in place of both."""
        arguments = list(self.arguments)
        for option in self.options:
            name = option["name"]
            value = SMALL.get(name)
            if value is not None and name in COUNTS:
                value *= factor
            value = chosen.get(name.replace("-", "_"), value)
            if value is not None and option["kind"] == "number":
                arguments += ["--" + name, str(max(option["min"], min(option["max"], value)))]
        return arguments

    def endless(self):
        """The arguments for a run that somebody has to end."""
        chosen = {name.replace("-", "_"): value for name, value in ENDLESS.items()}
        chosen |= ENDLESS_OF.get(self.name, ENDLESS_OF.get(self.workload, {}))
        return self.sized(**chosen)


def lacking(said):
    """What the machine lacks, by what a run that failed had to say; None where that is another matter."""
    for words, what in LACKING:
        if words in said:
            return what
    return None


def read():
    """The table itself."""
    program = os.path.join(os.environ["ILV_BIN"], "interleave")
    return json.loads(subprocess.run([program, "workloads", "--json"], check=True, stdout=subprocess.PIPE).stdout)


def _runtime_choices(runtime):
    """The ways to choose a runtime: as it is, and each with a choice that is not the default."""
    yield runtime["name"], []
    for option in runtime["options"]:
        for choice in option.get("choices", []):
            if choice != option["default"]:
                yield f"{runtime['name']}-{choice}", ["--" + option["name"], choice]


def cells(table, kind):
    """All runs of a kind, `jobs` or `lessons`."""
    runtimes = {runtime["name"]: runtime for runtime in table["runtimes"]}
    for workload in table[kind]:
        name = workload["name"]
        if kind == "jobs":
            for runtime in table["runtimes"]:
                for label, extra in _runtime_choices(runtime):
                    arguments = [name, "--runtime", runtime["name"], *extra]
                    yield Cell(f"{name}.{label}", "job", name, runtime["name"], None, runtime["unit"],
                               workload["options"], arguments)  # fmt: skip
        else:
            for variant in workload["variants"]:
                runtime = runtimes[variant["runtime"]]
                arguments = [name, "--variant", variant["name"]]
                yield Cell(f"{name}.{variant['name']}", "lesson", name, runtime["name"], variant["name"],
                           runtime["unit"], workload["options"], arguments)  # fmt: skip
