/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_band.h - a picture of a headline's band (plots/band.gp). */
#ifndef REPRODUCE_FIGURE_BAND_H
#define REPRODUCE_FIGURE_BAND_H

#include "paper-repro/band.h"

/** Draw `b`, a row for each of its numbers, into `path`. */
MUST_CHECK enum status reproduce_figure_band(const struct band *b,
					     const char *path,
					     struct diag *d);

#endif
