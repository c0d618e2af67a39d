/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/worth.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "lp/pace.h"

/* To where halving narrows a factor down. */
#define SAME_FACTOR 1e-6

/* Changes of T below this, relatively, are rounding. */
#define NOTHING 1e-9

/* T [s] of step `step`, planned again with `options`; NAN if nothing fits. */
static enum status replan(const struct upgrade_case *c,
			  const struct planner_options *options,
			  const struct hardware *hw, size_t step,
			  double *layer_s, struct diag *d)
{
	struct plan plan;
	enum status s = planner_plan(c->m, c->w, hw, c->policy, options,
				     &plan, d);

	if (s == STATUS_INFEASIBLE) {
		*layer_s = NAN;
		return STATUS_OK;
	}
	if (s != STATUS_OK)
		return s;
	*layer_s = pace_layer_s(c->m, c->w, hw, &plan, step);
	plan_clear(&plan);
	return s;
}

/* T where the figure is `factor` times what it was. */
static enum status with_factor(const struct upgrade_case *c,
			       const struct hardware *hw, size_t step,
			       const struct figure *field,
			       double factor, double *layer_s,
			       struct diag *d)
{
	struct hardware changed = *hw;

	*hardware_figure(&changed, field) *= factor;
	return replan(c, c->options, &changed, step, layer_s, d);
}

const enum decision worth_shares[WORTH_SHARES] = {
	DECISION_CACHE_ON_GPU, DECISION_WEIGHTS_ON_GPU
};

/* What memory does when it is put to use, as `kvplan fit-budget` does. */
struct filled {
	double layer_s;			/* T; NAN if nothing fits */
	double share[WORTH_SHARES];
};

/* With `factor` times as much memory, filled as far as it goes. */
static enum status fill(const struct upgrade_case *c,
			const struct hardware *hw, size_t step, double factor,
			struct filled *out, struct diag *d)
{
	struct planner_options options = *c->options;
	struct upgrade_case quick = *c;
	struct hardware changed = *hw;
	struct filled f = { .layer_s = NAN };
	struct plan plan;
	double mean_s;
	enum status s;

	options.without_glpk = true;
	quick.options = &options;
	changed.memory_bytes *= factor;
	s = upgrade_plan(&quick, &changed, true, &plan, &mean_s, d);
	if (s != STATUS_OK && s != STATUS_INFEASIBLE)
		return s;
	if (s == STATUS_OK) {
		f.layer_s = pace_layer_s(c->m, c->w, &changed, &plan, step);
		for (size_t i = 0; i < WORTH_SHARES; i++)
			f.share[i] = plan.decision[worth_shares[i]];
		plan_clear(&plan);
	}
	*out = f;
	return STATUS_OK;
}

/* A little memory more, of what there is. */
#define MEMORY_STEP 1e-3

/*
 * What a plan leaves free is no reason to buy more: memory is held against
 * what it does now where it is filled, not against `plan`.
 */
static enum status price_memory(const struct upgrade_case *c,
				const struct hardware *hw, struct worth *w,
				struct worth_figure *f, struct diag *d)
{
	const double factors[] = { 1.0, 1.0 + MEMORY_STEP, 1.0 + w->share,
				   1.0 - w->share };
	enum { NOW, BIT_MORE, MORE, LESS, FILLS };
	struct filled at[FILLS];
	double step = MEMORY_STEP * f->value, most = 0.0;

	for (size_t i = 0; i < FILLS; i++) {
		enum status s = fill(c, hw, w->step, factors[i], &at[i], d);

		if (s != STATUS_OK)
			return s;
	}
	w->filled_s = at[NOW].layer_s;
	f->more_s = w->layer_s + (at[MORE].layer_s - at[NOW].layer_s);
	f->less_s = w->layer_s + (at[LESS].layer_s - at[NOW].layer_s);
	f->tangent = 0.0;
	for (size_t i = 0; i < WORTH_SHARES; i++) {
		double gain = at[BIT_MORE].share[i] - at[NOW].share[i];

		w->filled[i] = at[NOW].share[i];
		if (gain <= most)
			continue;
		most = gain;
		w->memory_for = worth_shares[i];
		f->most_more = step * (1.0 - at[NOW].share[i]) / gain;
		f->tangent = (at[BIT_MORE].layer_s - at[NOW].layer_s) / step;
	}
	w->has_memory = f->tangent * f->value < -NOTHING * w->layer_s;
	return STATUS_OK;
}

/* The same figure of `c`, planned again with more and with less. */
static enum status price(const struct upgrade_case *c,
			 const struct hardware *hw, const struct worth *w,
			 struct worth_figure *f, struct diag *d)
{
	enum status s = with_factor(c, hw, w->step, f->field, 1.0 + w->share,
				    &f->more_s, d);

