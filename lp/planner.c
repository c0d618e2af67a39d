/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/planner.h"

#include <math.h>
#include <string.h>

#include "base/xalloc.h"
#include "lp/period.h"
#include "lp/search.h"

/*
 * How far, relatively, the program may lie from the cycle ratio: GLPK's
 * tolerance (lp/solver.c) adds up over a cycle of thousands of tasks, while
 * another cycle or split is further off.
 */
#define AGREE 1e-7

struct planner_options planner_like(const struct plan *plan,
				    const struct policy *policy)
{
	struct planner_options o = { .program = PROGRAM_PERIOD };

	for (int i = 0; i < DECISION_COUNT; i++) {
		o.fix[i] = policy->rules[i].decider == DECIDED_BY_USER &&
			   (i != DECISION_PREFETCH ||
			    policy == plan->policy);
		o.value[i] = plan->decision[i];
	}
	return o;
}

/*
 * The last step's period once more, if it was minimised, by GLPK: the two
 * know nothing of one another, so a mistake in either shows.
 */
static enum status check_period(const struct search *s, struct diag *d)
{
	size_t last = s->plan.steps - 1, split = s->plan.split[last];
	size_t cached = workload_cached(s->w, last);
	double found_s, program_s;
	enum status st;

	if (s->options->program != PROGRAM_PERIOD ||
	    s->plan.policy->split != SPLIT_OPEN || s->options->without_glpk)
		return STATUS_OK;
	found_s = steady_at(s->graph->steady, (double)cached, (double)split)
			  .period_s;
	st = period_at_split(s->graph->layer, s->hw, cached, split,
			     &program_s, d);
	if (st == STATUS_OK && fabs(program_s - found_s) > AGREE * found_s)
		st = diag_fail(d, STATUS_SOLVER,
			       "at %zu cached tokens and split %zu the longest "
			       "cycle takes %.9g s and GLPK's program %.9g s: "
			       "please report this case",
			       cached, split, found_s, program_s);
	return st;
}

enum status planner_check_figures(const struct llm *m,
				  const struct workload *w,
				  const struct hardware *hw,
				  const struct plan *plan, struct diag *d)
{
	struct graph *g = policy_graph(plan, m, w, hw, SPAN_LAYER);
	enum status s = search_check_figures(g, hw, plan->policy, d);

	graph_free(g);
	return s;
}

enum status planner_plan(const struct llm *m, const struct workload *w,
			 const struct hardware *hw,
			 const struct policy *policy,
			 const struct planner_options *options,
			 struct plan *out, struct diag *d)
{
	struct search *s = search_new();
	size_t steps = workload_steps(w);
	enum status st = search_best(s, m, w, hw, policy, options, 0, steps,
				     d);

	if (st == STATUS_OK) {
		search_trim(s);
		st = check_period(s, d);
	}
	if (st == STATUS_OK) {
		*out = s->plan;
		out->split = xcalloc(steps, sizeof *out->split);
		memcpy(out->split, s->plan.split, steps * sizeof *out->split);
	}
	search_free(s);
	return st;
}
