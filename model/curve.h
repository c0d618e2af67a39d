/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * curve.h - a measured time as a function of a size.
 *
 * Between its points a curve is linear; below the first it is constant, as
 * what is small takes a least time; above the last it goes on in proportion,
 * as what is large runs at a rate.  Sizes rise strictly; sizes and times are
 * positive.  Immutable once made, so that many may borrow it.
 */
#ifndef MODEL_CURVE_H
#define MODEL_CURVE_H

#include <stdbool.h>
#include <stddef.h>

struct curve {
	double *size, *time_s;		/* `n` each, n >= 1 */
	size_t n;
	double spread;			/* relative error of a time: what
					 * repeated runs and fit leave */
};

/** Time [s] at `size` >= 0.  Cannot fail. */
double curve_at(const struct curve *c, double size);

/** Whether `size` is within the measured range. */
bool curve_covers(const struct curve *c, double size);

/**
 * Least time [s] of all sizes from `low` to `high`, 0 <= low <= high, which may
 * be INFINITY.
 */
double curve_least(const struct curve *c, double low, double high);

/** Most that is done in a second, size over time, of all points. */
double curve_best_rate(const struct curve *c);

/** Release what `c` owns and empty it. */
void curve_clear(struct curve *c);

#endif