	return s != STATUS_OK ? s
			      : with_factor(c, hw, w->step, f->field,
					    1.0 - w->share, &f->less_s, d);
}

/* Numbers are no rates; but a power limit is stated as one. */
static bool is_priced(const struct figure *f)
{
	return (f->quantity != QUANTITY_NUMBER &&
		f->quantity != QUANTITY_PERCENT) ||
	       strcmp(f->path, "gpu.gemm_sustained_derate") == 0;
}

static bool matters(const struct worth_figure *f, double layer_s)
{
	double least = NOTHING * layer_s;

	return fabs(f->tangent) * f->value > least ||
	       !(fabs(f->more_s - layer_s) <= least) ||
	       !(fabs(f->less_s - layer_s) <= least);
}

enum status worth_make(const struct upgrade_case *c,
		       const struct hardware *hw,
		       const struct certificate *cert, double share,
		       struct worth *out, struct diag *d)
{
	struct worth w = { .step = cert->step, .cached = cert->cached,
			   .layer_s = cert->layer_s,
			   .filled_s = cert->layer_s, .share = share };
	size_t n;
	const struct figure *fields = hardware_fields(&n);

	assert(share > 0.0 && share < 1.0);
	for (size_t i = 0; i < n; i++) {
		struct worth_figure f = { .field = &fields[i],
					  .value = cert->figure[i],
					  .tangent = cert->worth[i],
					  .most_more = INFINITY };
		enum status s;

		if (!is_priced(f.field) || f.value <= 0.0)
			continue;
		if (strcmp(f.field->path, "gpu.memory_bytes") == 0)
			s = price_memory(c, hw, &w, &f, d);
		else
			s = price(c, hw, &w, &f, d);
		if (s != STATUS_OK)
			return s;
		if (matters(&f, w.layer_s))
			w.figure[w.n++] = f;
	}
	*out = w;
	return STATUS_OK;
}

double worth_elasticity(const struct worth *w, const struct worth_figure *f)
{
	return f->tangent * f->value / w->layer_s;
}

bool worth_leaves_memory(const struct worth *w)
{
	return w->filled_s < (1.0 - NOTHING) * w->layer_s;
}

double worth_tangent_s(const struct worth *w, const struct worth_figure *f)
{
	return f->tangent * fmin(w->share * f->value, f->most_more);
}

/* What limits are looked for with. */
struct search {
	const struct upgrade_case *c;
	const struct hardware *hw;
	const struct upgrade *u;
	size_t step;
};

static enum status pays(const struct search *s, double factor, bool *out,
			struct diag *d)
{
	struct hardware hw = *s->hw;
	struct plan plan;
	enum status st;

	upgrade_apply(s->u, factor, &hw);
	st = planner_plan(s->c->m, s->c->w, &hw, s->c->policy, s->c->options,
			  &plan, d);
	if (st != STATUS_OK)
		return st;
	*out = plan.split[s->step] > 0;
	plan_clear(&plan);
	return st;
}

/* From `same`, where it pays or not as at 1, towards `other`, where not so. */
static enum status halve(const struct search *s, bool at_one, double same,
			 double other, double *factor, struct diag *d)
{
	while (fabs(log(other / same)) > SAME_FACTOR) {
		double middle = sqrt(same * other);
		bool p;
		enum status st = pays(s, middle, &p, d);

		if (st != STATUS_OK)
			return st;
		if (p == at_one)
			same = middle;
		else
			other = middle;
	}
	*factor = other;
	return STATUS_OK;
}

/* Go from 1 by powers of `step`, until it is other than at 1. */
static enum status walk(const struct search *s, double step,
			struct worth_limit *limit, struct diag *d)
{
	double same = 1.0;

	for (double f = step; f <= WORTH_MOST && f >= 1.0 / WORTH_MOST;
	     f *= step) {
		bool p;
		enum status st = pays(s, f, &p, d);

		if (st != STATUS_OK)
			return st;
		if (p != limit->pays) {
			limit->found = true;
			return halve(s, limit->pays, same, f, &limit->factor,
				     d);
		}
		same = f;
	}
	return STATUS_OK;
}

enum status worth_find_limit(const struct upgrade_case *c,
			     const struct hardware *hw,
			     const struct upgrade *u, size_t step,
			     struct worth_limit *out, struct diag *d)
{
	const struct search s = { .c = c, .hw = hw, .u = u, .step = step };
	struct worth_limit limit = { .found = false };
	enum status st = pays(&s, 1.0, &limit.pays, d);

	if (st == STATUS_OK)
		st = walk(&s, 2.0, &limit, d);
	if (st == STATUS_OK && !limit.found)
		st = walk(&s, 0.5, &limit, d);
	if (st == STATUS_OK)
		*out = limit;
	return st;
}
