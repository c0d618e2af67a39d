/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * planner.h - fills in the decisions that a policy leaves open.
 */
#ifndef LP_PLANNER_H
#define LP_PLANNER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "model/hardware.h"
#include "model/llm.h"
#include "model/workload.h"
#include "schedule/policy.h"

/* What an open split minimises. */
enum planner_program {
	PROGRAM_PERIOD,		/* the schedule's own period (lp/steady.h) */
	PROGRAM_ROW,		/* the paper's row form (lp/paper_split.h) */
	PROGRAM_COLUMN,		/* the paper's column form */
};

/* What the user fixed; the rest is planned. */
struct planner_options {
	enum planner_program program;
	bool whole_sequence;		/* l <= s' instead of l <= prompt */
	bool fix_split;			/* the same `split` in every step, */
	size_t split;			/* cut to what a step allows */
	bool fix[DECISION_COUNT];
	double value[DECISION_COUNT];	/* of those that are fixed */
	bool without_glpk;		/* for thousands of plans: the closed
					 * form and the cycle ratio alone, not
					 * held against GLPK's programs */
};

/**
 * Options for planning `policy` as a baseline of `plan`: nothing fixed but
 * the user's decisions of `policy`, as `plan` has them; the prefetch depth
 * is left to the policy, unless that is `plan`'s own.
 */
struct planner_options planner_like(const struct plan *plan,
				    const struct policy *policy);

/**
 * Plan a decode under `policy`.  An open split is chosen for every step, by
 * the program of `options`; the other open decisions, if the period is
 * minimised, are those with the shortest decode among all combinations that
 * fit memory, of equals the first (of prefetch depths 0 to
 * PLANNER_MOST_PREFETCH, and as many more as there are other batches); with
 * the paper's programs the depth is what each supposes, 0 for the row form and
 * 1 for the column form, where X travels under other work.  The caller
 * releases `*out` with plan_clear().
 *
 * STATUS_INVALID for a decision that the policy does not leave open, or a
 * figure that it needs and `hw` does not state; STATUS_INFEASIBLE if no
 * combination fits memory; STATUS_SOLVER if GLPK fails, or disagrees with the
 * closed form of the paper's program or, at the last step, with the period
 * that was minimised, unless `options` do without it.
 */
MUST_CHECK enum status planner_plan(const struct llm *m,
				    const struct workload *w,
				    const struct hardware *hw,
				    const struct policy *policy,
				    const struct planner_options *options,
				    struct plan *out, struct diag *d);

/**
 * STATUS_INVALID, naming the figure, if `plan` needs one that `hw` does not
 * state.
 */
MUST_CHECK enum status planner_check_figures(const struct llm *m,
					     const struct workload *w,
					     const struct hardware *hw,
					     const struct plan *plan,
					     struct diag *d);

/*
 * Beyond three slots ahead nothing is left to hide: loads are in order, and
 * one slot of slack already decouples them from compute.  With several
 * batches the weights of the next layer stand in their way once a layer, which
 * takes up to a layer's batches of slack more; not all are tried where they
 * are many.
 */
enum { PLANNER_MOST_PREFETCH = 3, PLANNER_MOST_BATCHES = 16 };

#endif
