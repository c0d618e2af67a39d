/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fit_budget.h"

#include <math.h>

#include "evaluate/evaluate.h"

/* How near the simulated time is to come to the target, from below. */
#define NEAR 1e-3

/* The cheapest combination is found to this part of its cost, with at most
 * this many plans. */
#define WITHIN 0.01
enum { MOST_PLANS = 4000, MOST_ROUNDS = 6 };

/* A search over some of the items, in their order. */
struct search {
	const struct decode_case *c;
	const struct fit_budget *f;
	struct upgrade_case subject;
	size_t item[BUDGET_MOST], n;
	bool fill;			/* memory is among them */
};

static struct hardware improved(const struct search *s, const double *x)
{
	struct hardware hw = s->c->hardware;

	for (size_t i = 0; i < s->n; i++)
		upgrade_apply(&s->f->items[s->item[i]].upgrade, exp2(x[i]),
			      &hw);
	return hw;
}

static enum status planned_time(void *context, const double *x,
				double *time_s, struct diag *d)
{
	const struct search *s = context;
	const struct hardware hw = improved(s, x);
	struct plan plan;
	enum status st = upgrade_plan(&s->subject, &hw, s->fill, &plan,
				      time_s, d);

	if (st == STATUS_INFEASIBLE) {
		*time_s = INFINITY;
		return STATUS_OK;
	}
	if (st == STATUS_OK)
		plan_clear(&plan);
	return st;
}

/*
 * Plan, this time held against GLPK, and simulate at `x`; STATUS_INFEASIBLE if
 * nothing fits.
 */
static enum status simulate(const struct search *s, const double *x,
			    struct outcome *out, struct diag *d)
{
	struct upgrade_case subject = s->subject;
	struct decode_case c = *s->c;
	double planned_s;
	enum status st;

	c.hardware = improved(s, x);
	subject.options = &s->c->planner;
	st = upgrade_plan(&subject, &c.hardware, s->fill, &c.plan,
			  &planned_s, d);
	if (st != STATUS_OK)
		return st;
	c.has_plan = true;
	st = evaluate(&c, c.policy, NULL, NULL, out, d);
	plan_clear(&c.plan);
	return st;
}

static enum status solve(const struct search *s, double target_s,
			 struct budget_answer *a, struct diag *d)
{
	struct budget b = { .n = s->n, .target_s = target_s,
			    .time = planned_time, .context = (void *)s,
			    .most_times = MOST_PLANS };

	for (size_t i = 0; i < s->n; i++)
		b.cost[i] = s->f->items[s->item[i]].cost;
	return s->n == 1 ? budget_alone(&b, 0, a, d)
			 : budget_cheapest(&b, WITHIN, a, d);
}

/* The answer that the simulation bears out. */
static enum status settle(const struct search *s, struct budget_answer *a,
			  struct outcome *out, bool *reached, struct diag *d)
{
	double target_s = s->f->target_s * (1.0 - 0.5 * NEAR);
	double aim_s = target_s;

	for (int i = 0;; i++) {
		const double top[BUDGET_MOST] = {
			BUDGET_DOUBLINGS, BUDGET_DOUBLINGS, BUDGET_DOUBLINGS,
			BUDGET_DOUBLINGS
		};
		enum status st = solve(s, aim_s, a, d);

		if (st != STATUS_OK)
			return st;
		*reached = isfinite(a->cost);
		st = simulate(s, *reached ? a->x : top, out, d);
		if (st != STATUS_OK || !*reached)
			return st;
		*reached = out->step_s <= s->f->target_s;
		if (i == MOST_ROUNDS ||
		    (*reached && (a->cost <= 0.0 ||
				  out->step_s >= (1.0 - NEAR) *
							 s->f->target_s)))
			return st;
		aim_s *= target_s / out->step_s;
		outcome_clear(out);
	}
}

