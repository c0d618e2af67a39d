/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * grid.h - the rows of a sheet laid out over two axes, for plots/grid.gp.
 *
 * Cells, one for each pair of values, where the rows make a grid, even one
 * with gaps; points where they do not.
 */
#ifndef CLI_GRID_H
#define CLI_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/chart.h"

#define GRID_NO_ROW SIZE_MAX

struct grid {
	const struct sheet *s;
	struct chart_axis x, y;
	size_t color;			/* the column that is shown, */
	size_t gain, step;		/* and these two, if the file */
	bool has_gain, has_step;	/* has them */
	bool scattered;			/* points, not cells */
	size_t *row;			/* of each cell, or GRID_NO_ROW */
};

/** Ask for the columns of the axes that were named; STATUS_USAGE. */
MUST_CHECK enum status grid_want_axes(const struct chart *c, struct diag *d);

/**
 * After sheet_read(): the axes that were named, or else the first inputs that
 * vary.  STATUS_USAGE if there are none, or they are the same.
 */
MUST_CHECK enum status grid_make_axes(const struct chart *c, struct grid *g,
				      struct diag *d);

/**
 * Lay out the rows over the axes.  With `fastest`, rows that differ in the
 * colour's column alone may share a point: the one with the least step_s
 * counts.  STATUS_USAGE if others do.
 */
MUST_CHECK enum status grid_lay_out(struct grid *g, bool fastest,
				    struct diag *d);

/** Release what `g` owns. */
void grid_clear(struct grid *g);

/** The row of the cell at places `i` and `j`. */
size_t *grid_cell(const struct grid *g, size_t i, size_t j);

/** Where cells `i` - 1 and `i` of `a` meet; the outer edges at 0 and n. */
double grid_edge(const struct chart_axis *a, size_t i);

/**
 * The colour of `row`: a number [SI], or the index of a category; NAN if it
 * has none, or the point failed.
 */
double grid_color(const struct grid *g, size_t row, bool category);

/** Write both axes. */
void grid_write_axes(const struct grid *g, FILE *out);

/**
 * Write $cells and $dots, numbers times `scale`; whether there are gaps.  Where
 * cells are many, neighbours whose numbers differ by `same` [SI] at most are
 * written as one.
 */
bool grid_write_cells(const struct grid *g, bool category, double scale,
		      double same, FILE *out);

/** Write a row of the key for the ground, where there is no cell. */
void grid_write_gap(FILE *out);

#endif
