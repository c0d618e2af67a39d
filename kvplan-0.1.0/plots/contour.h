/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * contour.h - lines of equal height over a grid (marching squares).
 *
 * Heights are given at the crossings of x_0 < x_1 < ... and y_0 < y_1 < ...,
 * row by row: z[j * nx + i].  Between them they are taken to be linear along
 * each edge.  A cell with a corner that is NAN has no lines.
 */
#ifndef PLOTS_CONTOUR_H
#define PLOTS_CONTOUR_H

#include <stddef.h>

struct contour_segment {
	double x0, y0, x1, y1;
};

struct contour_grid {
	const double *x, *y, *z;
	size_t nx, ny;
};

/**
 * The segments at which the height is `level`; `*n` of them, the caller frees.
 * Where all four edges of a cell are crossed, the height in its middle, the
 * mean of the corners, says which belong together.  Cannot fail.
 */
struct contour_segment *contour_lines(const struct contour_grid *g,
				      double level, size_t *n);

#endif
