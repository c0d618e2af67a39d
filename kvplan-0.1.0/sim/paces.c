/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/paces.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"

struct pace {
	double rate;		/* [B/s] of one flow */
	double moved;		/* [B] by one flow, at since_s */
	double since_s;
	double mark;		/* [B] where its first flow is done */
	double end_s;		/* when that will be */
};

/* A rate that no route has: what depends on it is to be found anew. */
static const double UNKNOWN = -1.0;

void paces_add(struct paces *p)
{
	p->all = xrealloc_array(p->all, p->n + 1, sizeof *p->all);
	p->all[p->n++] = (struct pace){ .mark = INFINITY, .end_s = INFINITY };
}

void paces_clear(struct paces *p)
{
	free(p->all);
}

double paces_rate(const struct paces *p, size_t r)
{
	return p->all[r].rate;
}

double paces_moved(const struct paces *p, size_t r, double now_s)
{
	const struct pace *x = &p->all[r];

	return x->moved + x->rate * (now_s - x->since_s);
}

void paces_move(struct paces *p, size_t r, double now_s, double moved)
{
	p->all[r].moved = moved;
	p->all[r].since_s = now_s;
}

void paces_aim(struct paces *p, size_t r, double mark)
{
	p->all[r].mark = mark;
	p->all[r].rate = UNKNOWN;
}

double paces_mark(const struct paces *p, size_t r)
{
	return p->all[r].mark;
}

/*
 * Without a branch, as ends come in any order.  Where there is no flow,
 * infinity over a rate of 0 is what it should be.
 */
static void go(struct pace *x, double now_s, double rate)
{
	double left;

	x->moved += x->rate * (now_s - x->since_s);
	x->since_s = now_s;
	x->rate = rate;
	left = x->mark - x->moved;
	left = left > 0.0 ? left : 0.0;
	x->end_s = now_s + left / rate;
}

double paces_go(struct paces *p, double now_s, const double *rate)
{
	double least = INFINITY;

	for (size_t r = 0; r < p->n; r++) {
		struct pace *x = &p->all[r];

		if (rate[r] != x->rate)
			go(x, now_s, rate[r]);
		least = x->end_s < least ? x->end_s : least;
	}
	return least;
}

size_t paces_ended(const struct paces *p, size_t r, double now_s)
{
	while (r < p->n && p->all[r].end_s > now_s)
		r++;
	return r;
}
