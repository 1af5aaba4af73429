/* SPDX-License-Identifier: MIT */
/*
 * Description: the look of pictures. The colours are Okabe and Ito's, safe for the three kinds of
 * colour blindness; for dark pages lightened. librsvg knows neither CSS variables nor media
 * queries, so each class has its light colour outright, and the media query only overrides it.
 */
#include "viz/theme.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define HALF     0.5
#define THIRD    (1 / 3.0)
#define HAIRLINE 0.1

#define BLUE        "#0072b2"
#define BLUE_DARK   "#4aa3dc"
#define ORANGE      "#e69f00"
#define ORANGE_DARK "#f0b429"
#define RED         "#d55e00"
#define RED_DARK    "#ff8a4c"
#define GREEN       "#009e73"
#define GREEN_DARK  "#2fc79a"
#define GREY        "#9aa5b0"
#define GREY_DARK   "#5d6873"

#define FULL_BLOCK  "\xe2\x96\x88"
#define SHADE       "\xe2\x96\x92"
#define LOWER_HALF  "\xe2\x96\x84"
#define LINE        "\xe2\x94\x80"
#define LIGHT_SHADE "\xe2\x96\x91"

const struct ilv_ink_look ilv_inks[ILV_INK_COUNT] = {
	[ILV_INK_RUN] = {"run", 1, BLUE, BLUE_DARK, "runs", FULL_BLOCK, "#", "34"},
	[ILV_INK_STALLED] = {"stalled", 1, BLUE, "#1d5379",
			     "its turn, but its thread is off the CPU", "\xe2\x96\x93", "%", "34"},
	[ILV_INK_READY] = {"ready", 1, ORANGE, ORANGE_DARK, "ready, waits for a CPU or its turn",
			   SHADE, ":", "33"},
	[ILV_INK_LOCK] = {"lock", HALF, RED, RED_DARK, "waits for a lock", LOWER_HALF, "w", "31"},
	[ILV_INK_GIL] = {"gil", HALF, "#cc79a7", "#e39ac4", "waits for the GIL", LOWER_HALF, "w",
			 "35"},
	[ILV_INK_IO] = {"io", THIRD, "#56b4e9", "#7cc7f2", "waits for I/O or a child", LOWER_HALF,
			"w", "36"},
	[ILV_INK_POLL] = {"poll", THIRD, GREEN, GREEN_DARK, "loop waits for events", LOWER_HALF,
			  "w", "32"},
	[ILV_INK_IDLE] = {"idle", HAIRLINE, GREY, GREY_DARK, "asleep, or suspended at an await",
			  LINE, "-", "90"},
	[ILV_INK_LOST] = {"lost", 1, GREY, GREY_DARK, "not known", "?", "?", "90"},
	[ILV_INK_HOLDER_0] = {"has0", 1, BLUE, BLUE_DARK, NULL, FULL_BLOCK, "#", "34"},
	[ILV_INK_HOLDER_1] = {"has1", 1, "#2a86bd", "#3787bd", NULL, FULL_BLOCK, "#", "94"},
	[ILV_INK_HOLDER_2] = {"has2", 1, "#79b5d8", "#276c9b", NULL, FULL_BLOCK, "#", "34"},
	[ILV_INK_HOLDER_3] = {"has3", 1, "#a9d0e7", "#1d5379", NULL, FULL_BLOCK, "#", "94"},
	[ILV_INK_FOREIGN] = {"foreign", 1, "#cfd5db", "#39424b", "others, not of the job",
			     LIGHT_SHADE, ".", "90"},
};

