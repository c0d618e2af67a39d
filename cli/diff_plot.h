/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diff_plot.h - one layer of one step in two traces, under one another. */
#ifndef CLI_DIFF_PLOT_H
#define CLI_DIFF_PLOT_H

#include "traces/trace.h"

/** STATUS_INVALID if one has no such layer to draw. */
MUST_CHECK enum status diff_plot_check(const struct trace traces[2],
				       size_t step, size_t layer,
				       struct diag *d);

/**
 * Draw `layer` of `step` of the first GPU in both `traces` into `path`, each
 * from its own first start on.  Fails as diff_plot_check() and
 * gnuplot_draw().
 */
MUST_CHECK enum status diff_plot(const struct trace traces[2],
				 const char *const titles[2], size_t step,
				 size_t layer, const char *path,
				 struct diag *d);

#endif
