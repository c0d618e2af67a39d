/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * step.h - plans one decode step, for those who ask a hundred thousand times
 * a second.
 *
 * What lp/planner.h chooses for a whole decode, chosen for one step of it by
 * the same search (lp/search.h): given the decisions, split and period are the
 * planner's.  Nothing is read, and graphs are kept from one question to the
 * next.  An answer depends on the question alone, to the last bit, and not on
 * what was asked before.
 */
#ifndef LP_STEP_H
#define LP_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "lp/planner.h"
#include "schedule/bound.h"

struct step_planner;		/* opaque: for one thread */

/* Times are those of one layer, all batches of it. */
struct step_plan {
	const struct policy *policy;
	double decision[DECISION_COUNT];
	bool whole_sequence;
	size_t step, cached;		/* the step and its s' */
	double clock;			/* at which this step settles */
	size_t split;
	size_t paper_split;		/* as certificate.h: of the form that is
					 * the policy's, whatever `options`
					 * have the split minimise */
	double layer_s;			/* [s] T, the period */
	double floor_s;			/* [s] no split and no order of these
					 * tasks takes less */
	enum engine bound;		/* most of the critical cycle */
	enum bound_shared shared;	/* that binds, or BOUND_SHARED */
};

/** A planner that has seen nothing; step_planner_free() releases it. */
struct step_planner *step_planner_new(void);

/** Release `p`; NULL is a no-op. */
void step_planner_free(struct step_planner *p);

/**
 * Plan step `step` of the decode of `w` under `policy`.  STATUS_INVALID,
 * STATUS_INFEASIBLE and, with the paper's programs, STATUS_SOLVER as
 * planner_plan().
 */
MUST_CHECK enum status step_plan(struct step_planner *p, const struct llm *m,
				 const struct workload *w,
				 const struct hardware *hw,
				 const struct policy *policy,
				 const struct planner_options *options,
				 size_t step, struct step_plan *out,
				 struct diag *d);

/** `plan` without its splits: its policy and decisions, for planner_like(). */
struct plan step_decisions(const struct step_plan *plan,
			   const struct workload *w);

/** What `plan` keeps where, its split taken in every step that allows it. */
struct memory step_memory(const struct llm *m, const struct workload *w,
			  const struct step_plan *plan);

#endif
