# SPDX-License-Identifier: MIT
# Holds the switches of a trace (babeltrace2's text, with names) against the truth that switch_heavy wrote, which comes
# first. Variables: source (as the trace spells it), need_threads, need_switches, host (inside,
# parent or outside: of the program that wrote the truth), recorders (how many there must be).

function fail(text) {
	if (++failures <= 20) print "FAIL: " text
}

function field(name,   at, rest) {
	at = index($0, " " name " = ")
	if (!at) return ""
	rest = substr($0, at + length(name) + 4)
	sub(/[ ,].*/, "", rest)
	return rest
}

function same(a, b, text) {
	if (a != b) fail(text ": " a " is not " b)
}

$1 == "truth" {
	key = $2 "." $3
	if (key in from) fail("thread " key " is there twice")
	from[key] = $4 + 0; to[key] = $5 + 0; voluntary[key] = $6 + 0; involuntary[key] = $7 + 0
	thread_count++
	next
}

/ interleave:recorder_begin: / {
	recorder_count++
	begun[field("recorder_id")] = 1
	covered[field("covered_pid")] = 1
	if (!index($0, "\"" source "\"")) fail("the source is not " source ": " $0)
	print substr($0, index($0, "source ="))
}

/ interleave:recorder_end: / {
	id = field("recorder_id")
	ended[id] = 1
	same(field("switch_count"), sent[id] + 0, "recorder_end of " id " counts its switches")
	same(field("lost_count"), 0, "lost records of " id)
	print "recorder " id ": " sent[id] " events, " field("cpu_ns") / 1e6 " ms of CPU"
}

/ interleave:switch_lost: / { fail("records were lost: " $0) }

/ interleave:thread_announce: / {
	if (match($0, /"(recorder|tracer)"/)) outside[field("pid") "." field("subject_tid")] = 1
}

/ interleave:switch_watermark: / {
	id = field("recorder_id")
	if (field("time_ns") + 0 < watermark[id] + 0) fail("a watermark goes back: " $0)
	watermark[id] = field("time_ns")
	same(field("switch_count"), sent[id] + 0, "watermark of " id " counts its switches")
	watermark_count++
}

/ interleave:thread_(switch_in|switch_out|wakeup): / {
	id = field("recorder_id")
	time = field("time_ns") + 0
	key = field("subject_pid") "." field("subject_tid")
	cpu = field("cpu")
	sent[id]++
	if (!(id in begun)) fail("a switch before its recorder: " $0)
	if ((id in watermark) && time <= watermark[id] + 0) fail("later than its watermark: " $0)
	seen[key] = 1
}

/ interleave:thread_switch_in: / {
	if (source != "rusage") {
		if ((key in place) && place[key] == "on") fail("in twice: " $0)
		if (source == "perf_wakeups" && (key in blocked)) {
			if (wakeups[key] > 1) fail("woken " wakeups[key] " times: " $0)
			if (wakeups[key] < 1) unwoken_count++
		}
	}
	place[key] = "on"; where[key] = cpu
	delete blocked[key]
}

/ interleave:thread_switch_out: / {
	if (source != "rusage") {
		if ((key in place) && place[key] != "on") fail("out twice: " $0)
		if ((key in where) && where[key] != cpu) fail("out on another CPU: " $0)
	}
	place[key] = "off"
	if ((key in from) && time > from[key] && time <= to[key]) {
		if (field("is_involuntary") == 1) found_involuntary[key]++
		else found_voluntary[key]++
		switch_count++
	}
	if (field("is_involuntary") == 0) blocked[key] = time
	wakeups[key] = 0
}

/ interleave:thread_wakeup: / {
	if (source != "perf_wakeups") fail("a wake-up: " $0)
	if ((key in place) && place[key] == "on") fail("woken while it runs: " $0)
	wakeups[key]++
	wakeup_count++
	if (field("waker_tid") != -1) known_waker_count++
}

END {
	for (key in from) {
		same(found_voluntary[key] + 0, voluntary[key], "voluntary switches of " key)
		same(found_involuntary[key] + 0, involuntary[key], "involuntary switches of " key)
		involuntary_count += involuntary[key]
	}
	# A forked child's listeners were created in the recording; those of the recorder's own process were not.
	for (key in outside) {
		split(key, ids, ".")
		if (host != "outside" && (ids[1] in covered) && (key in seen)) fail("switches of the tracing's own thread " key)
		if (ids[1] in covered) outside_count++
	}
	if (outside_count < (host == "outside" ? 2 : 3)) fail("only " outside_count + 0 " threads of the tracing are announced")
	for (id in begun) if (!(id in ended)) fail("recorder " id " did not end")
	same(recorder_count + 0, recorders, "recorders")
	if (thread_count < need_threads) fail("only " thread_count " threads")
	if (switch_count < need_switches) fail("only " switch_count " switches")
	if (!involuntary_count) fail("no involuntary switch")
	if (!watermark_count) fail("no watermark")
	# The kernel itself leaves out some in a million: wake-ups of an idle CPU.
	if (unwoken_count > wakeup_count / 1000) fail(unwoken_count " times a thread ran again without being woken")
	if (source == "perf_wakeups" && known_waker_count < wakeup_count / 2) fail("hardly any waker is known")
	print thread_count " threads, " switch_count " switches (" involuntary_count " involuntary), " \
		wakeup_count + 0 " wake-ups (" known_waker_count + 0 " with their waker), " watermark_count " watermarks"
	exit failures > 0
}
