/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evaluate/evaluate.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "sim/clock.h"

static enum status check_memory(const struct decode_case *c,
				const struct plan *plan, struct memory *out,
				struct diag *d)
{
	plan->policy->memory(&c->model, &c->workload, plan, out);
	return memory_check(out, &c->hardware, d);
}

static enum status make_plan(const struct decode_case *c,
			     const struct policy *policy,
			     const struct plan *like, struct plan *out,
			     struct diag *d)
{
	struct planner_options options = like ? planner_like(like, policy)
					      : c->planner;
	enum status s;

	if (c->has_plan && policy == c->policy) {
		*out = c->plan;
		out->split = xcalloc(out->steps, sizeof *out->split);
		memcpy(out->split, c->plan.split,
		       out->steps * sizeof *out->split);
		return planner_check_figures(&c->model, &c->workload,
					     &c->hardware, out, d);
	}
	s = planner_plan(&c->model, &c->workload, &c->hardware, policy,
			 &options, out, d);
	return diag_usage(s);
}

enum status evaluate_plan(const struct decode_case *c,
			  const struct policy *policy, struct plan *out,
			  struct diag *d)
{
	struct memory memory;
	struct plan plan = { 0 };
	enum status s = make_plan(c, policy, NULL, &plan, d);

	if (s == STATUS_OK)
		s = check_memory(c, &plan, &memory, d);
	if (s != STATUS_OK)
		plan_clear(&plan);
	else
		*out = plan;
	return s;
}

static enum status simulate(const struct decode_case *c,
			    struct timeline *timeline, struct outcome *o,
			    struct diag *d)
{
	struct graph *g = policy_graph(&o->plan, &c->model, &c->workload,
				       &c->hardware, SPAN_STEP);
	struct run_options options = run_whole(&o->plan);
	enum status s;

	o->step_end_s = xcalloc(o->plan.steps, sizeof *o->step_end_s);
	options.step_end_s = o->step_end_s;
	options.timeline = timeline;
	s = clock_run(g, &c->workload, &o->plan, &c->hardware, &options,
		      &o->clock, &o->run, d);
	graph_free(g);
	return s;
}

enum status evaluate_prefill(const struct llm *m, const struct workload *w,
			     const struct hardware *hw,
			     const struct plan *plan, double *first_token_s,
			     double *prefill_s, double *clock, struct diag *d)
{
	struct graph *g = policy_graph(plan, m, w, hw, SPAN_PREFILL);
	double *step_end_s = xcalloc(plan->steps, sizeof *step_end_s);
	const struct run_options once = { .end_step = 1,
					  .step_end_s = step_end_s };
	struct run_result result;
	enum status s = clock_run(g, w, plan, hw, &once, clock, &result, d);

	graph_free(g);
	if (s == STATUS_OK) {
		*prefill_s = result.makespan_s;
		*first_token_s = step_end_s[0];
	}
	free(step_end_s);
	return s;
}

static void summarise(const struct decode_case *c, struct outcome *o)
{
	double requests = (double)(workload_requests(&c->workload) *
				   c->workload.gpus);
	double steps = (double)o->plan.steps;

	o->decode_s = o->run.makespan_s;
	o->step_s = o->decode_s / steps;
	o->tokens_per_s = requests * steps / o->decode_s;
	o->total_s = o->prefill_s + o->decode_s;
	o->total_tokens_per_s = requests * (double)c->workload.gen /
				o->total_s;
	for (int e = 0; e < ENGINE_COUNT; e++)
		if (o->run.engine[e].busy_s > o->run.engine[o->bound].busy_s)
			o->bound = (enum engine)e;
}

/* How sure the decode's time is, if it is from a calibration. */
static void find_trust(const struct decode_case *c, struct outcome *o)
{
	size_t last = o->plan.steps - 1;
	const size_t steps[] = { last / 2, 0, last };
	struct graph *g;

	if (c->hardware.calibration == NULL)
		return;
	g = policy_graph(&o->plan, &c->model, &c->workload, &c->hardware,
			 SPAN_LAYER);
	for (size_t i = 0; i < 3; i++) {
		size_t step = steps[i];
		struct trust t = trust_make(
			g, &c->hardware,
			(double)workload_cached(&c->workload, step),
			(double)o->plan.split[step], o->bound);

		if (i == 0)
			o->trust = t;
		else
			trust_widen(&o->trust, &t);
	}
	graph_free(g);
}

enum status evaluate(const struct decode_case *c, const struct policy *policy,
		     const struct plan *like, struct timeline *timeline,
		     struct outcome *out, struct diag *d)
{
	struct outcome o = { .bound = ENGINE_H2D };
	enum status s = make_plan(c, policy, like, &o.plan, d);

	if (s == STATUS_OK)
		s = check_memory(c, &o.plan, &o.memory, d);	/* a file's */
	if (s == STATUS_OK)
		s = evaluate_prefill(&c->model, &c->workload, &c->hardware,
				     &o.plan, &o.first_token_s, &o.prefill_s,
				     &o.prefill_clock, d);
	if (s == STATUS_OK)
		s = simulate(c, timeline, &o, d);
	if (s != STATUS_OK) {
		outcome_clear(&o);
		return s;
	}
	summarise(c, &o);
	find_trust(c, &o);
	*out = o;
	return STATUS_OK;
}

bool evaluate_pass_over(enum status s, const struct diag *mine,
			enum status *why, struct diag *d)
{
	if (s != STATUS_INFEASIBLE && s != STATUS_USAGE)
		return false;
	if (*why != STATUS_INFEASIBLE) {
		*why = s;
		*d = *mine;
	}
	return true;
}

enum status evaluate_best(const struct decode_case *c,
			  const struct policy **policy, struct outcome *out,
			  struct diag *d)
{
	size_t n;
	const struct policy *const *all = policy_list(&n);
	struct outcome best = { .bound = ENGINE_H2D };
	enum status why = STATUS_OK;

	*policy = NULL;
	for (size_t i = 0; i < n; i++) {
		struct outcome o;
		struct diag mine;
		enum status s = evaluate(c, all[i], NULL, NULL, &o, &mine);

		if (evaluate_pass_over(s, &mine, &why, d))
			continue;
		if (s != STATUS_OK) {
			outcome_clear(&best);
			*d = mine;
			return s;
		}
		if (*policy == NULL || o.decode_s < best.decode_s) {
			outcome_clear(&best);
			best = o;
			*policy = all[i];
		} else {
			outcome_clear(&o);
		}
	}
	if (*policy == NULL)
		return why;
	*out = best;
	return STATUS_OK;
}
