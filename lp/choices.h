/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * choices.h - the combinations of decisions that a search has to try.
 *
 * A decision that the user fixed, or that is the policy's, has one value; an
 * open one has all whole numbers between two.  For lp/search.h.
 */
#ifndef LP_CHOICES_H
#define LP_CHOICES_H

#include <stdbool.h>

#include "lp/planner.h"

/* Values to try of each decision: first .. last, in whole steps. */
struct choices {
	struct choices_range {
		double first, last;
	} of[DECISION_COUNT];
};

/**
 * STATUS_INVALID if `options` fix what the policy of `plan` decides itself,
 * or a split that none of its steps on `w` allows.
 */
MUST_CHECK enum status choices_check(const struct plan *plan,
				     const struct workload *w,
				     const struct planner_options *options,
				     struct diag *d);

/** What there is to try for `plan`'s policy; the first into `plan`. */
struct choices choices_begin(struct plan *plan, const struct workload *w,
			     const struct planner_options *options);

/** The next combination into `decision`; false after the last. */
bool choices_next(const struct choices *c, double decision[DECISION_COUNT]);

#endif
