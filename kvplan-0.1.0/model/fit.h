/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fit.h - lines and tables through measured points.
 *
 * All residuals are relative: (model - measured) / measured.  Least squares
 * are weighted so, with 1 / y^2, because sizes span six decades.  Out of
 * memory ends the program; nothing else can fail.
 */
#ifndef MODEL_FIT_H
#define MODEL_FIT_H

#include <stddef.h>

#include "model/curve.h"

/* Measured points.  Owns its arrays; all zero is an empty one. */
struct fit_points {
	double *x, *y;			/* size, time [s]; above 0 */
	double *noise;			/* relative deviation of repeats */
	size_t n, room;
};

void fit_add(struct fit_points *p, double x, double y, double noise);
void fit_points_clear(struct fit_points *p);

/** Sort `p` by x. */
void fit_sort(struct fit_points *p);

/* How far a model is from the points, relatively. */
struct fit_residual {
	double rms, worst;
};

struct fit_line {
	double fixed, slope;		/* y = fixed + slope * x */
	struct fit_residual residual;
};

/**
 * The line through `p`, of two points or more, with the least relative
 * squares; fixed >= 0, as times are.
 */
struct fit_line fit_line(const struct fit_points *p);

/** The line of that slope, `slope` > 0, likewise. */
struct fit_line fit_line_of_slope(const struct fit_points *p, double slope);

/**
 * Sort `p`, and make one point of those whose x lie within `within`,
 * relatively, of the first of them: their geometric means, or where all x are
 * one, the mean of the times.  The least and
 * the largest x stay what they are.
 */
void fit_merge(struct fit_points *p, double within);

/**
 * Make y rise with x, or stay, of sorted points: neighbours that do not are
 * replaced by their mean (pool adjacent violators: Barlow et al., Statistical
 * inference under order restrictions, 1972).
 */
void fit_rise(struct fit_points *p);

/**
 * A table of `p`, sorted and without two of the same x: as few of its points
 * as keep linear interpolation within `tolerance` of all.  Its spread is from
 * the noise of the repeats, what the table leaves, and half of what leaving
 * out each point of `p` in turn does to interpolation, which is then over
 * twice the distance: root of the sum of their mean squares.
 * curve_clear() releases it.
 */
struct curve fit_table(const struct fit_points *p, double tolerance);

/** How far `c` is from `p`. */
struct fit_residual fit_residual(const struct curve *c,
				 const struct fit_points *p);

/** The median of `n` >= 1 values, which it sorts. */
double fit_median(double *values, size_t n);

#endif
