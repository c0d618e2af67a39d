/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure.h - figures of a reproduction's studies (plots/panels.gp). */
#ifndef REPRODUCE_FIGURE_H
#define REPRODUCE_FIGURE_H

#include "paper-repro/item.h"
#include "paper-repro/run.h"

/** Draw `f` of `item` over the results of its study into `path`. */
MUST_CHECK enum status reproduce_figure_draw(const struct item *item,
					     const struct item_figure *f,
					     const struct study_results *r,
					     const char *path,
					     struct diag *d);

/** Whether nothing of `f` has a value: there is nothing to draw. */
bool reproduce_figure_empty(const struct item_figure *f,
			    const struct study_results *r);

#endif
