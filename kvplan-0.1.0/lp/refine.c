/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/refine.h"

#include "lp/period.h"

struct search {
	struct steady *steady;
	size_t cached;
	size_t best;
	double best_s;
};

static double convex(const struct search *s, size_t l)
{
	return steady_bound(s->steady, s->cached, l, true);
}

/* Where the convex floor is least in low .. high. */
static size_t lowest(const struct search *s, size_t low, size_t high)
{
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (convex(s, middle) <= convex(s, middle + 1))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/*
 * The last split from `good`, whose convex floor leaves room, towards `bad`
 * that does too.
 */
static size_t edge(const struct search *s, size_t good, size_t bad)
{
	if (convex(s, bad) <= s->best_s)
		return bad;
	while ((good > bad ? good - bad : bad - good) > 1) {
		size_t middle = good < bad ? good + (bad - good) / 2
					   : bad + (good - bad) / 2;

		if (convex(s, middle) <= s->best_s)
			good = middle;
		else
			bad = middle;
	}
	return good;
}

/* Take `l` if it is better, or as good and smaller. */
static void try_split(struct search *s, size_t l)
{
	const double more = 1.0 + PERIOD_SAME;
	double found_s;

	if (steady_bound(s->steady, s->cached, l, false) > s->best_s * more)
		return;
	found_s = steady_at(s->steady, (double)s->cached, (double)l).period_s;
	if (found_s * more < s->best_s ||
	    (found_s <= s->best_s * more && l < s->best)) {
		s->best = l;
		s->best_s = found_s;
	}
}

size_t refine_best_split(struct steady *steady, bool curves, size_t cached,
			 size_t limit, double *period_s)
{
	struct search s = { .steady = steady, .cached = cached };
	size_t middle, low, high;

	s.best = steady_best_split(steady, cached, limit, period_s);
	if (!curves)
		return s.best;
	s.best_s = steady_at(steady, (double)cached, (double)s.best).period_s;
	/* where work falls away, at the ends, the floor is not convex */
	try_split(&s, 0);
	try_split(&s, limit);
	if (limit >= 2) {
		middle = lowest(&s, 1, limit - 1);
		if (convex(&s, middle) <= s.best_s) {
			low = edge(&s, middle, 1);
			high = edge(&s, middle, limit - 1);
			for (size_t l = low; l <= high; l++)
				try_split(&s, l);
		}
	}
	*period_s = s.best_s;
	return s.best;
}
