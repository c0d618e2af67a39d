/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/step.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "lp/choices.h"
#include "lp/kept_graphs.h"
#include "lp/period.h"
#include "lp/refine.h"
#include "lp/room.h"
#include "model/memory.h"

struct step_planner {
	struct kept_graphs *graphs;
	size_t *split, nsplit;		/* of all steps, where they matter */
	double *on_cycle;		/* of the tasks of one graph */
	size_t ntasks;
};

struct step_planner *step_planner_new(void)
{
	struct step_planner *p = xcalloc(1, sizeof *p);

	p->graphs = kept_graphs_new();
	return p;
}

void step_planner_free(struct step_planner *p)
{
	if (p == NULL)
		return;
	kept_graphs_free(p->graphs);
	free(p->split);
	free(p->on_cycle);
	free(p);
}

/* A question, and the candidate that is looked at. */
struct search {
	struct step_planner *planner;
	const struct llm *m;
	const struct workload *w;
	const struct hardware *hw;
	const struct planner_options *options;
	struct plan plan;
	size_t step;
	const struct kept_graph *graph;	/* of plan, with the decisions */
	double of[DECISION_COUNT];
	bool of_whole;
	double floor_s;			/* of its works, INFINITY: unknown */
};

static size_t paper_split(const struct search *s, enum paper_form form,
			  size_t step)
{
	struct paper_split p = planner_paper_step(s->m, s->w, s->hw, &s->plan,
						  form, step);

	return paper_split_closed_form(&p);
}

/* As the certificate tells it, whatever the split minimises. */
static size_t own_paper_split(const struct search *s)
{
	if (s->plan.policy->split != SPLIT_OPEN)
		return plan_split_limit(&s->plan, s->w, s->step);
	return paper_split(s, planner_paper_form(&s->plan), s->step);
}

static bool is_planned(const struct search *s)
{
	return s->plan.policy->split == SPLIT_OPEN && !s->options->fix_split;
}

/* The candidate's split in `step`, as lp/planner.c takes it. */
static size_t choose_split(const struct search *s, size_t step,
			   double *layer_s)
{
	size_t cached = workload_cached(s->w, step);
	size_t limit = plan_split_limit(&s->plan, s->w, step), l = limit;

	if (is_planned(s) && s->options->program == PROGRAM_PERIOD)
		return refine_best_split(s->graph->steady,
					 s->hw->calibration != NULL, cached,
					 limit, layer_s);
	if (is_planned(s))
		l = paper_split(s, s->options->program == PROGRAM_ROW
					   ? PAPER_ROW : PAPER_COLUMN, step);
	else if (s->plan.policy->split == SPLIT_OPEN &&
		 s->options->split < limit)
		l = s->options->split;
	*layer_s = steady_at(s->graph->steady, (double)cached,
			     (double)l).period_s;
	return l;
}

/* Of each step the split `l`, or what it allows. */
static void fill_splits(struct search *s, size_t l)
{
	struct step_planner *p = s->planner;
	size_t n = s->plan.steps;

	if (p->nsplit < n) {
		p->split = xrealloc_array(p->split, n, sizeof *p->split);
		p->nsplit = n;
	}
	s->plan.split = p->split;
	for (size_t i = 0; i < n; i++) {
		size_t limit = plan_split_limit(&s->plan, s->w, i);

		p->split[i] = l < limit ? l : limit;
	}
}

/* As the planner finds it, with the splits of all steps. */
static enum status check_all_steps(struct search *s, struct diag *d)
{
	struct memory mem;

	fill_splits(s, is_planned(s) || s->plan.policy->split != SPLIT_OPEN
			       ? SIZE_MAX : s->options->split);
	for (size_t i = 0; i < s->plan.steps && is_planned(s); i++) {
		double unused;

		s->planner->split[i] = choose_split(s, i, &unused);
	}
	s->plan.policy->memory(s->m, s->w, &s->plan, &mem);
	return memory_check(&mem, s->hw, d);
}

