/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/steady.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "lp/cycle.h"
#include "lp/period.h"
#include "lp/times.h"

/*
 * Sums of the same cycle in another order, relatively; to take one for the
 * least that is not, by so little, makes no difference (PERIOD_SAME).
 */
#define SAME_CYCLE 1e-12

enum side { FALLING, RISING, SIDES };

struct steady {
	struct times times;
	/*
	 * A search near the best split goes from a cycle that shrinks with it
	 * to one that grows and back: for each the one found last, as its
	 * ratio's slopes by work, and a policy for it.
	 */
	struct cycle *policy[SIDES];
	double *cycle[SIDES];
	double *spare;
	const struct cycle *last;	/* where T was asked for last, */
	enum bound_shared shared;	/* the longest of these there, */
	bool shared_binds;		/* and if it is more than the cycle */
	double hint;			/* the last best split, or a guess; */
	double stride;			/* how far from it to look next */
};

struct steady *steady_new(const struct graph *g, const struct hardware *hw)
{
	struct steady *s = xcalloc(1, sizeof *s);

	times_make(&s->times, g, hw);
	for (int k = 0; k < SIDES; k++) {
		s->policy[k] = cycle_new(g);
		s->cycle[k] = xcalloc(g->nworks + 1, sizeof *s->cycle[k]);
	}
	s->spare = xcalloc(g->nworks + 1, sizeof *s->spare);
	s->last = s->policy[FALLING];
	s->stride = INFINITY;
	return s;
}

void steady_free(struct steady *s)
{
	if (s == NULL)
		return;
	times_clear(&s->times);
	for (int k = 0; k < SIDES; k++) {
		cycle_free(s->policy[k]);
		free(s->cycle[k]);
	}
	free(s->spare);
	free(s);
}

void steady_set_hardware(struct steady *s, const struct hardware *hw)
{
	size_t nworks = s->times.graph->nworks;

	times_set_hardware(&s->times, hw);
	for (int k = 0; k < SIDES; k++) {
		cycle_reset(s->policy[k]);
		for (size_t w = 0; w <= nworks; w++)
			s->cycle[k][w] = 0.0;
	}
	s->last = s->policy[FALLING];
	s->shared_binds = false;
	s->hint = 0.0;
	s->stride = INFINITY;
}

/* The ratio of a cycle, or its slope, from those of the works. */
static double ratio(const struct steady *s, const double *cycle,
		    const double *of_works)
{
	double sum = 0.0;

	for (size_t w = 0; w <= s->times.graph->nworks; w++)
		sum += cycle[w] * of_works[w];
	return sum;
}

/* The larger of a cycle's value, `ratio_s`, and what engines share. */
static struct steady_point tangent(struct steady *s, const double *cycle,
				   double split, double ratio_s)
{
	struct times *t = &s->times;
	double shared_s, slope_s;

	s->shared = times_shared(t, split, &shared_s);
	s->shared_binds = shared_s > ratio_s;
	slope_s = t->shared[s->shared].split_s;
	if (s->shared_binds)
		return (struct steady_point){ split, shared_s, slope_s,
					      slope_s };
	return (struct steady_point){ split, ratio_s,
				      ratio(s, cycle, t->left_s),
				      ratio(s, cycle, t->right_s) };
}

/*
 * What the cycles at hand say of T: never more, and mostly all, as the same
 * ones bind from step to step.
 */
static struct steady_point foresee(struct steady *s, double split)
{
	double falling_s, rising_s;
	enum side side;

	times_set_split(&s->times, split);
	times_set_slopes(&s->times, split);
	falling_s = ratio(s, s->cycle[FALLING], s->times.work_s);
	rising_s = ratio(s, s->cycle[RISING], s->times.work_s);
	side = rising_s > falling_s ? RISING : FALLING;
	return tangent(s, s->cycle[side], split, fmax(falling_s, rising_s));
}

/* Keep the cycle that `policy` found for the side that it belongs to. */
static double *keep_cycle(struct steady *s, enum side side)
{
	double *found = s->spare;

	cycle_works(s->policy[side], found);
	s->last = s->policy[side];
	if (ratio(s, found, s->times.right_s) < 0.0)
		side = FALLING;
	else if (ratio(s, found, s->times.left_s) > 0.0)
		side = RISING;
	s->spare = s->cycle[side];
	s->cycle[side] = found;
	return found;
}

static struct steady_point evaluate(struct steady *s, double split)
{
	const double *work_s = s->times.work_s;
	double ratio_s;
	enum side side;

	times_set_split(&s->times, split);
	times_set_slopes(&s->times, split);
	side = ratio(s, s->cycle[RISING], work_s) >
	       ratio(s, s->cycle[FALLING], work_s) ? RISING : FALLING;
	ratio_s = cycle_search(s->policy[side], work_s);
	return tangent(s, keep_cycle(s, side), split, ratio_s);
}

