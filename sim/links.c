/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/links.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "sim/priority_queue.h"
#include "sim/paces.h"
#include "sim/waiting.h"

/*
 * Flows of a route are in a queue by their marks, on the scale of sim/paces.h,
 * in which nothing changes when rates do: a change costs the same for one flow
 * and for a thousand.
 */
struct route {
	double before;		/* [B] carried, less count * moved */
	double count;		/* of its flows */
	struct priority_queue *ends;	/* flows by their marks */
	uint32_t alone;		/* the only flow, or NOBODY: else `ends` */
};

struct flow {
	double mark;		/* at which of the route's pace it ends; its
				   bytes as long as it waits */
	uint32_t route, tag, next_free;
	bool moves;
};

#define NOBODY UINT32_MAX

struct links {
	double now_s;
	double end_s, begin_s;	/* the next of either kind, if not changed */
	double next_s;		/* the earlier of them */
	bool changed;		/* flows began or ended since share() */
	size_t nroutes;
	struct route *routes;
	struct paces paces;
	struct max_min *shares;
	struct flow *flows;
	uint32_t nflows, first_free;	/* first_free == nflows: none */
	struct waiting waiting;
	struct links_end *ended;	/* ends not taken yet */
	size_t nended, taken, room;
	size_t nlinks;
};

/*
 * When `moved` is this many times a flow's size its roundings begin to count
 * for that flow: 2^10 * 2^-53 is 1e-13.
 */
static const double MOST_MOVED = 1024.0;

struct links *links_new(const struct max_min_link *links, size_t n)
{
	struct links *l = xcalloc(1, sizeof *l);

	l->nlinks = n;
	l->shares = max_min_new(links, n);
	l->end_s = l->begin_s = l->next_s = INFINITY;
	return l;
}

void links_free(struct links *l)
{
	if (l == NULL)
		return;
	for (size_t r = 0; r < l->nroutes; r++)
		priority_queue_free(l->routes[r].ends);
	max_min_free(l->shares);
	waiting_clear(&l->waiting);
	paces_clear(&l->paces);
	free(l->routes);
	free(l->flows);
	free(l->ended);
	free(l);
}

size_t links_route(struct links *l, struct max_min_path path)
{
	size_t r = max_min_route(l->shares, path);

	if (r == l->nroutes) {
		l->nroutes++;
		l->routes = xrealloc_array(l->routes, l->nroutes,
					   sizeof *l->routes);
		l->routes[r] = (struct route){ .ends = priority_queue_new(),
					       .alone = NOBODY };
		paces_add(&l->paces);
	}
	return r;
}

static void queue(const struct links *l, struct route *r, uint32_t number)
{
	priority_queue_push(r->ends, (struct queued){
		.key = l->flows[number].mark, .value = number });
}

/* One flow needs no queue; with the second, both go there. */
static void leave_alone(const struct links *l, struct route *r)
{
	if (r->alone == NOBODY)
		return;
	queue(l, r, r->alone);
	r->alone = NOBODY;
}

/*
 * Measure route `r`, which has just been brought to now, from here on: the
 * marks of all its flows are less.
 */
static void rebase(struct links *l, size_t route)
{
	struct route *r = &l->routes[route];
	double moved = paces_moved(&l->paces, route, l->now_s);
	size_t n = priority_queue_length(r->ends);
	struct queued *all = xcalloc(n + 1, sizeof *all);

	for (size_t i = 0; i < n; i++)
		priority_queue_pop(r->ends, &all[i]);
	for (size_t i = 0; i < n; i++) {
		l->flows[all[i].value].mark -= moved;
		queue(l, r, all[i].value);
	}
	r->before += r->count * moved;
	paces_move(&l->paces, route, l->now_s, 0.0);
	paces_aim(&l->paces, route, paces_mark(&l->paces, route) - moved);
	free(all);
}

/* Flow `number` joins others of its route. */
static void join(struct links *l, uint32_t number)
{
	struct flow *f = &l->flows[number];
	struct route *r = &l->routes[f->route];
	struct paces *p = &l->paces;

	double moved = paces_moved(p, f->route, l->now_s);

	leave_alone(l, r);
	paces_move(p, f->route, l->now_s, moved);
	if (moved > MOST_MOVED * f->mark) {
		rebase(l, f->route);
		moved = 0.0;
	}
	f->mark += moved;
	if (f->mark < paces_mark(p, f->route))
		paces_aim(p, f->route, f->mark);
	queue(l, r, number);
	r->before -= moved;
}

/* The flow begins to move. */
static void begin(struct links *l, uint32_t number)
{
	struct flow *f = &l->flows[number];
	struct route *r = &l->routes[f->route];

	if (r->count > 0.0) {
		join(l, number);
	} else {
		r->alone = number;
		paces_move(&l->paces, f->route, l->now_s, 0.0);
		paces_aim(&l->paces, f->route, f->mark);
	}
	f->moves = true;
	r->count++;
	max_min_join(l->shares, f->route);
	l->changed = true;
}

static void tell(struct links *l, uint32_t number)
{
	if (l->nended == l->room) {
		l->room = l->room > 0 ? 2 * l->room : 16;
		l->ended = xrealloc_array(l->ended, l->room,
					  sizeof *l->ended);
	}
	l->ended[l->nended++] = (struct links_end){
		l->now_s, number, l->flows[number].tag };
	l->flows[number].mark = 0.0;
	l->flows[number].moves = false;
}