const struct ilv_sign_look ilv_signs[ILV_SIGN_COUNT] = {
	[ILV_SIGN_LOST_UPDATE] = {"gone", "this update was lost", "\xc3\x97", "*", "1;31"},
	[ILV_SIGN_CUT] = {"cut", "cut short", "\xe2\x95\xb3", "x", "31"},
	[ILV_SIGN_FORCED] = {"forced", "asked to hand over", "\xe2\x95\xb3", "x", "31"},
	[ILV_SIGN_GAVE_WAY] = {"way", "gave way by itself", "\xe2\x97\x8b", "o", "32"},
	[ILV_SIGN_DONE] = {"done", "done", "\xe2\x96\x8c", "|", "1"},
	[ILV_SIGN_FAILED] = {"failed", "failed", "!", "!", "1;31"},
	[ILV_SIGN_CANCELLED] = {"cancelled", "was cancelled", "\xe2\x8a\x98", "c", "1"},
	[ILV_SIGN_ABANDONED] = {"abandoned", "ended with the program", "\xe2\x89\x80", "~", "1"},
};

static enum ilv_ink ink_of_wait(enum ilv_wait_reason reason)
{
	switch (reason) {
	case ILV_WAIT_REASON_LOCK:
		return ILV_INK_LOCK;
	case ILV_WAIT_REASON_GIL:
		return ILV_INK_GIL;
	case ILV_WAIT_REASON_READ:
	case ILV_WAIT_REASON_WRITE:
	case ILV_WAIT_REASON_POLL:
	case ILV_WAIT_REASON_CHILD:
	case ILV_WAIT_REASON_POOL_JOB:
		return ILV_INK_IO;
	case ILV_WAIT_REASON_LOOP:
		return ILV_INK_POLL;
	case ILV_WAIT_REASON_NONE:
	case ILV_WAIT_REASON_YIELD:
	case ILV_WAIT_REASON_SLEEP:
	case ILV_WAIT_REASON_COND:
	case ILV_WAIT_REASON_BARRIER:
	case ILV_WAIT_REASON_JOIN:
	case ILV_WAIT_REASON_TASK:
	case ILV_WAIT_REASON_QUEUE:
		return ILV_INK_IDLE;
	}

	return ILV_INK_IDLE;
}

enum ilv_ink ilv_ink_of(const struct ilv_interval *interval)
{
	switch (interval->state) {
	case ILV_STATE_RUNNING:
		/* A job is what its worker does: with it it waits. A task keeps its loop from
		 * others meanwhile. */
		if (interval->beneath == ILV_STATE_WAITING &&
		    interval->entity->kind == ILV_ENTITY_KIND_JOB) {
			return ink_of_wait(interval->beneath_reason);
		}
		/* Where nothing is known of what lies beneath, the entity's own word stands. */
		return interval->beneath == ILV_STATE_READY ||
				       interval->beneath == ILV_STATE_WAITING
			       ? ILV_INK_STALLED
			       : ILV_INK_RUN;
	case ILV_STATE_READY:
		return ILV_INK_READY;
	case ILV_STATE_WAITING:
		return ink_of_wait(interval->reason);
	case ILV_STATE_UNKNOWN:
		return ILV_INK_LOST;
	case ILV_STATE_DONE:
	case ILV_STATE_COUNT:
		break;
	}

	return ILV_INK_COUNT;
}

enum ilv_sign ilv_sign_of(const struct ilv_interval *interval)
{
	if (interval->is_end && interval->is_abandoned) {
		return ILV_SIGN_ABANDONED;
	}
	if (interval->is_end && interval->outcome != ILV_OUTCOME_RETURNED) {
		/* Whoever stood in line to its end has an end all the same. */
		return interval->outcome == ILV_OUTCOME_FAILED ? ILV_SIGN_FAILED
							       : ILV_SIGN_CANCELLED;
	}
	if (interval->state != ILV_STATE_RUNNING || !interval->is_last) {
		return ILV_SIGN_NONE;
	}

	switch (interval->end_cause) {
	case ILV_CAUSE_CUT:
		return ILV_SIGN_CUT;
	case ILV_CAUSE_FORCED:
		return ILV_SIGN_FORCED;
	case ILV_CAUSE_YIELDED:
	case ILV_CAUSE_BLOCKED:
		return ILV_SIGN_GAVE_WAY;
	case ILV_CAUSE_FINISHED:
		return ILV_SIGN_DONE;
	case ILV_CAUSE_NONE:
	case ILV_CAUSE_UNKNOWN:
	case ILV_CAUSE_COUNT:
		break;
	}

