/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gnuplot.h - draws a picture with gnuplot.
 *
 * gnuplot reads from its standard input the data, then plots/style.gp, then
 * plots/NAME.gp; the scripts say which variables and datablocks they expect.
 */
#ifndef PLOTS_GNUPLOT_H
#define PLOTS_GNUPLOT_H

#include <stdio.h>

#include "base/diag.h"

/**
 * What gnuplot_draw() would draw into `path`: leave `*format`, or if it is NULL
 * take it from the end of `path`.  STATUS_USAGE as there.
 */
MUST_CHECK enum status gnuplot_format(const char *path, const char **format,
				      struct diag *d);

/**
 * Draw plots/`script`.gp over `data` (gnuplot assignments and datablocks)
 * into `path`.  `format` is "png", "svg" or "pdf", or NULL to take it from
 * the end of `path`.  The picture appears whole or not at all.
 * STATUS_USAGE for an unknown format, STATUS_IO if gnuplot is missing or
 * fails, with its first message, or draws nothing.
 */
MUST_CHECK enum status gnuplot_draw(const char *script, const char *data,
				    const char *path, const char *format,
				    struct diag *d);

/** STATUS_IO if gnuplot cannot be run: to be asked before much work. */
MUST_CHECK enum status gnuplot_check(struct diag *d);

/** Write NAME = 'TEXT', quoted for gnuplot, to `out`. */
void gnuplot_assign(FILE *out, const char *name, const char *text);

/** Write `text` in double quotes, as datablocks and commands take it. */
void gnuplot_write_word(const char *text, FILE *out);

/** The same as the label of a tic, which is a format. */
void gnuplot_write_tic(const char *text, FILE *out);

#endif
