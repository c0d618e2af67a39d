/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/simulate.h"

#include <math.h>

#include "evaluate/evaluate.h"
#include "sim/clock.h"

static enum status run(const struct sweep_point *c, const struct plan *plan,
		       double *decode_s, struct diag *d)
{
	struct graph *g = policy_graph(plan, c->model, &c->workload,
				       &c->hardware, SPAN_STEP);
	struct run_options options = run_whole(plan);
	struct run_result result;
	double clock;
	enum status st = clock_run(g, &c->workload, plan, &c->hardware,
				   &options, &clock, &result, d);

	graph_free(g);
	if (st == STATUS_OK)
		*decode_s = result.makespan_s;
	return st;
}

enum status sweep_simulate_decode(const struct sweep_point *c,
				  const struct policy *policy,
				  double *decode_s, struct diag *d)
{
	struct plan plan;
	enum status st = planner_plan(c->model, &c->workload, &c->hardware,
				      policy, &c->options, &plan, d);

	if (st != STATUS_OK)
		return st;
	st = run(c, &plan, decode_s, d);
	plan_clear(&plan);
	return st;
}

/* load-all, which may not fit. */
static enum status run_load_all(const struct sweep_point *c,
				const struct plan *like,
				struct sweep_result *r, struct diag *d)
{
	struct planner_options options = planner_like(like, c->load_all);
	struct diag unused;
	struct plan plan;
	enum status st;

	r->load_all_decode_s = NAN;
	if (like->policy == c->load_all) {
		r->load_all_decode_s = r->decode_s;
		return STATUS_OK;
	}
	options.without_glpk = true;
	if (planner_plan(c->model, &c->workload, &c->hardware, c->load_all,
			 &options, &plan, &unused) != STATUS_OK)
		return STATUS_OK;
	st = run(c, &plan, &r->load_all_decode_s, d);
	plan_clear(&plan);
	return st;
}

enum status sweep_simulate(const struct sweep_point *c, struct sweep_result *r,
			   struct diag *d)
{
	const struct sweep_needs *needs = &c->columns->needs;
	double first_token_s, clock;
	struct plan plan;
	enum status st = planner_plan(c->model, &c->workload, &c->hardware,
				      r->plan.policy, &c->options, &plan, d);

	if (st != STATUS_OK)
		return st;
	if (needs->decode || needs->load_all_decode)
		st = run(c, &plan, &r->decode_s, d);
	if (st == STATUS_OK && needs->prefill)
		st = evaluate_prefill(c->model, &c->workload, &c->hardware,
				      &plan, &first_token_s, &r->prefill_s,
				      &clock, d);
	if (st == STATUS_OK && needs->load_all_decode)
		st = run_load_all(c, &plan, r, d);
	plan_clear(&plan);
	return st;
}
