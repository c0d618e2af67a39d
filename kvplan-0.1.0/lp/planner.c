/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/planner.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "lp/choices.h"
#include "lp/period.h"
#include "lp/refine.h"
#include "lp/steady.h"
#include "model/layer.h"
#include "model/memory.h"

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
			   i != DECISION_PREFETCH;
		o.value[i] = plan->decision[i];
	}
	return o;
}

struct paper_split planner_paper_program(const struct llm *m,
					 const struct workload *w,
					 const struct hardware *hw,
					 enum paper_form form, size_t cached,
					 size_t limit)
{
	double flop = 4.0 * (double)w->batch * (double)m->hidden *
		      (double)llm_kv_width(m);

	return (struct paper_split){
		.form = form,
		.cached = cached,
		.limit = limit,
		.activation_s = layer_activation_token_bytes(m, w) /
				hw->h2d.bytes_per_s,
		.kv_s = layer_kv_token_bytes(m, w) / hw->h2d.bytes_per_s,
		.recompute_s = flop / hardware_gemm_flop_per_s(hw),
	};
}

/* What streaming costs each batch [s]. */
static double weights_s(const struct llm *m, const struct workload *w,
			const struct hardware *hw, const struct plan *plan)
{
	/* the other terms are for all requests, whose KV is on the host */
	return plan_weights_on_host(plan) * layer_weight_bytes(m, w) /
	       (double)w->num_batches / hw->h2d.bytes_per_s /
	       fmax(plan_cache_on_host(plan), 1e-9);
}

enum paper_form planner_paper_form(const struct plan *plan)
{
	return plan_weights_on_host(plan) > 0.0 ? PAPER_COLUMN : PAPER_ROW;
}

struct paper_split planner_paper_step(const struct llm *m,
				      const struct workload *w,
				      const struct hardware *hw,
				      const struct plan *plan,
				      enum paper_form form, size_t step)
{
	struct paper_split p = planner_paper_program(
		m, w, hw, form, workload_cached(w, step),
		plan_split_limit(plan, w, step));

	p.weights_s = weights_s(m, w, hw, plan);
	return p;
}

/* GLPK's answer, refused if the closed form knows a better or worse one. */
static enum status solve_paper(const struct paper_split *p, size_t *l,
			       struct diag *d)
{
	size_t exact = paper_split_closed_form(p);
	enum status s = paper_split_solve(p, l, d);

	if (s != STATUS_OK || *l == exact)
		return s;
	return diag_fail(d, STATUS_SOLVER,
			 "at %zu cached tokens GLPK chose split %zu and the "
			 "closed form %zu: please report this case",
			 p->cached, *l, exact);
}

/* A case under plan: what every step of the search needs. */
struct search {
	const struct llm *m;
	const struct workload *w;
	const struct hardware *hw;
	const struct planner_options *options;
	struct plan *plan;
	struct steady *layer;		/* of plan, for its prefetch depth */
};

/* Split of `step`; if the period is minimised, also the layer's period [s]. */
static enum status choose_split(const struct search *s, size_t step,
				size_t *l, double *period_s, struct diag *d)
{
	size_t cached = workload_cached(s->w, step);
	size_t limit = plan_split_limit(s->plan, s->w, step);
	struct paper_split p;

	*period_s = 0.0;
	if (s->plan->policy->split != SPLIT_OPEN) {
		*l = limit;
		return STATUS_OK;
	}
	if (s->options->fix_split) {
		*l = s->options->split < limit ? s->options->split : limit;
		if (s->options->program == PROGRAM_PERIOD)
			*period_s = steady_at(s->layer, (double)cached,
					      (double)*l).period_s;
		return STATUS_OK;
	}
	if (s->options->program == PROGRAM_PERIOD) {
		*l = refine_best_split(s->layer, s->hw->calibration != NULL,
				       cached, limit, period_s);
		return STATUS_OK;
	}
	p = planner_paper_step(s->m, s->w, s->hw, s->plan,
			       s->options->program == PROGRAM_ROW
				       ? PAPER_ROW : PAPER_COLUMN, step);
	if (!s->options->without_glpk)
		return solve_paper(&p, l, d);
	*l = paper_split_closed_form(&p);
	return STATUS_OK;
}

/* Fill in the splits of the plan; their periods' sum [s] into `*sum_s`. */
static enum status choose_splits(const struct search *search, double *sum_s,
				 struct diag *d)
{
	struct search s = *search;
	struct graph *layer = policy_graph(s.plan, s.m, s.w, s.hw,
					   SPAN_LAYER);
	enum status st = STATUS_OK;

	s.layer = steady_new(layer, s.hw);
	*sum_s = 0.0;
	for (size_t i = 0; i < s.plan->steps && st == STATUS_OK; i++) {
		double period_s;

		st = choose_split(&s, i, &s.plan->split[i], &period_s, d);
		*sum_s += period_s;
	}
	steady_free(s.layer);
	graph_free(layer);
	return st;
}

/*
 * The last step's period once more, if it was minimised, by GLPK: the two
 * know nothing of one another, so a mistake in either shows.
 */
