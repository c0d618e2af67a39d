/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/search.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "lp/choices.h"
#include "lp/pace.h"
#include "lp/paper_split.h"
#include "lp/period.h"
#include "lp/refine.h"
#include "lp/room.h"
#include "model/memory.h"
#include "model/power_limit.h"

struct search *search_new(void)
{
	struct search *s = xcalloc(1, sizeof *s);

	s->graphs = kept_graphs_new();
	return s;
}

void search_free(struct search *s)
{
	if (s == NULL)
		return;
	kept_graphs_free(s->graphs);
	free(s->splits[0]);
	free(s->splits[1]);
	free(s);
}

/* The best plan so far, with the splits of `splits[1]`. */
struct found {
	struct plan plan;		/* policy NULL: none */
	double sum_s, floor_s;
	bool is_last;			/* of those that were tried */
};

static bool is_planned(const struct search *s)
{
	return s->plan.policy->split == SPLIT_OPEN && !s->options->fix_split;
}

size_t search_paper_split(const struct search *s, size_t step)
{
	struct paper_split p;

	if (s->plan.policy->split != SPLIT_OPEN)
		return plan_split_limit(&s->plan, s->w, step);
	p = paper_split_at(s->m, s->w, s->hw, &s->plan,
			   paper_split_form(&s->plan), step);
	return paper_split_closed_form(&p);
}

/* GLPK's answer, refused if the closed form knows a better or worse one. */
static enum status solve_paper(const struct search *s, size_t step, size_t *l,
			       struct diag *d)
{
	struct paper_split p = paper_split_at(
		s->m, s->w, s->hw, &s->plan,
		s->options->program == PROGRAM_ROW ? PAPER_ROW : PAPER_COLUMN,
		step);
	size_t exact = paper_split_closed_form(&p);
	enum status st;

	*l = exact;
	if (s->options->without_glpk)
		return STATUS_OK;
	st = paper_split_solve(&p, l, d);
	if (st != STATUS_OK || *l == exact)
		return st;
	return diag_fail(d, STATUS_SOLVER,
			 "at %zu cached tokens GLPK chose split %zu and the "
			 "closed form %zu: please report this case",
			 p.cached, *l, exact);
}

/* The candidate's split in `step`, and the period [s] of a layer there. */
static enum status choose_split(struct search *s, size_t step,
				double *layer_s, struct diag *d)
{
	struct steady *steady = s->graph->steady;
	size_t cached = workload_cached(s->w, step);
	size_t limit = plan_split_limit(&s->plan, s->w, step);
	size_t *l = &s->plan.split[step];
	enum status st = STATUS_OK;

	if (is_planned(s) && s->options->program == PROGRAM_PERIOD) {
		*l = refine_best_split(steady, s->hw->calibration != NULL,
				       cached, limit, layer_s);
		return STATUS_OK;
	}
	*l = limit;
	if (is_planned(s))
		st = solve_paper(s, step, l, d);
	else if (s->plan.policy->split == SPLIT_OPEN &&
		 s->options->split < limit)
		*l = s->options->split;
	if (st == STATUS_OK)
		*layer_s = steady_at(steady, (double)cached, (double)*l)
				   .period_s;
	return st;
}

static enum status choose_splits(struct search *s, double *sum_s,
				 struct diag *d)
{
	enum status st = STATUS_OK;

	steady_guess(s->graph->steady, search_paper_split(s, s->first));
	*sum_s = 0.0;
	for (size_t i = 0; i < s->count && st == STATUS_OK; i++) {
		double layer_s = 0.0;

		st = choose_split(s, s->first + i, &layer_s, d);
		*sum_s += layer_s;
	}
	return st;
}

static double find_floor(const struct search *s)
{
	double sum_s = 0.0;

	for (size_t i = s->first; i < s->first + s->count; i++) {
		size_t limit = plan_split_limit(&s->plan, s->w, i);
		size_t low = s->plan.policy->split == SPLIT_OPEN ? 0 : limit;

		sum_s += steady_floor(s->graph->steady,
				      workload_cached(s->w, i), low, limit);
	}
	return sum_s;
}