static void end_one(struct links *l, size_t route, uint32_t number,
		    double mark)
{
	max_min_leave(l->shares, route);
	tell(l, number);
	l->routes[route].before += mark;
	l->routes[route].count--;
}

/* Flows of a queue, up to `mark`: the mark of the next. */
static double end_queued(struct links *l, size_t route, double mark)
{
	struct priority_queue *ends = l->routes[route].ends;
	struct queued first;

	do {
		priority_queue_pop(ends, &first);
		end_one(l, route, first.value, mark);
		if (!priority_queue_peek(ends, &first))
			return INFINITY;
	} while (first.key <= mark);
	return first.key;
}

/* The first flow of a route ends, and those that end at the same mark. */
static void end(struct links *l, size_t route)
{
	uint32_t alone = l->routes[route].alone;
	double mark = paces_mark(&l->paces, route), next = INFINITY;

	if (alone == NOBODY)
		next = end_queued(l, route, mark);
	else
		end_one(l, route, alone, mark);
	l->routes[route].alone = NOBODY;
	paces_move(&l->paces, route, l->now_s, mark);
	paces_aim(&l->paces, route, next);
	l->changed = true;
}

static void end_all(struct links *l)
{
	const struct paces *p = &l->paces;

	for (size_t r = paces_ended(p, 0, l->now_s); r < p->n;
	     r = paces_ended(p, r + 1, l->now_s))
		end(l, r);
}

static void share(struct links *l)
{
	l->end_s = paces_go(&l->paces, l->now_s, max_min_rates(l->shares));
	l->next_s = l->end_s < l->begin_s ? l->end_s : l->begin_s;
	l->changed = false;
}

static double next_change(struct links *l)
{
	if (l->changed)
		share(l);
	return l->next_s;
}

static void begin_all(struct links *l)
{
	do
		begin(l, waiting_take(&l->waiting));
	while ((l->begin_s = waiting_next_s(&l->waiting)) <= l->now_s);
}

/* Of one moment, first the ends; rates are found anew once it is over. */
static void go_on(struct links *l, double now_s)
{
	double next_s;

	assert(now_s >= l->now_s);
	while ((next_s = next_change(l)) <= now_s) {
		l->now_s = next_s;
		if (l->end_s <= next_s)
			end_all(l);
		if (l->begin_s <= next_s)
			begin_all(l);
	}
	l->now_s = now_s;
}

static uint32_t new_flow(struct links *l, const struct links_flow *flow)
{
	uint32_t number = l->first_free;

	if (number == l->nflows) {
		uint32_t n = l->nflows > 0 ? 2 * l->nflows : 16;

		l->flows = xrealloc_array(l->flows, n, sizeof *l->flows);
		for (uint32_t i = l->nflows; i < n; i++)
			l->flows[i].next_free = i + 1;
		l->nflows = n;
	}
	l->first_free = l->flows[number].next_free;
	l->flows[number] = (struct flow){ .mark = flow->bytes,
					  .route = (uint32_t)flow->route,
					  .tag = flow->tag };
	return number;
}

size_t links_start(struct links *l, double now_s,
		   const struct links_flow *flow)
{
	double begin_s = now_s + flow->latency_s;
	uint32_t number;

	assert(flow->route < l->nroutes);
	assert(flow->bytes >= 0.0 && flow->bytes < INFINITY);
	assert(flow->latency_s >= 0.0 && begin_s < INFINITY);
	if (now_s != l->now_s)
		go_on(l, now_s);
	number = new_flow(l, flow);
	if (begin_s <= now_s) {
		begin(l, number);
		return number;
	}
	waiting_add(&l->waiting, begin_s, number);
	if (begin_s < l->begin_s)
		l->begin_s = begin_s;
	if (begin_s < l->next_s)
		l->next_s = begin_s;
	return number;
}

double links_next_s(struct links *l)
{
	return l->taken < l->nended ? l->ended[l->taken].end_s
				    : next_change(l);
}

bool links_take(struct links *l, double now_s, struct links_end *out)
{
	if (l->taken == l->nended || now_s != l->now_s)
		go_on(l, now_s);
	if (l->taken == l->nended)
		return false;
	*out = l->ended[l->taken++];
	if (l->taken == l->nended)
		l->taken = l->nended = 0;
	l->flows[out->flow].next_free = l->first_free;
	l->first_free = (uint32_t)out->flow;
	return true;
}

double links_left(const struct links *l, size_t flow)
{
	const struct flow *f = &l->flows[flow];

	assert(flow < l->nflows);
	if (!f->moves)
		return f->mark;
	return fmax(0.0, f->mark - paces_moved(&l->paces, f->route,
					       l->now_s));
}

double links_rate(struct links *l, size_t link)
{
	double sum = 0.0;

	next_change(l);
	for (size_t r = 0; r < l->nroutes; r++)
		sum += (double)max_min_crosses(l->shares, r, link) *
		       l->routes[r].count * paces_rate(&l->paces, r);
	return sum;
}

double links_carried(const struct links *l, size_t link)
{
	double sum = 0.0;

	for (size_t r = 0; r < l->nroutes; r++) {
		const struct route *x = &l->routes[r];
		double moved = paces_moved(&l->paces, r, l->now_s);

		sum += (double)max_min_crosses(l->shares, r, link) *
		       (x->before + x->count * moved);
	}
	return sum;
}

size_t links_count(const struct links *l, size_t link)
{
	size_t n = 0;

	for (size_t r = 0; r < l->nroutes; r++)
		if (max_min_crosses(l->shares, r, link) > 0)
			n += max_min_count(l->shares, r);
	return n;
}