static enum status check_memory(struct search *s, struct diag *d)
{
	size_t high = plan_split_limit(&s->plan, s->w, s->plan.steps - 1);
	size_t low = s->plan.policy->split == SPLIT_OPEN ? 0 : high;

	switch (room_judge(s->m, s->w, s->hw, &s->plan, low, high, d)) {
	case ROOM_ENOUGH:
		return STATUS_OK;
	case ROOM_TOO_LITTLE:
		return STATUS_INFEASIBLE;
	case ROOM_UNSURE:
		break;
	}
	return check_all_steps(s, d);
}

/* The candidate's graph on the machine; STATUS_INVALID as the planner. */
static enum status prepare(struct search *s, struct diag *d)
{
	const struct graph *layer;

	s->graph = kept_graphs_find(s->planner->graphs, s->m, s->w, s->hw,
				    &s->plan);
	memcpy(s->of, s->plan.decision, sizeof s->of);
	s->of_whole = s->plan.whole_sequence;
	layer = s->graph->layer;
	for (size_t i = 0; i < layer->nworks; i++) {
		enum status st = work_check(&layer->works[i], s->hw, d);

		if (st != STATUS_OK)
			return diag_prefix(d, st, "policy %s",
					   s->plan.policy->name);
	}
	steady_set_hardware(s->graph->steady, s->hw);
	return STATUS_OK;
}

/* Neither how far loads run ahead nor their order changes what is done. */
static bool same_works(const double a[DECISION_COUNT],
		       const double b[DECISION_COUNT])
{
	for (int i = 0; i < DECISION_COUNT; i++)
		if (i != DECISION_PREFETCH && i != DECISION_PIPELINE &&
		    a[i] != b[i])
			return false;
	return true;
}

static double find_floor(const struct search *s)
{
	size_t cached = workload_cached(s->w, s->step);
	size_t limit = plan_split_limit(&s->plan, s->w, s->step);

	return steady_floor(s->graph->steady, cached,
			    s->plan.policy->split == SPLIT_OPEN ? 0 : limit,
			    limit);
}

/* One candidate: its split, its period, and whether it fits. */
static enum status try_candidate(struct search *s, struct step_plan *out,
				 struct diag *d)
{
	enum status st = prepare(s, d);

	if (st != STATUS_OK)
		return st;
	steady_guess(s->graph->steady, own_paper_split(s));
	out->split = choose_split(s, s->step, &out->layer_s);
	if (s->floor_s == INFINITY)
		s->floor_s = find_floor(s);
	out->floor_s = s->floor_s;
	return check_memory(s, d);
}

/*
 * The next candidate that could be better than `best_s`: of those with the
 * same works none is, if their floor is not.
 */
static bool next_candidate(struct search *s, const struct choices *c,
			   double best_s)
{
	double before[DECISION_COUNT];

	memcpy(before, s->plan.decision, sizeof before);
	while (choices_next(c, s->plan.decision)) {
		if (!same_works(before, s->plan.decision)) {
			s->floor_s = INFINITY;
			return true;
		}
		if (s->floor_s < best_s * (1.0 - PERIOD_SAME))
			return true;
	}
	return false;
}

/* The best candidate, with splits up to the prompt or up to the `whole`. */
static enum status search_all(struct search *s, bool whole,
			      struct step_plan *out, struct diag *d)
{
	struct step_plan best = { .layer_s = INFINITY };
	struct diag later = { "" }, *why = d;	/* told is the first need */
	struct choices choices;
	bool more = true;