static enum status check_memory(struct search *s, struct diag *d)
{
	size_t steps = s->plan.steps;
	size_t high = plan_split_limit(&s->plan, s->w, steps - 1);
	size_t low = s->plan.policy->split == SPLIT_OPEN ? 0 : high;
	struct memory mem;
	enum room room = s->count == steps ? ROOM_UNSURE
		: room_judge(s->m, s->w, s->hw, &s->plan, low, high, d);

	if (room != ROOM_UNSURE)
		return room == ROOM_ENOUGH ? STATUS_OK : STATUS_INFEASIBLE;
	for (size_t i = 0; i < steps; i++) {
		double unused;
		enum status st = STATUS_OK;

		if (i < s->first || i >= s->first + s->count)
			st = choose_split(s, i, &unused, d);
		if (st != STATUS_OK)
			return st;
	}
	s->plan.policy->memory(s->m, s->w, &s->plan, &mem);
	return memory_check(&mem, s->hw, d);
}

enum status search_check_figures(const struct graph *layer,
				 const struct hardware *hw,
				 const struct policy *policy, struct diag *d)
{
	for (size_t i = 0; i < layer->nworks; i++) {
		enum status st = work_check(&layer->works[i], hw, d);

		if (st != STATUS_OK)
			return diag_prefix(d, st, "policy %s", policy->name);
	}
	return STATUS_OK;
}

/* The graph of the candidate, on the machine. */
static void prepare(struct search *s)
{
	kept_graphs_trim(s->graphs);
	s->graph = kept_graphs_find(s->graphs, s->m, s->w, s->hw, &s->plan);
	steady_set_hardware(s->graph->steady, s->hw);
}

/* One candidate: its splits, their periods, and whether it fits. */
static enum status try_candidate(struct search *s, double *sum_s,
				 struct diag *d)
{
	enum status st;

	prepare(s);
	st = search_check_figures(s->graph->layer, s->hw, s->plan.policy, d);
	if (st == STATUS_OK)
		st = choose_splits(s, sum_s, d);
	if (st != STATUS_OK)
		return st;
	if (s->floor_s == INFINITY)
		s->floor_s = find_floor(s);
	return check_memory(s, d);
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

/* Keep the candidate, and its splits. */
static void keep(struct search *s, double sum_s, struct found *best)
{
	size_t *splits = s->splits[0];

	*best = (struct found){ .plan = s->plan, .sum_s = sum_s,
				.floor_s = s->floor_s, .is_last = true };
	s->splits[0] = s->splits[1];
	s->splits[1] = splits;
	s->plan.split = s->splits[0];
}

/* All candidates with splits up to the prompt, or up to the `whole`. */
static enum status try_all(struct search *s, bool whole, struct found *best,
			   struct diag *d)
{
	struct diag later = { "" }, *why = d;	/* told is the first need */
	struct choices choices;

	s->plan.whole_sequence = whole;
	s->floor_s = INFINITY;
	choices = choices_begin(&s->plan, s->w, s->options);
	do {
		double sum_s;
		enum status st = try_candidate(s, &sum_s, why);

		best->is_last = false;
		if (st == STATUS_OK &&
		    sum_s < best->sum_s * (1.0 - PERIOD_SAME)) {
			keep(s, sum_s, best);
		} else if (st != STATUS_OK && st != STATUS_INFEASIBLE) {
			if (why != d)
				*d = *why;
			return st;
		}
		why = &later;
	} while (next_candidate(s, &choices, best->sum_s));
	return best->plan.policy != NULL ? STATUS_OK : STATUS_INFEASIBLE;
}

/*
 * The wider limit costs storing X of generated tokens, so that the narrower
 * one may be the better, or the one that fits.
 */
static enum status try_limits(struct search *s, struct found *best,
			      struct diag *d)
{
	bool whole = s->plan.whole_sequence;
	struct diag unused = { "" };