static enum status add_answer(const struct decode_case *c, struct fit_budget *f,
			      const bool uses[BUDGET_MOST], struct diag *d)
{
	struct fit_answer *out = &f->answers[f->nanswers];
	struct planner_options quick = c->planner;
	struct search s = {
		.c = c, .f = f,
		.subject = { .m = &c->model, .w = &c->workload,
			     .policy = c->policy, .options = &quick },
	};
	struct budget_answer a;
	enum status st;

	quick.without_glpk = true;
	*out = (struct fit_answer){ .cost = INFINITY };
	for (size_t i = 0; i < f->n; i++) {
		out->uses[i] = uses[i];
		out->factor[i] = 1.0;
		if (!uses[i])
			continue;
		s.fill = s.fill || f->items[i].upgrade.memory;
		s.item[s.n++] = i;
	}
	out->alone = s.n == 1;
	st = settle(&s, &a, &out->outcome, &out->reached, d);
	if (st == STATUS_INFEASIBLE) {	/* not even with the most of these */
		f->nanswers++;
		return STATUS_OK;
	}
	if (st != STATUS_OK)
		return st;
	f->nanswers++;
	if (!out->reached)
		return st;
	out->cost = a.cost;
	out->slack = a.slack;
	for (size_t i = 0; i < s.n; i++)
		out->factor[s.item[i]] = exp2(a.x[i]);
	return st;
}

static enum status check_stated(const struct decode_case *c,
				const struct fit_budget *f, struct diag *d)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct upgrade *u = &f->items[i].upgrade;

		if (upgrade_value(u, &c->hardware) <= 0.0)
			return diag_fail(d, STATUS_USAGE,
					 "--cost %s: %s does not state %s, so "
					 "it cannot be changed", u->name,
					 c->hardware.name, u->field[0]->path);
	}
	return STATUS_OK;
}

/* All items together, with memory or without. */
static enum status add_together(const struct decode_case *c,
				struct fit_budget *f, bool memory,
				struct diag *d)
{
	bool uses[BUDGET_MOST] = { false };
	size_t n = 0, left = 0;

	for (size_t i = 0; i < f->n; i++) {
		uses[i] = memory || !f->items[i].upgrade.memory;
		n += uses[i];
		left += !uses[i];
	}
	/* without memory is another question only where there is some */
	if (n < 2 || (!memory && left == 0))
		return STATUS_OK;
	return add_answer(c, f, uses, d);
}

enum status fit_budget_make(const struct decode_case *c, struct fit_budget *f,
			    struct diag *d)
{
	enum status s = check_stated(c, f, d);

	if (s != STATUS_OK)
		return s;
	s = evaluate(c, c->policy, NULL, NULL, &f->now, d);
	f->fits_now = s == STATUS_OK;
	if (s == STATUS_INFEASIBLE)
		s = STATUS_OK;
	for (size_t i = 0; i < f->n && s == STATUS_OK; i++) {
		bool uses[BUDGET_MOST] = { false };

		uses[i] = true;
		s = add_answer(c, f, uses, d);
	}
	if (s == STATUS_OK)
		s = add_together(c, f, false, d);
	if (s == STATUS_OK)
		s = add_together(c, f, true, d);
	return s;
}

void fit_budget_clear(struct fit_budget *f)
{
	outcome_clear(&f->now);
	for (size_t i = 0; i < FIT_MOST_ANSWERS; i++)
		outcome_clear(&f->answers[i].outcome);
}

const struct fit_answer *fit_budget_cheapest(const struct fit_budget *f)
{
	const struct fit_answer *best = NULL;

	for (size_t i = 0; i < f->nanswers; i++)
		if (f->answers[i].reached &&
		    (best == NULL || f->answers[i].cost < best->cost))
			best = &f->answers[i];
	return best;
}

double fit_budget_value(const struct fit_budget *f, const struct decode_case *c,
			const struct fit_answer *a, size_t i)
{
	double value = upgrade_value(&f->items[i].upgrade, &c->hardware);
	bool shrinks = f->items[i].upgrade.field[0]->quantity ==
		       QUANTITY_SECONDS;

	return shrinks ? value / a->factor[i] : value * a->factor[i];
}