	return ILV_SIGN_NONE;
}

/* Inks that are painted through a pattern of the same name. */
static bool is_pattern(enum ilv_ink ink)
{
	return ink == ILV_INK_STALLED || ink == ILV_INK_READY || ink == ILV_INK_LOCK ||
	       ink == ILV_INK_GIL || ink == ILV_INK_POLL || ink == ILV_INK_LOST;
}

static char css[7168];

static void add(size_t *used, const char *text)
{
	size_t length = strlen(text);

	if (*used + length < sizeof(css)) {
		memcpy(css + *used, text, length + 1);
		*used += length;
	}
}

static void add_colours(size_t *used, bool is_dark)
{
	char rule[160];

	add(used, is_dark ? ".paper{fill:#14181d}.band{fill:#1b2127}.grid{stroke:#2a3138}"
			    ".track{fill:#2a3138}text,.ink{fill:#e8ecf0}.soft{fill:#9aa5b1}"
			    ".dot{fill:#e8ecf0}text.ondot{fill:#14181d}text.on0{fill:#0b1117}"
			    "text.on1,text.on2,text.on3{fill:#fff}.halo{stroke:#14181d}\n"
			  : ".paper{fill:#fff}.band{fill:#f6f8fa}.grid{stroke:#dfe4e9}"
			    ".track{fill:#dfe4e9}text,.ink{fill:#1b1f24}.soft{fill:#5b6570}"
			    ".dot{fill:#1b1f24}text.ondot{fill:#fff}text.on0,text.on1{fill:#fff}"
			    "text.on2,text.on3{fill:#0b2a3d}.halo{stroke:#fff}\n");
	for (int ink = 0; ink < ILV_INK_COUNT; ink++) {
		const struct ilv_ink_look *look = &ilv_inks[ink];
		const char *colour = is_dark ? look->dark : look->light;

		if (is_pattern((enum ilv_ink)ink)) {
			snprintf(rule, sizeof(rule), ".c-%s{fill:%s}.e-%s{stroke:%s}",
				 look->css_class, colour, look->css_class, colour);
		} else {
			snprintf(rule, sizeof(rule), ".%s,.c-%s{fill:%s}.e-%s{stroke:%s}",
				 look->css_class, look->css_class, colour, look->css_class, colour);
		}
		add(used, rule);
	}

	snprintf(rule, sizeof(rule),
		 "\n.cut,.forced,.gone{stroke:%s}.cuts,text.alarm{fill:%s}.way{stroke:%s;fill:%s}",
		 is_dark ? RED_DARK : RED, is_dark ? RED_DARK : RED, is_dark ? GREEN_DARK : GREEN,
		 is_dark ? "#14181d" : "#fff");
	add(used, rule);
	snprintf(rule, sizeof(rule), ".a-lock{stroke:%s}.a-gil{stroke:%s}",
		 is_dark ? RED_DARK : RED,
		 is_dark ? ilv_inks[ILV_INK_GIL].dark : ilv_inks[ILV_INK_GIL].light);
	add(used, rule);
	add(used, is_dark ? ".a-wake,.tag{stroke:#9aa5b1}.a-spawn{stroke:#e8ecf0}"
			  : ".a-wake,.tag{stroke:#5b6570}.a-spawn{stroke:#1b1f24}");
	snprintf(rule, sizeof(rule), ".ways{fill:%s}.done{stroke:%s;fill:%s}\n",
		 is_dark ? GREEN_DARK : GREEN, is_dark ? "#e8ecf0" : "#1b1f24",
		 is_dark ? "#e8ecf0" : "#1b1f24");
	add(used, rule);
	snprintf(rule, sizeof(rule),
		 ".failed{stroke:%s}.cancelled{stroke:%s;fill:%s}.abandoned{stroke:%s}\n",
		 is_dark ? RED_DARK : RED, is_dark ? "#e8ecf0" : "#1b1f24",
		 is_dark ? "#14181d" : "#fff", is_dark ? "#e8ecf0" : "#1b1f24");
	add(used, rule);
}

