/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/budget.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* A lower corner of what may still hold a cheaper answer. */
struct corner {
	double x[BUDGET_MOST], cost;
};

struct search {
	const struct budget *b;
	struct corner *heap;		/* the cheapest first */
	size_t n, capacity, times;
	struct budget_answer best;
};

static double cost_of(const struct budget *b, const double *x)
{
	double sum = 0.0;

	for (size_t i = 0; i < b->n; i++)
		sum += b->cost[i] * x[i];
	return sum;
}

static void push(struct search *s, const double *x)
{
	size_t i = s->n++;
	struct corner c = { .cost = cost_of(s->b, x) };

	memcpy(c.x, x, sizeof c.x);
	if (s->n > s->capacity) {
		s->capacity = 2 * s->n + 16;
		s->heap = xrealloc_array(s->heap, s->capacity,
					 sizeof *s->heap);
	}
	for (; i > 0 && s->heap[(i - 1) / 2].cost > c.cost; i = (i - 1) / 2)
		s->heap[i] = s->heap[(i - 1) / 2];
	s->heap[i] = c;
}

static struct corner pop(struct search *s)
{
	struct corner top = s->heap[0], last = s->heap[--s->n];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < s->n &&
		    s->heap[child + 1].cost < s->heap[child].cost)
			child++;
		if (child >= s->n || s->heap[child].cost >= last.cost)
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	if (s->n > 0)
		s->heap[i] = last;
	return top;
}

static enum status measure(struct search *s, const double *x, double *time_s,
			   struct diag *d)
{
	s->times++;
	return s->b->time(s->b->context, x, time_s, d);
}

static void offer(struct search *s, const double *x, double time_s)
{
	double cost = cost_of(s->b, x);

	if (cost >= s->best.cost)
		return;
	memcpy(s->best.x, x, sizeof s->best.x);
	s->best.cost = cost;
	s->best.time_s = time_s;
}

/*
 * The point from `bad`, which is too slow, towards `good`, which is not, at
 * which it is reached, from either side: to `exact` doublings.
 */
static enum status cross(struct search *s, double exact, double *bad,
			 double *good, struct diag *d)
{
	for (;;) {
		double middle[BUDGET_MOST] = { 0.0 }, most = 0.0, time_s;
		enum status st;

		for (size_t i = 0; i < s->b->n; i++) {
			middle[i] = 0.5 * (bad[i] + good[i]);
			most = fmax(most, good[i] - bad[i]);
		}
		if (most <= exact)
			return STATUS_OK;
		st = measure(s, middle, &time_s, d);
		if (st != STATUS_OK)
			return st;
		if (time_s <= s->b->target_s) {
			offer(s, middle, time_s);
			memcpy(good, middle, sizeof middle);
		} else {
			memcpy(bad, middle, sizeof middle);
		}
	}
}

/* As far as an answer that is cheaper than the best can go in each way. */
static void find_top(const struct search *s, const double *low, double *top)
{
	double cost = cost_of(s->b, low);

	for (size_t i = 0; i < s->b->n; i++)
		top[i] = fmin(BUDGET_DOUBLINGS,
			      low[i] + (s->best.cost - cost) / s->b->cost[i]);
}

/* Cut off what lies below the crossing above `low`: a corner for each way. */
static enum status cut(struct search *s, const double *low, double exact,
		       struct diag *d)
{
	double bad[BUDGET_MOST] = { 0.0 }, good[BUDGET_MOST] = { 0.0 };
	double time_s;
	enum status st = measure(s, low, &time_s, d);

	if (st != STATUS_OK)
		return st;
	if (time_s <= s->b->target_s) {
		offer(s, low, time_s);
		return STATUS_OK;
	}
	memcpy(bad, low, sizeof bad);
	find_top(s, low, good);
	st = measure(s, good, &time_s, d);
	if (st != STATUS_OK || time_s > s->b->target_s)
		return st;	/* nothing above `low` can be cheaper */
	st = cross(s, exact, bad, good, d);
	for (size_t i = 0; i < s->b->n && st == STATUS_OK; i++) {
		double x[BUDGET_MOST];

		memcpy(x, low, sizeof x);
		/* no answer has all of x below `bad` */
		x[i] = fmax(bad[i], low[i] + BUDGET_EXACT);
		if (x[i] <= BUDGET_DOUBLINGS &&
		    cost_of(s->b, x) < s->best.cost)
			push(s, x);
	}
	return st;
}

