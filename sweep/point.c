/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/point.h"

#include <math.h>

enum status sweep_point_plan_as(const struct sweep_point *c,
			       const struct policy *policy,
			       struct step_plan *out, struct diag *d)
{
	return step_plan(c->planner, c->model, &c->workload, &c->hardware,
			 policy, &c->options, workload_steps(&c->workload) / 2,
			 out, d);
}

enum status sweep_point_plan(const struct sweep_point *c, struct step_plan *out,
			    struct diag *d)
{
	size_t n;
	const struct policy *const *all = policy_list(&n);
	struct step_plan best = { .layer_s = INFINITY };
	enum status why = STATUS_OK;

	if (c->policy != NULL)
		return sweep_point_plan_as(c, c->policy, out, d);
	for (size_t i = 0; i < n; i++) {
		struct step_plan p;
		struct diag mine;
		enum status st = sweep_point_plan_as(c, all[i], &p, &mine);

		if (st == STATUS_OK && p.layer_s < best.layer_s)
			best = p;
		if (st == STATUS_OK || why == STATUS_INFEASIBLE)
			continue;
		why = st;
		*d = mine;
	}
	if (best.layer_s == INFINITY)
		return why;
	*out = best;
	return STATUS_OK;
}

double sweep_point_load_all(const struct sweep_point *c,
			   const struct step_plan *like)
{
	struct plan plan = step_decisions(like, &c->workload);
	struct planner_options options = planner_like(&plan, c->load_all);
	struct step_plan p;
	struct diag unused;

	if (like->policy == c->load_all)
		return like->layer_s;
	if (step_plan(c->planner, c->model, &c->workload, &c->hardware,
		      c->load_all, &options, like->step, &p, &unused) !=
	    STATUS_OK)
		return NAN;
	return p.layer_s;
}
