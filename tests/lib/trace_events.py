# SPDX-License-Identifier: MIT
"""The events of a recording as babeltrace2 shows them, in the order of the trace: for tests that compare orders."""
import re
import subprocess

LINE = re.compile(r"\[(\d+)\] .*? interleave:(\w+): \{[^}]*\}, \{ (.*) \}$")
FIELD = re.compile(r'(\w+) = (?:\( "([^"]*)" : [^)]*\)|"([^"]*)"|(-?\w+))')


def value_of(enumerator, text, number):
    return enumerator or text or (int(number, 0) if number else "")


def read_events(trace, *names):
    """Those events of the folder `trace` whose names begin with one of `names`, as dictionaries; `at_ns` is monotonic."""
    command = ["babeltrace2", "--clock-cycles", trace]
    events = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            match = LINE.match(line)
            if match and match[2].startswith(names):
                event = {key: value_of(*values) for key, *values in FIELD.findall(match[3])}
                events.append({"event": match[2], "at_ns": int(match[1]), **event})
    assert process.returncode == 0, process.returncode
    return events
