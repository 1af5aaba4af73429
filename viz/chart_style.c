/* SPDX-License-Identifier: MIT */
/*
 * Description: the look of lines and markers: eight that are told apart by colour (Okabe and Ito's,
 * lightened for dark pages), by their dashes, and by the shape of their markers, of which the first
 * four are filled and the others open. The ninth, in grey, is the reference.
 */
#include "viz/chart.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define STYLE_COUNT (ILV_SWEEP_LINE_LIMIT + 1)

static const struct {
	const char *light, *dark, *dashes;
} styles[STYLE_COUNT] = {
	{"#0072b2", "#4aa3dc", "none"}, {"#d55e00", "#ff8a4c", "7 3"},
	{"#009e73", "#2fc79a", "2 3"},  {"#cc79a7", "#e39ac4", "9 3 2 3"},
	{"#8a5a00", "#f0b429", "12 4"}, {"#56b4e9", "#7cc7f2", "4 2"},
	{"#7a4fa3", "#b795d8", "1 3"},  {"#5b6570", "#c0c8d0", "9 3 2 3 2 3"},
	{"#5b6570", "#9aa5b1", "none"},
};

static char css[4096];

static void add(const char *text)
{
	size_t used = strlen(css);

	snprintf(css + used, sizeof(css) - used, "%s", text);
}

static void add_colours(bool is_dark)
{
	const char *band = is_dark ? "#1b2127" : "#f6f8fa";
	const char *ink = is_dark ? "#e8ecf0" : "#1b1f24";
	const char *soft = is_dark ? "#9aa5b1" : "#5b6570";
	char rule[200];

	for (unsigned int index = 0; index < STYLE_COUNT; index++) {
		const char *colour = is_dark ? styles[index].dark : styles[index].light;
		bool is_open = index >= 4 && index < ILV_SWEEP_LINE_LIMIT;

		snprintf(rule, sizeof(rule), ".l%u{stroke:%s}.p%u{stroke:%s;fill:%s}\n", index,
			 colour, index, colour, is_open ? band : colour);
		add(rule);
	}
	snprintf(rule, sizeof(rule),
		 ".base{stroke:%s}.limit,.lead{stroke:%s}.even{stroke:%s}.ring{stroke:%s}"
		 "text.note{stroke:%s}\n",
		 soft, soft, ink, ink, band);
	add(rule);
}

static void make_css(void)
{
	char rule[96];

	add(".line{fill:none;stroke-width:2;stroke-linejoin:round}.point{stroke-width:1.6}"
	    ".base,.limit,.lead,.even,.ring{fill:none}.limit{stroke-dasharray:3 3}"
	    ".even{stroke-width:1.4}.ring{stroke-width:1.6}"
	    "text.note{stroke-width:3px;paint-order:stroke;stroke-linejoin:round}"
	    "text.chart-name{font-size:14px;font-weight:700}\n");
	for (unsigned int index = 0; index < STYLE_COUNT; index++) {
		snprintf(rule, sizeof(rule), ".l%u{stroke-dasharray:%s}", index,
			 styles[index].dashes);
		add(rule);
	}
	add("\n");
	add_colours(false);
	add("@media (prefers-color-scheme:dark){\n");
	add_colours(true);
	add("}\n");
}

const char *ilv_chart_css(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_css);
	return css;
}