	s->plan.whole_sequence = whole;
	s->floor_s = INFINITY;
	choices = choices_begin(&s->plan, s->w, s->options);
	while (more) {
		struct step_plan p = { .policy = s->plan.policy,
				       .whole_sequence = whole };
		enum status st = try_candidate(s, &p, why);

		memcpy(p.decision, s->plan.decision, sizeof p.decision);
		if (st == STATUS_OK &&
		    p.layer_s < best.layer_s * (1.0 - PERIOD_SAME)) {
			best = p;
		} else if (st != STATUS_OK && st != STATUS_INFEASIBLE) {
			if (why != d)
				*d = *why;
			return st;
		}
		why = &later;
		more = next_candidate(s, &choices, best.layer_s);
	}
	if (best.layer_s == INFINITY)
		return STATUS_INFEASIBLE;
	*out = best;
	return STATUS_OK;
}

/* As lp/planner.c: the narrower limit may be the better, or the one to fit. */
static enum status search_limits(struct search *s, struct step_plan *out,
				 struct diag *d)
{
	bool whole = s->options->whole_sequence ||
		     s->plan.policy->split == SPLIT_ALL;
	enum status st = search_all(s, whole, out, d), other;
	struct diag unused = { "" };
	struct step_plan narrow;

	if ((st != STATUS_OK && st != STATUS_INFEASIBLE) || !whole ||
	    !is_planned(s) || s->options->program != PROGRAM_PERIOD)
		return st;
	other = search_all(s, false, &narrow, &unused);
	if (other == STATUS_OK &&
	    (st != STATUS_OK ||
	     narrow.layer_s <= out->layer_s * (1.0 + PERIOD_SAME))) {
		*out = narrow;
		st = STATUS_OK;
	}
	return st;
}

/* X of generated tokens is not kept where no step comes to need it. */
static bool needs_sequence(struct search *s, const struct step_plan *p)
{
	double unused;

	if (s->plan.policy->split != SPLIT_OPEN || !p->whole_sequence ||
	    p->split > s->w->prompt)
		return p->whole_sequence;
	return choose_split(s, s->plan.steps - 1, &unused) > s->w->prompt;
}

static void read_cycle(struct search *s, struct step_plan *p)
{
	struct step_planner *planner = s->planner;
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

/* Look at the best candidate once more. */
static enum status finish(struct search *s, struct step_plan *p,
			  struct diag *d)
{
	enum status st = STATUS_OK;

	memcpy(s->plan.decision, p->decision, sizeof p->decision);
	s->plan.whole_sequence = p->whole_sequence;
	if (s->of_whole != p->whole_sequence ||
	    memcmp(s->of, p->decision, sizeof s->of) != 0)
		st = prepare(s, d);
	if (st != STATUS_OK)
		return st;
	p->step = s->step;
	p->cached = workload_cached(s->w, s->step);
	if (p->whole_sequence && !needs_sequence(s, p)) {
		p->whole_sequence = s->plan.whole_sequence = false;
		st = prepare(s, d);
		if (st != STATUS_OK)
			return st;
		/* without the stores of X that the search counted */
		p->floor_s = fmin(p->floor_s, find_floor(s));
	}
	p->layer_s = steady_at(s->graph->steady, (double)p->cached,
			       (double)p->split).period_s;
	p->paper_split = own_paper_split(s);
	read_cycle(s, p);
	return STATUS_OK;
}

enum status step_plan(struct step_planner *p, const struct llm *m,
		      const struct workload *w, const struct hardware *hw,
		      const struct policy *policy,
		      const struct planner_options *options, size_t step,
		      struct step_plan *out, struct diag *d)
{
	struct search s = {
		.planner = p, .m = m, .w = w, .hw = hw, .options = options,
		.step = step,
		.plan = { .policy = policy, .steps = workload_steps(w),
			  .whole_sequence = options->whole_sequence ||
					    policy->split == SPLIT_ALL },
	};
	struct step_plan found;
	enum status st = choices_check(&s.plan, w, options, d);

	kept_graphs_trim(p->graphs);
	if (st == STATUS_OK)
		st = search_limits(&s, &found, d);
	if (st == STATUS_OK)
		st = finish(&s, &found, d);
	if (st == STATUS_OK)
		*out = found;
	return st;
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
