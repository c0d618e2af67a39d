/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sweep_plot.h - the picture that fits what a sweep varies, as 'kvplan plot'
 * would draw its file: over one input lines, over two which policy is the
 * fastest, or how much is recomputed if there is but one.
 */
#ifndef CLI_SWEEP_PLOT_H
#define CLI_SWEEP_PLOT_H

#include "sweep/sweep.h"

/**
 * STATUS_USAGE if there is none: with no input that varies, or with more than
 * two, policies apart; if a column is not asked for that the picture is made
 * of; or if `path` has not the name of a picture.
 */
MUST_CHECK enum status sweep_plot_check(const struct sweep *s,
					const char *path, struct diag *d);

/** Draw the CSV file `rows`, which `s` wrote, into `path`. */
MUST_CHECK enum status sweep_plot_draw(const struct sweep *s, const char *rows,
				       const char *path, struct diag *d);

#endif
