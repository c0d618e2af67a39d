/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/steady.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "lp/cycle.h"
#include "lp/period.h"
#include "schedule/bound.h"

struct steady {
	const struct graph *graph;
	struct hardware hw;
	struct cycle *cycle;
	double *count;			/* tasks of each work */
	size_t *moving;			/* works that the split changes */
	size_t nmoving;
	size_t *still;			/* the others that have tasks */
	size_t nstill;
	double duplex_s, duplex_token_s, duplex_split_s;	/* affine */

	double cached;			/* what follows holds for it; or NAN */
	struct work_duration *durations;	/* of moving works */
	double still_s[ENGINE_COUNT];	/* busy with the others */
	double *work_s;			/* durations at the last split */
	double *left_s, *right_s;	/* their slopes, per token */
	bool duplex_binds;		/* there */
	size_t hint;			/* the last best split */
};

static bool is_moving(const struct work *w)
{
	bool moving = w->bytes.per_split != 0.0 || w->flop.per_split != 0.0;

	for (size_t i = 0; i < w->ngemms; i++)
		moving |= w->gemm[i].m.per_split != 0.0;
	return moving;
}

static void sort_works(struct steady *s)
{
	const struct graph *g = s->graph;

	for (size_t i = 0; i < g->ntasks; i++)
		s->count[g->tasks[i].work] += 1.0;
	for (size_t w = 0; w < g->nworks; w++) {
		if (s->count[w] == 0.0)
			continue;
		if (is_moving(&g->works[w]))
			s->moving[s->nmoving++] = w;
		else
			s->still[s->nstill++] = w;
	}
}

/* Slopes over a span of tokens so long that their rounding stays small. */
static void set_duplex(struct steady *s)
{
	const double span = 1048576.0;
	double at[] = {
		bound_duplex(s->graph, &s->hw, 0.0, 0.0),
		bound_duplex(s->graph, &s->hw, span, 0.0),
		bound_duplex(s->graph, &s->hw, 0.0, span),
	};

	s->duplex_s = at[0];
	s->duplex_token_s = (at[1] - at[0]) / span;
	s->duplex_split_s = (at[2] - at[0]) / span;
}

struct steady *steady_new(const struct graph *g, const struct hardware *hw)
{
	struct steady *s = xcalloc(1, sizeof *s);
	size_t n = g->nworks;

	s->graph = g;
	s->hw = *hw;
	s->cycle = cycle_new(g);
	s->count = xcalloc(n, sizeof *s->count);
	s->moving = xcalloc(n, sizeof *s->moving);
	s->still = xcalloc(n, sizeof *s->still);
	s->durations = xcalloc(n, sizeof *s->durations);
	s->work_s = xcalloc(n, sizeof *s->work_s);
	s->left_s = xcalloc(n, sizeof *s->left_s);
	s->right_s = xcalloc(n, sizeof *s->right_s);
	sort_works(s);
	set_duplex(s);
	s->cached = NAN;
	return s;
}

void steady_free(struct steady *s)
{
	if (s == NULL)
		return;
	cycle_free(s->cycle);
	free(s->count);
	free(s->moving);
	free(s->still);
	free(s->durations);
	free(s->work_s);
	free(s->left_s);
	free(s->right_s);
	free(s);
}

static void set_cached(struct steady *s, double cached)
{
	const struct graph *g = s->graph;

	if (cached == s->cached)
		return;
	s->cached = cached;
	for (int e = 0; e < ENGINE_COUNT; e++)
		s->still_s[e] = 0.0;
	for (size_t i = 0; i < s->nstill; i++) {
		size_t w = s->still[i];

		s->work_s[w] = work_seconds(&g->works[w], &s->hw, cached, 0.0);
		s->still_s[g->works[w].engine] += s->count[w] * s->work_s[w];
	}
	for (size_t i = 0; i < s->nmoving; i++) {
		size_t w = s->moving[i];

		s->durations[w] = work_duration(&g->works[w], &s->hw, cached);
	}
}

static bool is_empty(const struct steady *s, size_t work, double split)
{
	return work_is_empty(&s->graph->works[work], s->cached, split);
}

static void set_split(struct steady *s, double split)
{
	for (size_t i = 0; i < s->nmoving; i++) {
		size_t w = s->moving[i];

		s->work_s[w] = is_empty(s, w, split) ? 0.0 :
			work_duration_at(&s->durations[w], split);
	}
}

