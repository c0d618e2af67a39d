/* SPDX-License-Identifier: GPL-3.0-or-later */
/* make.h - one item, simulated: what reports and files are of. */
#ifndef REPRODUCE_MAKE_H
#define REPRODUCE_MAKE_H

#include "paper-repro/band.h"
#include "paper-repro/item.h"
#include "paper-repro/run.h"
#include "paper-repro/view.h"

struct reproduction {
	const struct item_index *index;
	struct item item;
	struct study_results *results;	/* of each study */
	struct view *views;		/* of each metric of each study */
	size_t nviews;
	struct band *bands;		/* of each headline */
	char **findings;		/* filled in */
};

/**
 * Load the item `name` of `x` and simulate it; `x` and `cases` must outlive
 * `*out`, which the caller releases with reproduce_make_clear().
 */
MUST_CHECK enum status reproduce_make(const struct item_index *x,
				      const char *name, struct cases *cases,
				      struct reproduction *out,
				      struct diag *d);

/** Release what `r` owns. */
void reproduce_make_clear(struct reproduction *r);

#endif
