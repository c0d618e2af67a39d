/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/chain.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"

#define NONE TRACE_NO_TASK

/* A task of a step, while what it waited for is looked for. */
struct visit {
	size_t task, step;
};

struct chain {
	const struct trace *t;
	size_t *on_engine;		/* of each event: the one before */
	size_t *by_key;			/* events by (gpu, step, task) */
	size_t *by_end;			/* events by (gpu, end) */
	size_t first_step;		/* of any event */
	struct visit *visits;		/* of one event */
	size_t nvisits, room;
};

/* qsort() passes no context: what is sorted carries its event along. */
struct sorted {
	const struct trace_event *e;
	size_t index;
};

static int compare(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int by_key(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	int order = compare(x->e->gpu, y->e->gpu);

	if (order == 0)
		order = compare(x->e->step, y->e->step);
	return order != 0 ? order : compare(x->e->task, y->e->task);
}

static int by_end(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	int order = compare(x->e->gpu, y->e->gpu);

	if (order != 0)
		return order;
	if (x->e->end_s != y->e->end_s)
		return x->e->end_s < y->e->end_s ? -1 : 1;
	return compare(x->index, y->index);
}

static size_t *sorted(const struct trace *t,
		      int (*order)(const void *, const void *))
{
	struct sorted *all = xcalloc(t->n + 1, sizeof *all);
	size_t *out = xcalloc(t->n + 1, sizeof *out);

	for (size_t i = 0; i < t->n; i++)
		all[i] = (struct sorted){ &t->events[i], i };
	qsort(all, t->n, sizeof *all, order);
	for (size_t i = 0; i < t->n; i++)
		out[i] = all[i].index;
	free(all);
	return out;
}

/* Of each event the one before it of the same GPU and engine. */
static size_t *predecessors(const struct trace *t)
{
	size_t *before = xcalloc(t->n + 1, sizeof *before), *last, gpus = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].gpu >= gpus)
			gpus = t->events[i].gpu + 1;
	last = xcalloc(gpus * ENGINE_COUNT + 1, sizeof *last);
	for (size_t i = 0; i < gpus * ENGINE_COUNT; i++)
		last[i] = NONE;
	for (size_t i = 0; i < t->n; i++) {
		const struct trace_event *e = &t->events[i];
		size_t *at = &last[e->gpu * ENGINE_COUNT + e->engine];

		before[i] = *at;
		*at = i;
	}
	free(last);
	return before;
}

struct chain *chain_new(const struct trace *t)
{
	struct chain *c = xcalloc(1, sizeof *c);

	c->t = t;
	c->on_engine = predecessors(t);
	c->by_key = sorted(t, by_key);
	c->by_end = sorted(t, by_end);
	c->first_step = SIZE_MAX;
	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].step < c->first_step)
			c->first_step = t->events[i].step;
	return c;
}

void chain_free(struct chain *c)
{
	if (c == NULL)
		return;
	free(c->on_engine);
	free(c->by_key);
	free(c->by_end);
	free(c->visits);
	free(c);
}

/* Of `of`, sorted by `order`, how many come before `key`. */
static size_t count_before(const struct chain *c, const size_t *of,
			   const struct sorted *key,
			   int (*order)(const void *, const void *))
{
	size_t low = 0, high = c->t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct sorted at = { &c->t->events[of[middle]],
					   of[middle] };

		if (order(&at, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t find_event(const struct chain *c, size_t gpu, size_t step,
			 size_t task)
{
	const struct trace_event wanted = { .gpu = gpu, .step = step,
					    .task = task };
	const struct sorted key = { &wanted, 0 };
	size_t i = count_before(c, c->by_key, &key, by_key);
	const struct sorted found = { i < c->t->n
			? &c->t->events[c->by_key[i]] : NULL, 0 };

	return found.e != NULL && by_key(&found, &key) == 0 ? c->by_key[i]
							    : NONE;
}

static void visit(struct chain *c, size_t task, size_t step)
{
	for (size_t i = 0; i < c->nvisits; i++)
		if (c->visits[i].task == task && c->visits[i].step == step)
			return;
	if (c->nvisits == c->room) {
		c->room = c->room ? 2 * c->room : 16;
		c->visits = xrealloc_array(c->visits, c->room,
					   sizeof *c->visits);
	}
	c->visits[c->nvisits++] = (struct visit){ task, step };
}

/* The first wait of `task`. */
static size_t first_wait(const struct trace *t, size_t task)
{
	size_t low = 0, high = t->nwaits;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->waits[middle].task < task)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* When the event `i` had ended, as far as `event` could see; or -inf. */
static double seen_end_s(const struct chain *c, size_t i, size_t event)
{
	if (i == NONE || i >= event)
		return -INFINITY;
	return fmin(c->t->events[i].end_s, c->t->events[event].start_s);
}

static void consider(const struct chain *c, size_t i, size_t event,
		     size_t *best)
{
	if (seen_end_s(c, i, event) > seen_end_s(c, *best, event))
		*best = i;
}

static void consider_waits(struct chain *c, size_t event, size_t *best)
{
	const struct trace_event *e = &c->t->events[event];

	c->nvisits = 0;
	if (e->task != NONE)
		visit(c, e->task, e->step);
	for (size_t v = 0; v < c->nvisits; v++) {
		struct visit at = c->visits[v];
		size_t k = first_wait(c->t, at.task);

		for (; k < c->t->nwaits && c->t->waits[k].task == at.task;
		     k++) {
			const struct trace_wait *w = &c->t->waits[k];
			size_t i;

			if (at.step - c->first_step < w->lag)
				continue;
			i = find_event(c, e->gpu, at.step - w->lag, w->on);
			if (i == NONE)
				visit(c, w->on, at.step - w->lag);
			else
				consider(c, i, event, best);
		}
	}
}

/* The last of the GPU to end no later than `event` started. */
static void consider_all(const struct chain *c, size_t event, size_t *best)
{
	const struct trace_event *e = &c->t->events[event];
	const struct trace_event wanted = { .gpu = e->gpu,
					    .end_s = e->start_s };
	const struct sorted key = { &wanted, NONE };
	size_t i = count_before(c, c->by_end, &key, by_end);

	while (i > 0 && c->by_end[i - 1] >= event)	/* of no length */
		i--;
	if (i > 0 && c->t->events[c->by_end[i - 1]].gpu == e->gpu)
		consider(c, c->by_end[i - 1], event, best);
}

/* The event that ended before `event` and that it started after, or NONE. */
static size_t event_before(struct chain *c, size_t event)
{
	size_t best = NONE;

	if (c->t->waits != NULL)
		consider_waits(c, event, &best);
	consider(c, c->on_engine[event], event, &best);
	if (c->t->waits == NULL)
		consider_all(c, event, &best);
	return best;
}

void chain_walk(struct chain *c, size_t event, double begin_s,
		chain_piece *piece, void *context)
{
	double now_s = c->t->events[event].end_s;

	assert(begin_s <= now_s);
	for (;;) {
		const struct trace_event *e = &c->t->events[event];
		double start_s = fmin(now_s, fmax(e->start_s, begin_s));
		size_t before = event_before(c, event);
		double end_s = fmin(start_s, fmax(begin_s,
			before == NONE ? begin_s
				       : c->t->events[before].end_s));

		if (start_s - end_s <= 2.0 * TRACE_DIGIT_S)
			end_s = start_s;	/* both were rounded */
		piece(context, e, start_s - end_s, now_s - start_s);
		if (before == NONE || end_s <= begin_s)
			return;
		event = before;
		now_s = end_s;
	}
}
