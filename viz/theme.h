/* SPDX-License-Identifier: MIT */
/*
 * Description: the look of pictures, in one table: which inks there are, how high each stands in a
 * lane, its colours in light and dark, its texture, its word in the legend and its character in a
 * terminal. Running fills a lane, ready fills it hatched, waiting is thin: so a grey print tells
 * the same story.
 */
#ifndef ILV_VIZ_THEME_H
#define ILV_VIZ_THEME_H

#include "analysis/model/interval.h"

/* What a piece of a lane is painted with, in the order in which a column stacks them. */
enum ilv_ink {
	ILV_INK_RUN,
	ILV_INK_STALLED, /* runs for its own scheduler, while what carries it is off the CPU */
	ILV_INK_READY,
	ILV_INK_LOCK,
	ILV_INK_GIL,
	ILV_INK_IO,
	ILV_INK_POLL,
	ILV_INK_IDLE, /* asleep, or suspended at an await */
	ILV_INK_LOST, /* not known */
	/* Who has an executor, in shades of running. */
	ILV_INK_HOLDER_0,
	ILV_INK_HOLDER_1,
	ILV_INK_HOLDER_2,
	ILV_INK_HOLDER_3,
	ILV_INK_FOREIGN, /* an executor in the hands of somebody who is not of the run */
	ILV_INK_COUNT
};

#define ILV_INK_HOLDER_COUNT 4

/* How a slice or an entity ended, and what else happens at a moment. */
enum ilv_sign {
	ILV_SIGN_LOST_UPDATE, /* what it wrote was overwritten by who had not seen it */
	ILV_SIGN_CUT,
	ILV_SIGN_FORCED,
	ILV_SIGN_GAVE_WAY,
	ILV_SIGN_DONE, /* returned */
	ILV_SIGN_FAILED,
	ILV_SIGN_CANCELLED,
	ILV_SIGN_ABANDONED, /* it had not come to its end when its program did */
	ILV_SIGN_COUNT,
	ILV_SIGN_NONE = ILV_SIGN_COUNT
};

struct ilv_ink_look {
	const char *css_class;
	double height; /* share of the lane's */
	const char *light, *dark;
	const char *legend;       /* NULL: explains itself */
	const char *text, *ascii; /* a character in a terminal */
	const char *sgr;          /* its colour there */
};

struct ilv_sign_look {
	const char *css_class;
	const char *legend;
	const char *text, *ascii;
	const char *sgr;
};

extern const struct ilv_ink_look ilv_inks[ILV_INK_COUNT];
extern const struct ilv_sign_look ilv_signs[ILV_SIGN_COUNT];

/* The ink of an entity's stay. ILV_INK_COUNT: none, for what is done. */
enum ilv_ink ilv_ink_of(const struct ilv_interval *interval);

/* How the stay ended; ILV_SIGN_NONE when it goes on, or did not run, unless its entity ended with
 * it otherwise than by returning. */
enum ilv_sign ilv_sign_of(const struct ilv_interval *interval);

/* The style sheet: light, and the same classes once more for dark pages. */
const char *ilv_theme_css(void);

/* The patterns, as the inside of <defs>. */
const char *ilv_theme_patterns(void);

#endif /* ILV_VIZ_THEME_H */
