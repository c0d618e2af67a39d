/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/tangent.h"

#include <math.h>
#include <stdbool.h>

#include "lp/pace.h"
#include "model/power_limit.h"

/* A figure is multiplied and divided by 1 + STEP. */
#define STEP 1e-4

/* Of all tokens: a split that a STEP moves further was no answer of its own,
 * as where T does not depend on it. */
#define LEAP 1e-2

/* At a limit, what changes T by less for a STEP is rounding. */
#define NOTHING 1e-7

/* A clock closer than this to the slowest, relatively, is that. */
#define SAME_CLOCK 1e-9

/* The critical cycle's time on the machine `hw`. */
static double cycle_seconds(const struct tangent *t, const struct hardware *hw)
{
	const struct graph *g = t->layer.graph;
	const struct period *p = &t->period;
	double sum = p->on_handoff * hw->handoff_s;

	for (int i = 0; i < BOUND_SHARED; i++)
		sum += p->on_shared[i] *
		       bound_shared(g, hw, (enum bound_shared)i,
				    t->layer.cached, p->split);
	for (size_t i = 0; i < g->ntasks; i++)
		sum += p->on_cycle[i] *
		       work_seconds(&g->works[g->tasks[i].work], hw,
				    t->layer.cached, p->split);
	return sum;
}

static enum status solve(const struct tangent_layer *l,
			 const struct hardware *at, struct period *out,
			 struct diag *d)
{
	return period_solve_near(l->graph, at, l->cached, l->low, l->high,
				 l->near, out, d);
}

/* Where T no longer matters for the clock. */
static bool is_slowest(const struct tangent_layer *l)
{
	return l->clock <= power_limit_slowest(l->hw) * (1.0 + SAME_CLOCK);
}

/* ln P on `hw` at `clock`. */
static enum status find_drawn(const struct tangent *t,
			      const struct hardware *hw, double clock,
			      double *drawn, struct diag *d)
{
	const struct tangent_layer *l = &t->layer;
	struct hardware at = power_limit_machine(hw, clock);
	double split = t->period.split;
	struct power_load per_s;
	struct period p;
	enum status st;

	st = solve(l, &at, &p, d);
	if (st != STATUS_OK)
		return st;
	if (fabs(p.split - split) <= LEAP * l->cached)
		split = p.split;
	per_s = pace_load(l->graph, l->cached, split);
	per_s.flop /= p.period_s;
	per_s.bytes /= p.period_s;
	*drawn = power_limit_log_drawn(hw, clock, &per_s);
	period_clear(&p);
	return STATUS_OK;
}

/* What follows from the clock alone. */
static enum status find_clock_slopes(struct tangent *t, struct diag *d)
{
	const struct hardware *hw = t->layer.hw;
	double up = t->layer.clock * (1.0 + STEP), by = 2.0 * log1p(STEP);
	double down = t->layer.clock / (1.0 + STEP), more, less;
	struct hardware faster = power_limit_machine(hw, up);
	struct hardware slower = power_limit_machine(hw, down);
	enum status st;

	t->clock_slope = (cycle_seconds(t, &faster) -
			  cycle_seconds(t, &slower)) / by;
	if (is_slowest(&t->layer))
		return STATUS_OK;
	st = find_drawn(t, hw, up, &more, d);
	if (st == STATUS_OK)
		st = find_drawn(t, hw, down, &less, d);
	if (st == STATUS_OK)
		t->drawn_slope = (more - less) / by;
	return st;
}

/* At 0, or with all recomputed, a copy falls away. */
static void hold_where_work_drops(struct tangent_layer *l)
{
	for (size_t i = 0; i < l->graph->nworks; i++)
		if (work_is_empty(&l->graph->works[i], l->cached, l->near))
			l->low = l->high = l->near;
}

enum status tangent_make(const struct tangent_layer *layer,
			 struct tangent *t, struct diag *d)
{
	struct tangent found = { .layer = *layer, .at = *layer->hw,
				 .limited = layer->clock < 1.0 };
	enum status st;

	hold_where_work_drops(&found.layer);
	if (found.limited)
		found.at = power_limit_machine(layer->hw, layer->clock);
	st = solve(&found.layer, &found.at, &found.period, d);
	if (st == STATUS_OK && found.limited) {
		st = find_clock_slopes(&found, d);
		if (st != STATUS_OK)
			tangent_clear(&found);
	}
	if (st == STATUS_OK)
		*t = found;
	return st;
}

/* By how much ln c rises between two machines. */
static enum status find_clock(const struct tangent *t,
			      const struct hardware *less,
			      const struct hardware *more, double *rise,
			      struct diag *d)
{
	double low, high;
	enum status st;

	if (is_slowest(&t->layer)) {
		*rise = log(power_limit_slowest(more) /
			    power_limit_slowest(less));
		return STATUS_OK;
	}
	st = find_drawn(t, more, t->layer.clock, &high, d);
	if (st == STATUS_OK)
		st = find_drawn(t, less, t->layer.clock, &low, d);
	if (st == STATUS_OK)
		*rise = (low - high) / t->drawn_slope;
	return st;
}

enum status tangent_of(const struct tangent *t,
		       const struct figure *f, double *slope,
		       struct diag *d)
{
	struct hardware more = *t->layer.hw, less = *t->layer.hw;
	double *up = hardware_figure(&more, f);
	double *down = hardware_figure(&less, f), rise, change;
	struct hardware faster, slower;
	enum status st;

	*slope = 0.0;
	if (*up == 0.0)
		return STATUS_OK;
	*up *= 1.0 + STEP;
	*down /= 1.0 + STEP;
	if (!t->limited) {
		*slope = (cycle_seconds(t, &more) - cycle_seconds(t, &less)) /
			 (*up - *down);
		return STATUS_OK;
	}
	st = find_clock(t, &less, &more, &rise, d);
	if (st != STATUS_OK)
		return st;
	faster = power_limit_machine(&more, t->layer.clock);
	slower = power_limit_machine(&less, t->layer.clock);
	change = cycle_seconds(t, &faster) - cycle_seconds(t, &slower) +
		 t->clock_slope * rise;
	if (fabs(change) > NOTHING * STEP * t->period.period_s)
		*slope = change / (*up - *down);
	return STATUS_OK;
}

void tangent_clear(struct tangent *t)
{
	period_clear(&t->period);
}
