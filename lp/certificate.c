/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/certificate.h"

#include <math.h>
#include <string.h>

#include "lp/pace.h"
#include "lp/period.h"
#include "lp/planner.h"
#include "lp/refine.h"
#include "lp/steady.h"
#include "lp/tangent.h"
#include "model/layer.h"

/* What every part of the certificate needs. */
struct subject {
	const struct graph *layer;
	const struct hardware *full;	/* at the full clock, and */
	const struct hardware *hw;	/* at that of the plan */
	struct steady *steady;		/* of that layer on that machine */
	size_t cached, low, high;	/* splits that the plan may use */
};

static double period_at(const struct subject *s, size_t l)
{
	return steady_at(s->steady, (double)s->cached, (double)l).period_s;
}

/* A policy that decides the split itself has one choice. */
static size_t find_best(const struct subject *s, double *period_s)
{
	if (s->low == 0)
		return refine_best_split(s->steady,
					 s->hw->calibration != NULL,
					 s->cached, s->high, period_s);
	*period_s = period_at(s, s->high);
	return s->high;
}

/*
 * The last l from `good` towards `bad` whose period is at most `most_s`, as
 * are all between.  Where the period is convex in l, halving finds it.
 */
static size_t edge(const struct subject *s, size_t good, size_t bad,
		   double most_s)
{
	if (s->hw->calibration != NULL) {
		while (good != bad) {
			size_t next = good < bad ? good + 1 : good - 1;

			if (period_at(s, next) > most_s)
				break;
			good = next;
		}
		return good;
	}
	if (period_at(s, bad) <= most_s)
		return bad;
	while ((good > bad ? good - bad : bad - good) > 1) {
		size_t middle = (good + bad) / 2;

		if (period_at(s, middle) <= most_s)
			good = middle;
		else
			bad = middle;
	}
	return good;
}

/* The part of the critical cycle's time that is of a shared limit [s]. */
static double shared_seconds(const struct subject *s, const struct period *p,
			     const struct hardware *hw, int which)
{
	return p->on_shared[which] *
	       bound_shared(s->layer, hw, (enum bound_shared)which,
			    (double)s->cached, p->split);
}

static void read_cycle(const struct subject *s, const struct period *p,
		       struct certificate *c)
{
	double engine_s[ENGINE_COUNT] = { 0.0 };

	for (size_t i = 0; i < s->layer->ntasks; i++) {
		const struct task *t = &s->layer->tasks[i];
		const struct work *w = &s->layer->works[t->work];
		struct work_duration all = work_duration_near(
			w, s->hw, (double)s->cached, (double)c->split);
		double time = p->on_cycle[i] *
			      work_duration_at(&all, p->split);

		if (work_is_empty(w, (double)s->cached, p->split))
			continue;
		c->cycle_share[t->op] += time / p->period_s;
		engine_s[w->engine] += time;
	}
	for (int e = 0; e < ENGINE_COUNT; e++)
		if (engine_s[e] > engine_s[c->bound])
			c->bound = (enum engine)e;
	for (int i = 0; i < BOUND_SHARED; i++)
		c->shared_share[i] = shared_seconds(s, p, s->hw, i) /
				     p->period_s;
	c->handoff_share = p->on_handoff * s->hw->handoff_s / p->period_s;
}

static enum status read_worth(const struct tangent *t, struct certificate *c,
			      struct diag *d)
{
	size_t n;
	const struct figure *fields = hardware_fields(&n);
	struct hardware hw = *t->layer.hw;
	enum status st = STATUS_OK;

	for (size_t i = 0; i < n && st == STATUS_OK; i++) {
		c->figure[i] = *hardware_figure(&hw, &fields[i]);
		st = tangent_of(t, &fields[i], &c->worth[i], d);
	}
	return st;
}

/* How much `t` is over `least`; rounding below it is nothing. */
static double excess_pct(double t, double least)
{
	return fmax(0.0, 100.0 * (t / least - 1.0));
}

static enum status examine(const struct subject *s, bool replan,
			   struct certificate *c, struct diag *d)
{
	const struct tangent_layer layer = {
		.graph = s->layer, .hw = s->full, .clock = c->clock,
		.cached = (double)s->cached, .near = (double)c->split,
		.low = (double)(replan ? s->low : c->split),
		.high = (double)(replan ? s->high : c->split),
	};
	double paper_s, best_s;
	struct tangent t;
	enum status st = tangent_make(&layer, &t, d);