/* Lower each doubling of the best in turn as far as the rest allows. */
static enum status polish(struct search *s, struct diag *d)
{
	for (size_t i = 0; i < s->b->n; i++) {
		double bad[BUDGET_MOST], good[BUDGET_MOST], time_s;
		enum status st;

		memcpy(good, s->best.x, sizeof good);
		memcpy(bad, good, sizeof bad);
		bad[i] = 0.0;
		if (good[i] <= 0.0)
			continue;
		st = measure(s, bad, &time_s, d);
		if (st != STATUS_OK)
			return st;
		if (time_s <= s->b->target_s)
			offer(s, bad, time_s);
		else
			st = cross(s, BUDGET_EXACT, bad, good, d);
		if (st != STATUS_OK)
			return st;
	}
	return STATUS_OK;
}

/* Begin at the top, the dearest; an INFINITY of cost if that is too slow. */
static enum status begin(struct search *s, const double *top, struct diag *d)
{
	double time_s;
	enum status st;

	s->best = (struct budget_answer){ .cost = INFINITY };
	st = measure(s, top, &time_s, d);
	if (st != STATUS_OK)
		return st;
	s->best.time_s = time_s;
	if (time_s <= s->b->target_s)
		offer(s, top, time_s);
	return STATUS_OK;
}

enum status budget_alone(const struct budget *b, size_t i,
			 struct budget_answer *out, struct diag *d)
{
	struct search s = { .b = b };
	double bad[BUDGET_MOST] = { 0.0 }, good[BUDGET_MOST] = { 0.0 };
	double time_s;
	enum status st;

	good[i] = BUDGET_DOUBLINGS;
	st = begin(&s, good, d);
	if (st == STATUS_OK && isfinite(s.best.cost))
		st = measure(&s, bad, &time_s, d);
	if (st == STATUS_OK && isfinite(s.best.cost)) {
		if (time_s <= b->target_s)
			offer(&s, bad, time_s);
		else
			st = cross(&s, BUDGET_EXACT, bad, good, d);
	}
	if (st != STATUS_OK)
		return st;
	s.best.slack = b->cost[i] * BUDGET_EXACT;
	*out = s.best;
	return STATUS_OK;
}

/* What one improvement does alone is an answer: the others need be cheaper. */
static enum status offer_alone(struct search *s, struct diag *d)
{
	for (size_t i = 0; i < s->b->n; i++) {
		struct budget_answer a;
		enum status st = budget_alone(s->b, i, &a, d);

		if (st != STATUS_OK)
			return st;
		if (isfinite(a.cost))
			offer(s, a.x, a.time_s);
	}
	return STATUS_OK;
}

enum status budget_cheapest(const struct budget *b, double within,
			    struct budget_answer *out, struct diag *d)
{
	struct search s = { .b = b };
	double top[BUDGET_MOST] = { 0.0 }, low[BUDGET_MOST] = { 0.0 };
	double floor = 0.0;
	enum status st;

	assert(b->n >= 1 && b->n <= BUDGET_MOST && within > 0.0);
	for (size_t i = 0; i < b->n; i++)
		top[i] = BUDGET_DOUBLINGS;
	st = begin(&s, top, d);
	if (st == STATUS_OK && isfinite(s.best.cost))
		st = offer_alone(&s, d);
	if (st == STATUS_OK && isfinite(s.best.cost))
		push(&s, low);
	while (st == STATUS_OK && s.n > 0 && s.times < b->most_times) {
		struct corner c = pop(&s);

		floor = c.cost;
		if (c.cost >= s.best.cost - within * s.best.cost)
			break;
		/* corners need be no sharper than the answer */
		st = cut(&s, c.x, fmax(BUDGET_EXACT,
				       0.1 * within * s.best.cost), d);
		floor = s.n > 0 ? s.heap[0].cost : s.best.cost;
	}
	if (st == STATUS_OK && isfinite(s.best.cost))
		st = polish(&s, d);
	free(s.heap);
	if (st != STATUS_OK)
		return st;
	s.best.slack = fmax(0.0, s.best.cost - fmin(floor, s.best.cost));
	*out = s.best;
	return STATUS_OK;
}
