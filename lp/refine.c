/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/refine.h"

#include "lp/period.h"

struct refinement {
	struct steady *steady;
	size_t cached;
	size_t best;
	double best_s;
};

static const double more = 1.0 + PERIOD_SAME;

/* Take `l`, of period `found_s`, if it is better, or as good and less. */
static void take(struct refinement *s, size_t l, double found_s)
{
	if (found_s * more < s->best_s ||
	    (found_s <= s->best_s * more && l < s->best)) {
		s->best = l;
		s->best_s = found_s;
	}
}

static double period_at(const struct refinement *s, size_t l)
{
	return steady_at(s->steady, (double)s->cached, (double)l).period_s;
}

/*
 * Take the best of low .. high, whose periods are `bound_s` or more: in halves,
 * that which may hold the better first.
 */
static void try_splits(struct refinement *s, size_t low, size_t high,
		       double bound_s)
{
	size_t middle = low + (high - low) / 2;
	double below_s, above_s;

	if (bound_s > s->best_s * more)
		return;
	if (low == high) {
		take(s, low, period_at(s, low));
		return;
	}
	below_s = steady_bound(s->steady, s->cached, low, middle);
	above_s = steady_bound(s->steady, s->cached, middle + 1, high);
	if (below_s <= above_s)
		try_splits(s, low, middle, below_s);
	try_splits(s, middle + 1, high, above_s);
	if (below_s > above_s)
		try_splits(s, low, middle, below_s);
}

static void try_range(struct refinement *s, size_t low, size_t high)
{
	try_splits(s, low, high,
		   steady_bound(s->steady, s->cached, low, high));
}

size_t refine_best_split(struct steady *steady, bool curves, size_t cached,
			 size_t limit, double *period_s)
{
	struct refinement s = { .steady = steady, .cached = cached };

	s.best = steady_best_split(steady, cached, limit, period_s);
	if (!curves)
		return s.best;
	s.best_s = period_at(&s, s.best);
	/* where work falls away, at the ends, it is no bound for others */
	try_range(&s, 0, 0);
	try_range(&s, limit, limit);
	if (limit >= 2)
		try_range(&s, 1, limit - 1);
	*period_s = s.best_s;
	return s.best;
}
