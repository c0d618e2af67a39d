/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/point.h"

#include <math.h>

#include "evaluate/evaluate.h"
#include "model/memory.h"
#include "sweep/simulate.h"

const char *const sweep_point_objectives[SWEEP_OBJECTIVES] = {
	"step_s", "decode_s", "gpu_bytes", "host_bytes",
};

enum status sweep_point_plan_as(const struct sweep_point *c,
			       const struct policy *policy,
			       struct step_plan *out, struct diag *d)
{
	return step_plan(c->planner, c->model, &c->workload, &c->hardware,
			 policy, &c->options, workload_steps(&c->workload) / 2,
			 out, d);
}

/* What of a policy's plan is to be the least. */
static enum status find_cost(const struct sweep_point *c,
			     const struct step_plan *p, double *cost,
			     struct diag *d)
{
	struct memory mem;

	switch (c->objective) {
	case SWEEP_LEAST_STEP:
	case SWEEP_OBJECTIVES:
		break;
	case SWEEP_LEAST_DECODE:
		return sweep_simulate_decode(c, p->policy, cost, d);
	case SWEEP_LEAST_GPU_BYTES:
	case SWEEP_LEAST_HOST_BYTES:
		mem = step_memory(c->model, &c->workload, p);
		*cost = memory_used(&mem, c->objective ==
					  SWEEP_LEAST_GPU_BYTES
						  ? MEMORY_GPU : MEMORY_HOST);
		return STATUS_OK;
	}
	*cost = p->layer_s;
	return STATUS_OK;
}

enum status sweep_point_plan(const struct sweep_point *c, struct step_plan *out,
			    struct diag *d)
{
	size_t n;
	const struct policy *const *all = policy_list(&n);
	struct step_plan best = { .policy = NULL };
	enum status why = STATUS_OK;
	double least = INFINITY;

	if (c->policy != NULL)
		return sweep_point_plan_as(c, c->policy, out, d);
	for (size_t i = 0; i < n; i++) {
		struct step_plan p;
		struct diag mine;
		double cost;
		enum status st = sweep_point_plan_as(c, all[i], &p, &mine);

		if (st == STATUS_INVALID)
			st = STATUS_USAGE;	/* as evaluate() has it */
		if (st == STATUS_OK)
			st = find_cost(c, &p, &cost, &mine);
		if (evaluate_pass_over(st, &mine, &why, d))
			continue;
		if (st != STATUS_OK) {
			*d = mine;
			return st;
		}
		if (cost < least ||
		    (cost == least && p.layer_s < best.layer_s)) {
			best = p;
			least = cost;
		}
	}
	if (best.policy == NULL)
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
