/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fit_budget.h - the cheapest change of a machine that reaches a time.
 *
 * Answers are found with the planner's steady time per token (lp/pace.h),
 * which never rises as the machine gets better, by lp/budget.h.  That time is
 * then held against the simulation, which is what `kvplan plan` prints, and
 * the search is done again for a time as much shorter or longer, until the
 * simulation is where it should be.
 */
#ifndef CLI_FIT_BUDGET_H
#define CLI_FIT_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

#include "evaluate/evaluate.h"
#include "lp/budget.h"
#include "lp/upgrade.h"

/* Something that can be bought. */
struct fit_item {
	struct upgrade upgrade;
	double cost;			/* of a doubling, > 0 */
};

/* The cheapest way that changes some of the items. */
struct fit_answer {
	bool uses[BUDGET_MOST];		/* which may change */
	bool alone;			/* one of them */
	bool reached;			/* else the rest is of the best that
					 * they can do */
	double factor[BUDGET_MOST];	/* of each item, >= 1 */
	double cost;			/* INFINITY if it is not reached */
	double slack;			/* of that, at most too much */
	struct outcome outcome;		/* simulated there */
};

enum { FIT_MOST_ANSWERS = BUDGET_MOST + 2 };

struct fit_budget {
	double target_s;		/* [s] per token */
	struct fit_item items[BUDGET_MOST];
	size_t n;
	struct outcome now;		/* if it fits */
	bool fits_now;
	struct fit_answer answers[FIT_MOST_ANSWERS];
	size_t nanswers;
};

/**
 * Fill in what follows `n`: an answer for each item alone, for all but memory
 * together, and for all.  The caller releases `*f`, on failure too, with
 * fit_budget_clear().  STATUS_USAGE for an item that the machine does not
 * state; else fails as planner_plan(), but for what does not fit.
 */
MUST_CHECK enum status fit_budget_make(const struct decode_case *c,
				       struct fit_budget *f, struct diag *d);

/** Release what `f` owns. */
void fit_budget_clear(struct fit_budget *f);

/** The cheapest answer, the first of equals; NULL: none reaches it. */
const struct fit_answer *fit_budget_cheapest(const struct fit_budget *f);

/** The needed value of item `i` [SI]. */
double fit_budget_value(const struct fit_budget *f, const struct decode_case *c,
			const struct fit_answer *a, size_t i);

#endif
