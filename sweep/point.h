/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * point.h - a point of a sweep as a case, and its plan at one step.
 *
 * The step is the middle one of the decode, as for the certificate of
 * `kvplan plan`.
 */
#ifndef SWEEP_POINT_H
#define SWEEP_POINT_H

#include "lp/step.h"
#include "sweep/columns.h"

/* What `auto` takes the policy with the least of. */
enum sweep_objective {
	SWEEP_LEAST_STEP,		/* time at the step that is planned */
	SWEEP_LEAST_DECODE,		/* of the decode, simulated */
	SWEEP_LEAST_GPU_BYTES, SWEEP_LEAST_HOST_BYTES,
	SWEEP_OBJECTIVES
};

/* By the columns that they are. */
extern const char *const sweep_point_objectives[SWEEP_OBJECTIVES];

/* Plain data, borrowed but for the machine and the workload. */
struct sweep_point {
	const struct llm *model;
	struct workload workload;
	struct hardware hardware;
	struct planner_options options;
	const struct policy *policy;	/* NULL: the best by `objective` */
	enum sweep_objective objective;
	const struct policy *load_all;
	struct step_planner *planner;
	const struct sweep_columns *columns;
};

/**
 * Plan `c` under its policy, or under each and take the best by its objective
 * of those that fit and that leave to the user what the user decided, of
 * equals the one with the shortest step, of these the first.  STATUS_INVALID
 * and STATUS_INFEASIBLE as step_plan(); of several policies why none can be
 * taken, as evaluate_pass_over() keeps it.
 */
MUST_CHECK enum status sweep_point_plan(const struct sweep_point *c,
				       struct step_plan *out, struct diag *d);

/** The same under `policy`. */
MUST_CHECK enum status sweep_point_plan_as(const struct sweep_point *c,
					  const struct policy *policy,
					  struct step_plan *out,
					  struct diag *d);

/**
 * A layer's time [s] under load-all with the user's decisions of `like`; NAN
 * if it does not fit, or is not to be had with them.
 */
double sweep_point_load_all(const struct sweep_point *c,
			   const struct step_plan *like);

#endif