static void make_css(void)
{
	char rule[128];
	size_t used = 0;

	add(&used,
	    "text{font-family:\"DejaVu Sans\",\"Liberation Sans\",Verdana,Helvetica,Arial,"
	    "sans-serif;font-size:11px;font-variant-numeric:tabular-nums}"
	    "text.h1{font-size:20px;font-weight:700}text.verdict{font-size:14px}"
	    "text.run-name{font-size:16px;font-weight:700}text.value,text.ondot{font-weight:700}"
	    "text.tiny{font-size:10px}\n"
	    ".grid{fill:none}.cut,.forced{fill:none;stroke-width:2}"
	    ".forced{stroke-dasharray:3 2}.way{stroke-width:1.8}.done,.cancelled{stroke-width:"
	    "1.5}.failed,.abandoned{fill:none;stroke-width:2}"
	    ".tag{fill:none;stroke-width:1.2}.open{fill:none}.arrow{fill:none;stroke-width:1.2}."
	    "gone{fill:none;stroke-width:2.2}."
	    "halo{stroke-width:1.5}.hit{fill-"
	    "opacity:0}.faint{fill-opacity:.4}\n");
	for (int ink = 0; ink < ILV_INK_COUNT; ink++) {
		if (is_pattern((enum ilv_ink)ink)) {
			snprintf(rule, sizeof(rule), ".%s{fill:url(#%s)}", ilv_inks[ink].css_class,
				 ilv_inks[ink].css_class);
			add(&used, rule);
		}
	}

	add(&used, ".lost{stroke-width:1}\n");
	add_colours(&used, false);
	add(&used, ".lost{stroke:" GREY "}\n@media (prefers-color-scheme:dark){\n");
	add_colours(&used, true);
	add(&used, ".lost{stroke:" GREY_DARK "}}\n");
}

const char *ilv_theme_css(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_css);
	return css;
}

const char *ilv_theme_patterns(void)
{
	return "<pattern id=\"ready\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\""
	       " patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" class=\"c-ready\""
	       " opacity=\".28\"/><rect width=\"2.4\" height=\"6\" class=\"c-ready\"/></pattern>\n"
	       "<pattern id=\"stalled\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\""
	       " patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" "
	       "class=\"c-stalled\"/>"
	       "<rect width=\"2.2\" height=\"6\" class=\"c-ready\"/></pattern>\n"
	       "<pattern id=\"lock\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
	       "<rect width=\"6\" height=\"6\" class=\"c-lock\" opacity=\".3\"/>"
	       "<circle cx=\"3\" cy=\"3\" r=\"1.5\" class=\"c-lock\"/></pattern>\n"
	       "<pattern id=\"gil\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
	       "<rect width=\"6\" height=\"6\" class=\"c-gil\" opacity=\".3\"/>"
	       "<path d=\"M1 1L5 5M5 1L1 5\" class=\"e-gil\" stroke-width=\"1.2\"/></pattern>\n"
	       "<pattern id=\"poll\" width=\"5\" height=\"2.5\" patternUnits=\"userSpaceOnUse\">"
	       "<rect width=\"5\" height=\"2.5\" class=\"c-poll\" opacity=\".25\"/>"
	       "<rect y=\".6\" width=\"5\" height=\"1.2\" class=\"c-poll\"/></pattern>\n"
	       "<pattern id=\"lost\" width=\"14\" height=\"14\" patternUnits=\"userSpaceOnUse\">"
	       "<path d=\"M5 5L9 9M9 5L5 9\" class=\"e-lost\" stroke-width=\"1\"/></pattern>\n";
}
