/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/paper_split.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "lp/solver.h"
#include "model/layer.h"

struct paper_split paper_split_of(const struct llm *m,
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
		.recompute_s = flop / hardware_full_gemm_flop_per_s(hw),
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

enum paper_form paper_split_form(const struct plan *plan)
{
	return plan_weights_on_host(plan) > 0.0 ? PAPER_COLUMN : PAPER_ROW;
}

struct paper_split paper_split_at(const struct llm *m,
				  const struct workload *w,
				  const struct hardware *hw,
				  const struct plan *plan,
				  enum paper_form form, size_t step)
{
	struct paper_split p = paper_split_of(m, w, hw, form,
					      workload_cached(w, step),
					      plan_split_limit(plan, w, step));

	p.weights_s = weights_s(m, w, hw, plan);
	return p;
}

double paper_split_time(const struct paper_split *p, size_t l)
{
	double x, kv, n;

	assert(l <= p->limit && p->limit <= p->cached);
	x = (double)l * p->activation_s;
	kv = (double)(p->cached - l) * p->kv_s;
	n = (double)l * p->recompute_s;
	return p->form == PAPER_ROW ? x + fmax(n, kv)
				    : fmax(n, x + kv + p->weights_s);
}

/* t is three products and two sums: times this close are equal. */
#define ROUNDING (8.0 * DBL_EPSILON)

/*
 * GLPK's defaults: it takes a gain of less than this (in the program's unit)
 * a token for none, and a value this near to a whole one for whole.
 */
#define GLPK_TOLERANCE 1e-7
#define GLPK_WHOLE 1e-5

/*
 * From `l`, step to the smallest minimiser: t is convex, so as long as a
 * neighbour is better, or below and no worse, the minimum lies that way.
 */
static size_t descend(const struct paper_split *p, size_t l)
{
	double most;

	while (l < p->limit &&
	       paper_split_time(p, l + 1) < paper_split_time(p, l))
		l++;
	most = paper_split_time(p, l) * (1.0 + ROUNDING);
	while (l > 0 && paper_split_time(p, l - 1) <= most) {
		l--;
		most = fmin(most, paper_split_time(p, l) * (1.0 + ROUNDING));
	}
	return l;
}

size_t paper_split_closed_form(const struct paper_split *p)
{
	double meet, slope, link;

	/* Where X is no smaller than KV, every recomputed token costs. */
	if (p->activation_s >= p->kv_s)
		return 0;
	slope = p->recompute_s + p->kv_s;
	link = (double)p->cached * p->kv_s;
	if (p->form == PAPER_COLUMN) {
		slope -= p->activation_s;
		link += p->weights_s;
	}
	meet = link / slope;
	return descend(p, (size_t)fmin(floor(meet), (double)p->limit));
}

/* GLPK's `answer`, which must be the best to within its tolerance. */
static enum status settle(const struct paper_split *p, size_t answer,
			  double unit_s, size_t *l, struct diag *d)
{
	size_t best = descend(p, answer);
	double token_s = p->activation_s + p->kv_s + p->recompute_s;
	double slack_s = GLPK_TOLERANCE * (double)(p->limit + 1) * unit_s +
			 GLPK_WHOLE * token_s;

	if (paper_split_time(p, answer) > paper_split_time(p, best) + slack_s)
		return diag_fail(d, STATUS_SOLVER,
				 "GLPK chose split %zu, but %zu is better",
				 answer, best);
	*l = best;
	return STATUS_OK;
}

enum status paper_split_solve(const struct paper_split *p, size_t *l,
			      struct diag *d)
{
	/*
	 * Time in units of sending all, so that numbers are near 1:
	 * minimise t  subject to  t >= each arm of the maximum.
	 */
	bool row = p->form == PAPER_ROW;
	double sent = (double)p->cached * p->kv_s +
		      (row ? 0.0 : p->weights_s);
	double unit = fmax(sent, 1e-300);
	double x = p->activation_s / unit, kv = p->kv_s / unit;
	double n = p->recompute_s / unit, row_x = row ? x : 0.0;
	struct solver *s = solver_new();
	size_t t = solver_add_column(s, "t", 0.0, INFINITY, 1.0, false);
	size_t split = solver_add_column(s, "l", 0.0, (double)p->limit, 0.0,
					 true);
	const struct solver_term gpu[] = { { t, 1.0 },
					   { split, -(row_x + n) } };
	const struct solver_term link[] = { { t, 1.0 }, { split, kv - x } };
	enum status st;

	solver_add_row(s, "gpu", 0.0, INFINITY, gpu, 2);
	solver_add_row(s, "link", sent / unit, INFINITY, link, 2);
	st = solver_solve(s, d);
	if (st == STATUS_OK)
		st = settle(p, (size_t)llround(solver_value(s, split)), unit, l,
			    d);
	solver_free(s);
	return st;
}