/* The slopes at either side; where the arms of a maximum meet they differ. */
static void set_slopes(struct steady *s, double split)
{
	for (size_t i = 0; i < s->nmoving; i++) {
		size_t w = s->moving[i];
		const struct work_duration *d = &s->durations[w];

		s->left_s[w] = s->right_s[w] = 0.0;
		if (s->work_s[w] == 0.0)	/* empty */
			continue;
		for (size_t k = 0; k < d->npieces; k++) {
			const struct work_piece *p = &d->pieces[k];
			double a = p->per_split_s[0], b = p->per_split_s[1];
			double over = p->fixed_s[0] + a * split -
				      (p->fixed_s[1] + b * split);

			s->left_s[w] += over > 0.0 ? a :
					over < 0.0 ? b : fmin(a, b);
			s->right_s[w] += over > 0.0 ? a :
					 over < 0.0 ? b : fmax(a, b);
		}
	}
}

static double duplex_at(const struct steady *s, double split)
{
	return s->duplex_s + s->duplex_token_s * s->cached +
	       s->duplex_split_s * split;
}

struct steady_point steady_at(struct steady *s, double cached, double split)
{
	double ratio, duplex;

	set_cached(s, cached);
	set_split(s, split);
	ratio = cycle_search(s->cycle, s->work_s);
	duplex = duplex_at(s, split);
	s->duplex_binds = duplex > ratio;
	if (s->duplex_binds)
		return (struct steady_point){ split, duplex,
					      s->duplex_split_s,
					      s->duplex_split_s };
	set_slopes(s, split);
	return (struct steady_point){ split, ratio,
				      cycle_ratio(s->cycle, s->left_s),
				      cycle_ratio(s->cycle, s->right_s) };
}

void steady_weights(const struct steady *s, double *on_cycle,
		    double *on_duplex)
{
	*on_duplex = s->duplex_binds;
	cycle_weights(s->cycle, on_cycle);
	if (s->duplex_binds)
		for (size_t i = 0; i < s->graph->ntasks; i++)
			on_cycle[i] = 0.0;
}

/* bound_step(), from the sums over works instead of tasks. */
static double floor_at(struct steady *s, double split)
{
	double busy_s[ENGINE_COUNT], most = duplex_at(s, split);

	set_split(s, split);
	for (int e = 0; e < ENGINE_COUNT; e++)
		busy_s[e] = s->still_s[e];
	for (size_t i = 0; i < s->nmoving; i++) {
		size_t w = s->moving[i];

		busy_s[s->graph->works[w].engine] +=
			s->count[w] * s->work_s[w];
	}
	for (int e = 0; e < ENGINE_COUNT; e++)
		most = fmax(most, busy_s[e]);
	return most;
}

double steady_floor(struct steady *s, size_t cached, size_t low, size_t high)
{
	double least;

	assert(low <= high);
	set_cached(s, (double)cached);
	least = fmin(floor_at(s, (double)low), floor_at(s, (double)high));
	if (high - low < 2)
		return least;
	/* between the ends it is convex: it rises from the least on */
	for (low++, high--; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (floor_at(s, (double)middle) <=
		    floor_at(s, (double)middle + 1.0))
			high = middle;
		else
			low = middle + 1;
	}
	return fmin(least, floor_at(s, (double)low));
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

/*
 * The whole split of `r` with the least T; `*below` is the nearest evaluated
 * from which T still falls, or as it was.
 */
static struct steady_point minimise(struct steady *s, struct range r,
				    struct steady_point *below)
{
	struct steady_point p, above, guess;
	bool has_below = false, has_above = false;
	double next = fmin(fmax((double)s->hint, r.low), r.high);

	for (double stride = 1.0;; stride *= 2.0) {
		p = steady_at(s, s->cached, next);
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
		from = steady_at(s, s->cached, r.low);
		if (from.period_s <= most_s)
			return from;
	}
	while (from.split + 1.0 < p.split) {
		double steps = ceil((from.period_s - most_s) / -from.right_s);

		if (from.split + steps >= p.split)
			return p;
		from = steady_at(s, s->cached, from.split + fmax(steps, 1.0));
		if (from.period_s <= most_s)
			return from;
	}
	return p;
}

static bool drops_work(const struct steady *s, double split)
{
	for (size_t i = 0; i < s->nmoving; i++)
		if (is_empty(s, s->moving[i], split))
			return true;
	return false;
}

/* T at an end where work falls away, if the floor there allows the least. */
static double end_period(struct steady *s, double split, double least)
{
	if (floor_at(s, split) * (1.0 - PERIOD_SAME) > least)
		return INFINITY;
	return steady_at(s, s->cached, split).period_s;
}

size_t steady_best_split(struct steady *s, size_t cached, size_t limit,
			 double *period_s)
{
	double end = (double)limit, low_s = INFINITY, high_s = INFINITY, most_s;
	struct steady_point below = { .period_s = -INFINITY };
	struct steady_point p = { .split = end, .period_s = INFINITY };
	struct range r;

	set_cached(s, (double)cached);
	r.low = drops_work(s, 0.0) ? 1.0 : 0.0;
	r.high = drops_work(s, end) ? end - 1.0 : end;
	if (r.low <= r.high) {
		p = minimise(s, r, &below);
		s->hint = (size_t)p.split;
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