	if (whole && is_planned(s) && s->options->program == PROGRAM_PERIOD) {
		enum status st = try_all(s, false, best, &unused);

		/* whatever it was, the wider limit meets it as well */
		(void)st;
	}
	return try_all(s, whole, best, d);
}

static void set_splits(struct search *s, size_t steps)
{
	for (size_t k = 0; k < 2 && s->most_steps < steps; k++)
		s->splits[k] = xrealloc_array(s->splits[k], steps,
					      sizeof *s->splits[k]);
	if (s->most_steps < steps)
		s->most_steps = steps;
}

static void set_clock(struct search *s, double clock)
{
	s->hw = s->full;
	if (clock >= 1.0)
		return;
	s->slower = power_limit_machine(s->full, clock);
	s->hw = &s->slower;
}

/* The load of the plan that was found. */
static struct power_load find_load(const struct search *s)
{
	return pace_load(s->graph->layer, s->w, &s->plan, s->first, s->count,
			 s->sum_s);
}

/* Search at `clock`: a lower one makes for less to recompute. */
static enum status search_at(void *of, double clock,
			     struct power_load *load, struct diag *d)
{
	struct search *s = of;
	struct found best = { .sum_s = INFINITY };
	enum status st;

	set_clock(s, clock);
	s->plan.whole_sequence = s->options->whole_sequence ||
				 s->plan.policy->split == SPLIT_ALL;
	s->plan.split = s->splits[0];
	st = try_limits(s, &best, d);
	if (st != STATUS_OK)
		return st;
	s->plan = best.plan;
	s->sum_s = best.sum_s;
	s->floor_s = best.floor_s;
	if (!best.is_last)
		prepare(s);
	*load = find_load(s);
	return STATUS_OK;
}

/* The plan that was found, at `clock`. */
static enum status move_to(void *of, double clock,
			   struct power_load *load, struct diag *d)
{
	struct search *s = of;

	(void)d;
	set_clock(s, clock);
	prepare(s);
	s->sum_s = pace_sum_s(s->graph->steady, s->w, &s->plan, s->first,
			      s->count);
	*load = find_load(s);
	return STATUS_OK;
}

/* The clock of the plan that was found, and its graph there. */
static void settle(struct search *s)
{
	struct diag unused;
	double clock;
	enum status st = power_limit_settle(s->full, move_to, s, &clock,
					    &unused);

	assert(st == STATUS_OK);
	(void)st;
}

enum status search_best(struct search *s, const struct llm *m,
			const struct workload *w, const struct hardware *hw,
			const struct policy *policy,
			const struct planner_options *options, size_t first,
			size_t count, struct diag *d)
{
	enum status st;
	double clock;
	struct power_load unused;

	s->m = m;
	s->w = w;
	s->full = hw;
	s->options = options;
	s->first = first;
	s->count = count;
	s->plan = (struct plan){
		.policy = policy,
		.steps = workload_steps(w),
		.whole_sequence = options->whole_sequence ||
				  policy->split == SPLIT_ALL,
	};
	st = choices_check(&s->plan, w, options, d);
	if (st != STATUS_OK)
		return st;
	set_splits(s, s->plan.steps);
	if (!power_limit_has(hw))
		return search_at(s, 1.0, &unused, d);
	st = power_limit_settle(hw, search_at, s, &clock, d);
	if (st != STATUS_OK || clock >= 1.0)
		return st;
	/* where the plan changes at a clock, it settles at one of its own */
	settle(s);
	s->floor_s = find_floor(s);
	return STATUS_OK;
}

static bool needs_sequence(struct search *s)
{
	size_t last = s->plan.steps - 1;
	double unused_s;
	struct diag unused;

	for (size_t i = s->first; i < s->first + s->count; i++)
		if (s->plan.split[i] > s->w->prompt)
			return true;
	return last >= s->first + s->count &&
	       choose_split(s, last, &unused_s, &unused) == STATUS_OK &&
	       s->plan.split[last] > s->w->prompt;
}

void search_trim(struct search *s)
{
	if (s->plan.policy->split != SPLIT_OPEN || !s->plan.whole_sequence ||
	    needs_sequence(s))
		return;
	s->plan.whole_sequence = false;
	prepare(s);
	settle(s);
	/* without the stores of X that the search counted */
	s->floor_s = fmin(s->floor_s, find_floor(s));
}
