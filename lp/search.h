/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * search.h - the search for a plan: decisions, splits and whether they fit.
 *
 * Of all combinations of open decisions that fit memory the first with the
 * shortest sum of periods over some steps, their splits chosen one by one:
 * over all steps for lp/planner.h, over one for lp/step.h.  Combinations whose
 * work is the same are left out once one meets the floor.
 *
 * Whether a plan fits depends on its splits in all steps.  Those that were not
 * asked for are chosen only where it matters: where a plan fits with none and
 * with the largest, or where its fixed part does not fit, the splits do not
 * change that (lp/room.h).
 *
 * On a machine with a power limit (model/power_limit.h) the steps that are
 * planned settle at a clock that depends on the splits, as these do on it: the
 * plan is the best at the clock at which it settles.
 *
 * An answer depends on the question alone, to the last bit, and not on what
 * was asked before.
 */
#ifndef LP_SEARCH_H
#define LP_SEARCH_H

#include <stddef.h>

#include "lp/kept_graphs.h"
#include "lp/planner.h"

/* Open: to be read once search_best() has found something. */
struct search {
	/* the question, borrowed */
	const struct llm *m;
	const struct workload *w;
	const struct hardware *full;	/* at the full clock */
	const struct planner_options *options;
	size_t first, count;		/* steps that are planned */
	/* its answer */
	struct plan plan;		/* with splits of these steps; they are
					 * the search's */
	const struct hardware *hw;	/* at the clock at which it settles */
	const struct kept_graph *graph;	/* of a layer of the plan, on hw */
	double sum_s;			/* [s] of the periods of a layer */
	double floor_s;			/* [s] no splits and no order of these
					 * tasks take less in these steps, of a
					 * layer each */
	struct hardware slower;		/* hw, unless that is full */
	/* kept from one question to the next */
	struct kept_graphs *graphs;
	size_t *splits[2], most_steps;	/* of a candidate, and the best's */
};

/** A search that has seen nothing; search_free() releases it. */
struct search *search_new(void);

/** Release `s`; NULL is a no-op. */
void search_free(struct search *s);

/**
 * Find the best plan under `policy` for steps `first` .. `first` + `count` - 1.
 * STATUS_INVALID, STATUS_INFEASIBLE and STATUS_SOLVER as planner_plan().
 */
MUST_CHECK enum status search_best(struct search *s, const struct llm *m,
				   const struct workload *w,
				   const struct hardware *hw,
				   const struct policy *policy,
				   const struct planner_options *options,
				   size_t first, size_t count, struct diag *d);

/**
 * Go over to a plan that does not keep X of generated tokens, if no step comes
 * to need it.
 */
void search_trim(struct search *s);

/**
 * What the paper's form of the plan chooses for `step`, whatever the split
 * minimises; all that a policy without a choice recomputes.
 */
size_t search_paper_split(const struct search *s, size_t step);

/**
 * STATUS_INVALID, naming the figure, if `layer`, a graph of `policy`, needs one
 * that `hw` does not state.
 */
MUST_CHECK enum status search_check_figures(const struct graph *layer,
					    const struct hardware *hw,
					    const struct policy *policy,
					    struct diag *d);

#endif