	if (st != STATUS_OK)
		return st;
	c->layer_s = period_at(s, c->split);
	c->best_split = find_best(s, &best_s);
	c->split_low = edge(s, c->best_split, s->low, 1.01 * best_s);
	c->split_high = edge(s, c->best_split, s->high, 1.01 * best_s);
	paper_s = period_at(s, c->paper_split);
	c->lower_bound_s = steady_floor(s->steady, s->cached, s->low, s->high);
	c->gap_pct = excess_pct(c->layer_s, c->lower_bound_s);
	c->split_regret_pct = excess_pct(c->layer_s, best_s);
	c->paper_regret_pct = excess_pct(paper_s, best_s);
	read_cycle(s, &t.period, c);
	st = read_worth(&t, c, d);
	tangent_clear(&t);
	return st;
}

/* Enough to tell from rounding, little enough to stay on the same cycle. */
#define MEMORY_STEP 1e-3

/* T at the best split of `plan` with `more` of the share `which`. */
static double with_more(const struct subject *s, const struct llm *m,
			const struct workload *w, const struct plan *plan,
			enum decision which, double more)
{
	struct plan changed = *plan;
	struct subject with = *s;
	struct graph *layer;
	double period_s;

	changed.decision[which] += more;
	layer = policy_graph(&changed, m, w, s->hw, SPAN_LAYER);
	with.steady = steady_new(layer, s->hw);
	find_best(&with, &period_s);
	steady_free(with.steady);
	graph_free(layer);
	return period_s;
}

/*
 * More memory means that more of the KV or of the weights can stay on the
 * GPU: how T changes with the share that does, over the bytes of all.  Two
 * shares above 0 are held against one another, as with the first request
 * whose KV stays, or goes, whole tasks appear.
 */
static void find_memory_worth(const struct subject *s, const struct llm *m,
			      const struct workload *w,
			      const struct plan *plan,
			      struct certificate *c)
{
	const struct {
		enum decision share;
		double bytes;
	} uses[] = {
		{ DECISION_CACHE_ON_GPU, c->cache_bytes },
		{ DECISION_WEIGHTS_ON_GPU,
		  (double)m->layers * layer_weight_bytes(m, w) },
	};

	for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
		enum decision share = uses[i].share;
		double worth;

		if (plan->policy->rules[share].decider ==
			    DECIDED_BY_POLICY ||
		    plan->decision[share] + 2.0 * MEMORY_STEP >= 1.0)
			continue;
		worth = (with_more(s, m, w, plan, share, 2.0 * MEMORY_STEP) -
			 with_more(s, m, w, plan, share, MEMORY_STEP)) /
			(MEMORY_STEP * uses[i].bytes);
		if (worth >= c->memory_worth)
			continue;
		c->memory_worth = worth;
		c->memory_for = share;
		c->memory_bytes = uses[i].bytes;
	}
}

enum status certificate_make(const struct llm *m, const struct workload *w,
			     const struct hardware *hw,
			     const struct plan *plan, size_t step,
			     bool replan, struct certificate *out,
			     struct diag *d)
{
	size_t limit = plan_split_limit(plan, w, step);
	size_t cached = workload_cached(w, step);
	struct hardware at = pace_machine(m, w, hw, plan);
	struct graph *layer = policy_graph(plan, m, w, hw, SPAN_LAYER);
	enum paper_form form = paper_split_form(plan);
	const struct paper_split program = paper_split_at(
		m, w, hw, plan, form, step);
	struct certificate c = {
		.clock = at.gemm_derate / hw->gemm_derate,
		.step = step, .cached = cached, .split = plan->split[step],
		.paper_form = form, .in_order = layer->copies_in_order,
		.cache_bytes = (double)(m->layers * w->num_batches) *
			       (double)workload_tokens(w) *
			       layer_kv_token_bytes(m, w),
	};
	struct subject s = { .layer = layer, .full = hw, .hw = &at,
			     .steady = steady_new(layer, &at),
			     .cached = cached, .high = limit };
	enum status st;

	c.paper_split = paper_split_closed_form(&program);
	if (plan->policy->split != SPLIT_OPEN) {
		s.low = limit;
		c.paper_split = limit;
	}
	st = examine(&s, replan, &c, d);
	if (st == STATUS_OK)
		find_memory_worth(&s, m, w, plan, &c);
	steady_free(s.steady);
	graph_free(layer);
	if (st == STATUS_OK)
		*out = c;
	return st;
}
