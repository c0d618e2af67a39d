/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * axis.h - one --vary: names, and the values that they take.
 *
 *   NAME=V,V,V             a list: numbers with units, or words
 *   NAME=LOW:HIGH:linN     N values from LOW to HIGH, evenly spaced
 *   NAME=LOW:HIGH:logN     their logarithms evenly spaced
 *   NAME+NAME=V:V,V:V      paired: both change together; a single V, or a
 *                          range, is for all of them
 *   NAME=LOW:HIGH[:lin|:log]   for samples: anything between
 *
 * A list has each value, or each pair of values, once.  What is printed is
 * what is used: numbers are rounded to twelve digits, and
 * of a range counts to whole numbers, of which none comes twice.
 */
#ifndef SWEEP_AXIS_H
#define SWEEP_AXIS_H

#include "sweep/name.h"

enum { SWEEP_MOST_PAIRED = 4, SWEEP_VALUE_SIZE = 64 };

struct sweep_value {
	const char *text;		/* bare, as an option takes it */
	double number;			/* [SI] of a number */
	size_t index;			/* of a model, a machine, a policy */
};

/* Plain data; sweep_axis_clear(). */
struct sweep_axis {
	size_t nnames;
	struct sweep_name names[SWEEP_MOST_PAIRED];
	bool ranges;			/* low .. high; else a list alone */
	bool logarithmic;
	double low, high;
	size_t n;			/* values, 0 for a range without any */
	struct sweep_value *values;	/* n for each name in turn */
};

/** Parse the argument of --vary; STATUS_USAGE says what is wrong with it. */
MUST_CHECK enum status sweep_axis_parse(const char *text,
					struct sweep_axis *out,
					struct diag *d);

/** Release what `a` owns. */
void sweep_axis_clear(struct sweep_axis *a);

/**
 * The value of a range at `u`, 0 <= u < 1, into `out`, its text into `text`;
 * of a whole number each is as likely as another.
 */
void sweep_axis_between(const struct sweep_axis *a, double u,
			char text[SWEEP_VALUE_SIZE], struct sweep_value *out);

#endif
