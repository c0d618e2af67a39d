/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plot_file.h - a picture of the rows of a CSV file. */
#ifndef CLI_PLOT_FILE_H
#define CLI_PLOT_FILE_H

#include <stddef.h>
#include <stdio.h>

#include "base/diag.h"
#include "cli/plot.h"

/* What to draw of it; NULL where nothing was said. */
struct plot_file_options {
	const char *x, *y, *color;	/* columns */
	const char **where;		/* "COLUMN=VALUE"; the owner frees
					 * the array */
	size_t nwhere;
	const char *path;		/* NULL: a stream; else what a sweep
					 * wrote beside it tells its inputs */
};

/** Add `text`, which must outlive `o`. */
void plot_file_add_where(struct plot_file_options *o, const char *text);

/**
 * Draw the rows of `in`, called `source` in messages, as `plot`, which is of
 * files, into `output`; `format` as gnuplot_draw().  Fails as that, as
 * sheet_open() and sheet_read(), or with STATUS_USAGE if the columns are not
 * such as can be drawn.
 */
MUST_CHECK enum status plot_file(const struct plot *plot, FILE *in,
				 const char *source,
				 const struct plot_file_options *o,
				 const char *output, const char *format,
				 struct diag *d);

#endif