struct steady_point steady_at(struct steady *s, double cached, double split)
{
	times_set_cached(&s->times, cached);
	return evaluate(s, split);
}

void steady_weights(const struct steady *s, double *on_cycle,
		    double on_shared[BOUND_SHARED], double *on_handoff)
{
	for (int i = 0; i < BOUND_SHARED; i++)
		on_shared[i] = s->shared_binds && i == (int)s->shared;
	*on_handoff = s->shared_binds ? 0.0 : cycle_handoffs(s->last);
	cycle_weights(s->last, on_cycle);
	if (s->shared_binds)
		for (size_t i = 0; i < s->times.graph->ntasks; i++)
			on_cycle[i] = 0.0;
}

void steady_guess(struct steady *s, size_t split)
{
	s->hint = (double)split;
}

double steady_bound(struct steady *s, size_t cached, size_t low, size_t high)
{
	double found, cycles_s = 0.0;

	times_set_cached(&s->times, (double)cached);
	found = times_floor_over(&s->times, (double)low, (double)high);
	for (int k = 0; k < SIDES; k++)
		cycles_s = fmax(cycles_s, ratio(s, s->cycle[k],
						s->times.work_s));
	return fmax(found, cycles_s * (1.0 - SAME_CYCLE));
}

/* Whether the floor, convex there, falls no more from `l` on. */
static bool floor_rises(struct steady *s, size_t l)
{
	return times_floor(&s->times, (double)l) <=
	       times_floor(&s->times, (double)l + 1.0);
}

/*
 * Where the floor is least in low .. high, between which it is convex: around
 * the last best split, mostly there, in steps that double; then by halving.
 */
static size_t lowest_floor(struct steady *s, size_t low, size_t high)
{
	size_t stride = 1, at = (size_t)s->hint;

	at = at < low ? low : at < high ? at : high;
	while (low < high) {
		if (at == high)
			at--;
		if (floor_rises(s, at)) {
			high = at;
			at = at - low > stride ? at - stride : low;
		} else {
			low = at + 1;
			at = high - at > stride ? at + stride : high;
		}
		stride *= 2;
		if (stride > (high - low) / 2)
			at = low + (high - low) / 2;
	}
	return low;
}

/*
 * The least floor of low .. high, where it is `bound_s` or more, or `least` if
 * that is less, on a machine with curves: in halves, the lower one first.
 */
static double lowest_exact(struct steady *s, size_t low, size_t high,
			   double bound_s, double least)
{
	size_t middle = low + (high - low) / 2;
	double below_s, above_s;

	if (bound_s >= least)
		return least;
	if (low == high)
		return bound_s;
	below_s = times_floor_over(&s->times, (double)low, (double)middle);
	above_s = times_floor_over(&s->times, (double)middle + 1.0,
				   (double)high);
	if (below_s <= above_s)
		least = lowest_exact(s, low, middle, below_s, least);
	least = lowest_exact(s, middle + 1, high, above_s, least);
	if (below_s > above_s)
		least = lowest_exact(s, low, middle, below_s, least);
	return least;
}

double steady_floor(struct steady *s, size_t cached, size_t low, size_t high)
{
	double least = INFINITY;

	assert(low <= high);
	times_set_cached(&s->times, (double)cached);
	/* at the ends work may fall away */
	least = fmin(times_floor(&s->times, (double)low),
		     times_floor(&s->times, (double)high));
	if (high - low < 2)
		return least;
	if (s->times.hw.calibration != NULL)
		return lowest_exact(s, low + 1, high - 1,
				    times_floor_over(&s->times,
						     (double)low + 1.0,
						     (double)high - 1.0),
				    least);
	low = lowest_floor(s, low + 1, high - 1);
	return fmin(least, times_floor(&s->times, (double)low));
}

/* Whole splits from low to high, between which T is convex. */
struct range {
	double low, high;
};

/* Where tangents at `a` and `b`, whose slopes point inwards, are lowest. */
static struct steady_point meet(const struct steady_point *a,
				const struct steady_point *b)
{
	double at = a->split + (b->period_s - a->period_s -
				b->left_s * (b->split - a->split)) /
			       (a->right_s - b->left_s);
	struct steady_point least = { .period_s = INFINITY };

	for (double l = floor(at); l <= floor(at) + 1.0; l++) {
		double x = fmin(fmax(l, a->split + 1.0), b->split - 1.0);
		double t = fmax(a->period_s + a->right_s * (x - a->split),
				b->period_s + b->left_s * (x - b->split));

		if (t < least.period_s)
			least = (struct steady_point){ .split = x,
						       .period_s = t };
	}
	return least;
}

static const struct steady_point *lesser(const struct steady_point *a,
					 const struct steady_point *b)
{
	return a->period_s <= b->period_s ? a : b;
}

/* evaluate() or foresee() */
typedef struct steady_point point_at(struct steady *s, double split);