static enum status check_period(const struct search *search,
				const struct plan *plan, struct diag *d)
{
	const struct workload *w = search->w;
	size_t last = plan->steps - 1, split = plan->split[last];
	size_t cached = workload_cached(w, last);
	double found_s, program_s;
	struct graph *layer;
	struct steady *s;
	enum status st;

	if (search->options->program != PROGRAM_PERIOD ||
	    plan->policy->split != SPLIT_OPEN ||
	    search->options->without_glpk)
		return STATUS_OK;
	layer = policy_graph(plan, search->m, w, search->hw, SPAN_LAYER);
	s = steady_new(layer, search->hw);
	found_s = steady_at(s, (double)cached, (double)split).period_s;
	st = period_at_split(layer, search->hw, cached, split, &program_s, d);
	if (st == STATUS_OK && fabs(program_s - found_s) > AGREE * found_s)
		st = diag_fail(d, STATUS_SOLVER,
			       "at %zu cached tokens and split %zu the longest "
			       "cycle takes %.9g s and GLPK's program %.9g s: "
			       "please report this case",
			       cached, split, found_s, program_s);
	steady_free(s);
	graph_free(layer);
	return st;
}

static enum status check_memory(const struct llm *m, const struct workload *w,
				const struct hardware *hw,
				const struct plan *plan, struct diag *d)
{
	struct memory mem;

	plan->policy->memory(m, w, plan, &mem);
	return memory_check(&mem, hw, d);
}

enum status planner_check_figures(const struct llm *m,
				  const struct workload *w,
				  const struct hardware *hw,
				  const struct plan *plan, struct diag *d)
{
	struct graph *g = policy_graph(plan, m, w, hw, SPAN_LAYER);
	enum status s = STATUS_OK;

	for (size_t i = 0; i < g->nworks && s == STATUS_OK; i++)
		s = work_check(&g->works[i], hw, d);
	graph_free(g);
	return s == STATUS_OK
		? s : diag_prefix(d, s, "policy %s", plan->policy->name);
}

/* Splits for the decisions of `plan`; their decode's sum of periods [s]. */
static enum status try_decisions(const struct search *s, double *sum_s,
				 struct diag *d)
{
	enum status st = planner_check_figures(s->m, s->w, s->hw, s->plan,
					       d);

	if (st == STATUS_OK)
		st = choose_splits(s, sum_s, d);
	if (st == STATUS_OK)
		st = check_memory(s->m, s->w, s->hw, s->plan, d);
	return st;
}

/*
 * The best of all combinations of open decisions, with the sum of its
 * periods; `whole` lets splits pass the prompt.
 */
static enum status search_all(const struct search *search, bool whole,
			      struct plan *out, double *least_s,
			      struct diag *d)
{
	struct plan best = { 0 }, plan = *search->plan;
	struct search s = *search;
	struct choices choices;
	struct diag later = { "" }, *why = d;	/* told is the first need */
	enum status st;

	s.plan = &plan;
	plan.whole_sequence = whole;
	*least_s = INFINITY;
	choices = choices_begin(&plan, s.w, s.options);
	do {
		double sum_s;

		plan.split = xcalloc(plan.steps, sizeof *plan.split);
		st = try_decisions(&s, &sum_s, why);
		if (st == STATUS_OK &&
		    sum_s < *least_s * (1.0 - PERIOD_SAME)) {
			*least_s = sum_s;
			plan_clear(&best);
			best = plan;
			continue;
		}
		free(plan.split);
		if (st != STATUS_OK && st != STATUS_INFEASIBLE) {
			if (why != d)
				*d = *why;
			plan_clear(&best);
			return st;
		}
		why = &later;
	} while (choices_next(&choices, plan.decision));
	if (best.policy == NULL)
		return STATUS_INFEASIBLE;
	*out = best;
	return STATUS_OK;
}

/* X of generated tokens is not kept where no split comes to need it. */
static void trim_sequence(struct plan *plan, const struct workload *w)
{
	if (plan->policy->split != SPLIT_OPEN)
		return;
	plan->whole_sequence = false;
	for (size_t i = 0; i < plan->steps; i++)
		if (plan->split[i] > w->prompt)
			plan->whole_sequence = true;
}

/*
 * The wider limit costs storing X of generated tokens, so that the narrower
 * one may be the better, or the one that fits.
 */
static enum status hold_against_prompt(const struct search *search,
				       struct plan *best, double least_s)
{
	struct diag unused = { "" };
	struct plan narrow;
	double narrow_s;
	enum status st = search_all(search, false, &narrow, &narrow_s,
				    &unused);

	if (st != STATUS_OK)
		return STATUS_INFEASIBLE;
	if (best->policy != NULL &&
	    narrow_s > least_s * (1.0 + PERIOD_SAME)) {
		plan_clear(&narrow);
		return STATUS_OK;
	}
	plan_clear(best);
	*best = narrow;
	return STATUS_OK;
}

enum status planner_plan(const struct llm *m, const struct workload *w,
			 const struct hardware *hw,
			 const struct policy *policy,
			 const struct planner_options *options,
			 struct plan *out, struct diag *d)
{
	struct plan best = { 0 }, plan = {
		.policy = policy,
		.steps = workload_steps(w),
		.whole_sequence = options->whole_sequence ||
				  policy->split == SPLIT_ALL,
	};
	const struct search search = { .m = m, .w = w, .hw = hw,
				       .options = options, .plan = &plan };
	double least_s;
	enum status s = choices_check(&plan, w, options, d);

	if (s != STATUS_OK)
		return s;
	s = search_all(&search, plan.whole_sequence, &best, &least_s, d);
	if ((s == STATUS_OK || s == STATUS_INFEASIBLE) &&
	    options->whole_sequence && policy->split == SPLIT_OPEN &&
	    options->program == PROGRAM_PERIOD && !options->fix_split &&
	    hold_against_prompt(&search, &best, least_s) == STATUS_OK)
		s = STATUS_OK;
	if (s != STATUS_OK)
		return s;
	trim_sequence(&best, w);
	s = check_period(&search, &best, d);
	if (s == STATUS_OK)
		*out = best;
	else
		plan_clear(&best);
	return s;
}
