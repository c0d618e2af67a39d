/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/step.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "lp/search.h"

struct step_planner {
	struct search *search;
	double *on_cycle;		/* of the tasks of one graph */
	size_t ntasks;
};

struct step_planner *step_planner_new(void)
{
	struct step_planner *p = xcalloc(1, sizeof *p);

	p->search = search_new();
	return p;
}

void step_planner_free(struct step_planner *p)
{
	if (p == NULL)
		return;
	search_free(p->search);
	free(p->on_cycle);
	free(p);
}

static void read_cycle(struct step_planner *planner, struct step_plan *p)
{
	const struct search *s = planner->search;
	const struct graph *layer = s->graph->layer;
	double engine_s[ENGINE_COUNT] = { 0.0 };
	double on_shared[BOUND_SHARED], handoff;

	if (planner->ntasks < layer->ntasks) {
		planner->on_cycle = xrealloc_array(planner->on_cycle,
						   layer->ntasks,
						   sizeof(double));
		planner->ntasks = layer->ntasks;
	}
	steady_weights(s->graph->steady, planner->on_cycle, on_shared,
		       &handoff);
	for (size_t i = 0; i < layer->ntasks; i++) {
		const struct work *w = &layer->works[layer->tasks[i].work];

		if (planner->on_cycle[i] > 0.0)
			engine_s[w->engine] += planner->on_cycle[i] *
				work_seconds(w, s->hw, (double)p->cached,
					     (double)p->split);
	}
	p->bound = ENGINE_H2D;
	for (int e = 0; e < ENGINE_COUNT; e++)
		if (engine_s[e] > engine_s[p->bound])
			p->bound = (enum engine)e;
	p->shared = BOUND_COPIES;
	while (p->shared < BOUND_SHARED && !(on_shared[p->shared] > 0.0))
		p->shared++;
}

enum status step_plan(struct step_planner *p, const struct llm *m,
		      const struct workload *w, const struct hardware *hw,
		      const struct policy *policy,
		      const struct planner_options *options, size_t step,
		      struct step_plan *out, struct diag *d)
{
	struct search *s = p->search;
	struct step_plan found = { .policy = policy, .step = step,
				   .cached = workload_cached(w, step) };
	enum status st = search_best(s, m, w, hw, policy, options, step, 1,
				     d);

	if (st != STATUS_OK)
		return st;
	found.split = s->plan.split[step];
	search_trim(s);
	found.paper_split = search_paper_split(s, step);
	memcpy(found.decision, s->plan.decision, sizeof found.decision);
	found.whole_sequence = s->plan.whole_sequence;
	found.floor_s = s->floor_s;
	found.clock = s->hw->gemm_derate / hw->gemm_derate;
	found.layer_s = steady_at(s->graph->steady, (double)found.cached,
				  (double)found.split).period_s;
	read_cycle(p, &found);
	*out = found;
	return STATUS_OK;
}

struct plan step_decisions(const struct step_plan *plan,
			   const struct workload *w)
{
	struct plan p = { .policy = plan->policy,
			  .steps = workload_steps(w),
			  .whole_sequence = plan->whole_sequence };

	memcpy(p.decision, plan->decision, sizeof p.decision);
	return p;
}

struct memory step_memory(const struct llm *m, const struct workload *w,
			  const struct step_plan *plan)
{
	struct plan p = step_decisions(plan, w);
	struct memory mem;

	p.split = xcalloc(p.steps, sizeof *p.split);
	for (size_t i = 0; i < p.steps; i++) {
		size_t limit = plan_split_limit(&p, w, i);

		p.split[i] = plan->split < limit ? plan->split : limit;
	}
	p.policy->memory(m, w, &p, &mem);
	plan_clear(&p);
	return mem;
}