/*
 * The whole split of `r` where the convex function `at` is least, beginning
 * at `next`; `*below` is the nearest evaluated from which it still falls, or
 * as it was.
 */
static struct steady_point minimise(struct steady *s, point_at *at,
				    struct range r, double next,
				    struct steady_point *below)
{
	struct steady_point p, above, guess;
	bool has_below = false, has_above = false;

	next = fmin(fmax(next, r.low), r.high);
	for (double stride = s->stride;; stride *= 2.0) {
		p = at(s, next);
		if ((p.left_s <= 0.0 && p.right_s >= 0.0) ||
		    (p.right_s < 0.0 && p.split == r.high) ||
		    (p.left_s > 0.0 && p.split == r.low))
			return p;
		if (p.right_s < 0.0) {
			*below = p;
			has_below = true;
		} else {
			above = p;
			has_above = true;
		}
		if (!has_above) {
			next = fmin(below->split + stride, r.high);
		} else if (!has_below) {
			next = fmax(above.split - stride, r.low);
		} else {
			p = *lesser(below, &above);
			if (above.split - below->split < 2.0)
				return p;
			guess = meet(below, &above);
			if (guess.period_s >= p.period_s)
				return p;
			next = guess.split;
		}
	}
}

/* Cycles found on the way to the best split: beyond, they may not be enough. */
enum { FORESIGHTS = 6 };

/*
 * The whole split of `r` with the least T.  What is foreseen lies nowhere
 * above T, so if T is no more at its minimum, that is the minimum of T too.
 * If it is more, the cycle found there makes for better foresight.
 */
static struct steady_point find_least(struct steady *s, struct range r,
				      struct steady_point *below)
{
	double next = s->hint;

	for (int i = 0; i < FORESIGHTS; i++) {
		struct steady_point guess, p;

		below->period_s = -INFINITY;
		guess = minimise(s, foresee, r, next, below);
		p = evaluate(s, guess.split);
		if (p.period_s <= guess.period_s * (1.0 + SAME_CYCLE))
			return p;
		next = guess.split;
	}
	below->period_s = -INFINITY;
	return minimise(s, evaluate, r, next, below);
}

/*
 * The first split of `r` with T at most `most_s`, known of `p` at the latest:
 * a tangent from below meets that before T does.
 */
static struct steady_point first(struct steady *s, struct range r,
				 struct steady_point p,
				 const struct steady_point *below,
				 double most_s)
{
	struct steady_point from = *below;

	if (p.split == r.low || p.period_s - p.left_s > most_s)
		return p;
	if (from.period_s <= most_s) {
		from = evaluate(s, r.low);
		if (from.period_s <= most_s)
			return from;
	}
	while (from.split + 1.0 < p.split) {
		double steps = ceil((from.period_s - most_s) / -from.right_s);

		if (from.split + steps >= p.split)
			return p;
		from = evaluate(s, from.split + fmax(steps, 1.0));
		if (from.period_s <= most_s)
			return from;
	}
	return p;
}

/* T at an end where work falls away, if the floor there allows the least. */
static double end_period(struct steady *s, double split, double least)
{
	if (times_floor(&s->times, split) * (1.0 - PERIOD_SAME) > least)
		return INFINITY;
	return evaluate(s, split).period_s;
}

static size_t best_split(struct steady *s, size_t cached, size_t limit,
			 double *period_s)
{
	double end = (double)limit, low_s = INFINITY, high_s = INFINITY, most_s;
	struct steady_point below = { .period_s = -INFINITY };
	struct steady_point p = { .split = end, .period_s = INFINITY };
	struct range r;

	times_set_cached(&s->times, (double)cached);
	r.low = times_drop_work(&s->times, 0.0) ? 1.0 : 0.0;
	r.high = times_drop_work(&s->times, end) ? end - 1.0 : end;
	if (r.low <= r.high) {
		p = find_least(s, r, &below);
		s->hint = p.split;
		s->stride = 1.0;
	}
	if (r.low > 0.0)
		low_s = end_period(s, 0.0, p.period_s);
	if (r.high < end)
		high_s = end_period(s, end, fmin(p.period_s, low_s));
	*period_s = fmin(p.period_s, fmin(low_s, high_s));
	most_s = *period_s / (1.0 - PERIOD_SAME);
	if (low_s <= most_s)
		p = (struct steady_point){ .split = 0.0, .period_s = low_s };
	else if (p.period_s <= most_s)
		p = first(s, r, p, &below, most_s);
	else
		p = (struct steady_point){ .split = end, .period_s = high_s };
	*period_s = p.period_s;
	return (size_t)p.split;
}

size_t steady_best_split(struct steady *s, size_t cached, size_t limit,
			 double *period_s)
{
	size_t l;

	s->times.convex = true;
	l = best_split(s, cached, limit, period_s);
	s->times.convex = false;
	return l;
}
