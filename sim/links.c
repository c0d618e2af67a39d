/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/links.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "sim/event_queue.h"

/*
 * The flows of a route all have the same rate, so what one has moved since it
 * began differs from what another has by a constant.  `moved` is what a flow
 * would have moved that has been there from the start; a flow that begins
 * when it is m ends when it is m + bytes, whatever the rates will be.  Hence
 * a queue of ends by that measure, in which nothing changes when rates do:
 * a change costs the same for one flow and for a thousand.
 */
struct route {
	double rate;		/* [B/s] of one flow */
	double moved;		/* [B] by one flow, at since_s */
	double since_s;
	double first;		/* the least of `ends`, if there is one */
	double end_s;		/* when that is reached; INFINITY: no flow */
	double carried;		/* [B] by all, at since_s */
	double count;		/* of its flows */
	struct event_queue *ends;	/* by `moved`; the kind is the flow */
	bool touched;		/* `first` is new: end_s is to be found */
};

struct flow {
	double mark;		/* at which value of `moved` it ends; its
				   bytes as long as it waits */
	uint32_t route, tag, next_free;
	bool moves;
};

struct links {
	double now_s;
	double end_s, begin_s;	/* the next of either kind, if not changed */
	bool changed;		/* flows began or ended since share() */
	size_t nroutes;
	struct route *routes;
	struct max_min *shares;
	struct flow *flows;
	uint32_t nflows, first_free;	/* first_free == nflows: none */
	struct event_queue *waiting;	/* flows that do not move yet */
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
	l->waiting = event_queue_new();
	l->end_s = l->begin_s = INFINITY;
	return l;
}

void links_free(struct links *l)
{
	if (l == NULL)
		return;
	for (size_t r = 0; r < l->nroutes; r++)
		event_queue_free(l->routes[r].ends);
	max_min_free(l->shares);
	event_queue_free(l->waiting);
	free(l->routes);
	free(l->flows);
	free(l->ended);
	free(l);
}

size_t links_route(struct links *l, uint64_t crosses)
{
	size_t r = max_min_route(l->shares, crosses);

	if (r == l->nroutes) {
		l->nroutes++;
		l->routes = xrealloc_array(l->routes, l->nroutes,
					   sizeof *l->routes);
		l->routes[r] = (struct route){ .ends = event_queue_new(),
					       .end_s = INFINITY };
	}
	return r;
}

static double moved_at(const struct route *r, double now_s)
{
	return r->moved + r->rate * (now_s - r->since_s);
}

static void move_to(const struct links *l, struct route *r, double moved)
{
	r->carried += r->count * (moved - r->moved);
	r->moved = moved;
	r->since_s = l->now_s;
}

/* Measure from here on: the marks of all flows of the route are less. */
static void rebase(struct links *l, struct route *r)
{
	size_t n = event_queue_length(r->ends);
	struct event *all = xcalloc(n + 1, sizeof *all);

	for (size_t i = 0; i < n; i++)
		event_queue_pop(r->ends, &all[i]);
	for (size_t i = 0; i < n; i++) {
		all[i].time_s -= r->moved;
		l->flows[all[i].kind].mark = all[i].time_s;
		event_queue_push(r->ends, all[i]);
	}
	r->first -= r->moved;
	r->moved = 0.0;
	free(all);
}

/* The flow begins to move. */
static void begin(struct links *l, uint32_t number)
{
	struct flow *f = &l->flows[number];
	struct route *r = &l->routes[f->route];
	bool alone = r->count == 0.0;

	move_to(l, r, alone ? 0.0 : moved_at(r, l->now_s));
	if (r->moved > MOST_MOVED * f->mark)
		rebase(l, r);
	f->mark += r->moved;
	f->moves = true;
	if (alone || f->mark < r->first) {
		r->first = f->mark;
		r->touched = true;
	}
	event_queue_push(r->ends, (struct event){ .time_s = f->mark,
						  .kind = number });
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

/* The first flow of a route ends, and those that end at the same mark. */
static void end(struct links *l, size_t route)
{
	struct route *r = &l->routes[route];
	struct event first;

	move_to(l, r, r->first);
	do {
		event_queue_pop(r->ends, &first);
		max_min_leave(l->shares, route);
		tell(l, first.kind);
		r->count--;
	} while (event_queue_peek(r->ends, &first) &&
		 first.time_s <= r->moved);
	r->first = first.time_s;
	r->touched = true;
	l->changed = true;
}

/* The route goes on at `rate`: what that makes of its next end. */
static void go_at(const struct links *l, struct route *r, double rate)
{
	double left;

	move_to(l, r, moved_at(r, l->now_s));
	left = r->first - r->moved;
	r->rate = rate;
	r->touched = false;
	if (r->count == 0.0)
		r->end_s = INFINITY;
	else
		r->end_s = left > 0.0 ? l->now_s + left / rate : l->now_s;
}

static void share(struct links *l)
{
	const double *rate = max_min_rates(l->shares);
	double end_s = INFINITY;

	for (size_t i = 0; i < l->nroutes; i++) {
		struct route *r = &l->routes[i];

		if (rate[i] != r->rate || r->touched)
			go_at(l, r, rate[i]);
		end_s = r->end_s < end_s ? r->end_s : end_s;
	}
	l->end_s = end_s;
	l->changed = false;
}

static double next_change(struct links *l)
{
	if (l->changed)
		share(l);
	return l->end_s < l->begin_s ? l->end_s : l->begin_s;
}

static void begin_all(struct links *l)
{
	struct event first;

	do {
		event_queue_pop(l->waiting, &first);
		begin(l, first.kind);
	} while (event_queue_peek(l->waiting, &first) &&
		 first.time_s <= l->now_s);
	l->begin_s = event_queue_length(l->waiting) > 0 ? first.time_s
							: INFINITY;
}

/* Of one moment, first the ends; rates are found anew once it is over. */
static void go_on(struct links *l, double now_s)
{
	double next_s;

	assert(now_s >= l->now_s);
	while ((next_s = next_change(l)) <= now_s) {
		l->now_s = next_s;
		if (l->end_s <= next_s)
			for (size_t r = 0; r < l->nroutes; r++)
				if (l->routes[r].end_s <= next_s)
					end(l, r);
		if (l->begin_s <= next_s)
			begin_all(l);
	}
	l->now_s = now_s;
}

static uint32_t new_flow(struct links *l, struct links_flow flow)
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
	l->flows[number] = (struct flow){ .mark = flow.bytes,
					  .route = (uint32_t)flow.route,
					  .tag = flow.tag };
	return number;
}

size_t links_start(struct links *l, double now_s, struct links_flow flow)
{
	double begin_s = now_s + flow.latency_s;
	uint32_t number;

	assert(flow.route < l->nroutes);
	assert(flow.bytes >= 0.0 && flow.bytes < INFINITY);
	assert(flow.latency_s >= 0.0 && begin_s < INFINITY);
	if (now_s != l->now_s)
		go_on(l, now_s);
	number = new_flow(l, flow);
	if (begin_s <= now_s) {
		begin(l, number);
		return number;
	}
	event_queue_push(l->waiting, (struct event){ .time_s = begin_s,
						     .kind = number });
	if (begin_s < l->begin_s)
		l->begin_s = begin_s;
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
	return fmax(0.0, f->mark - moved_at(&l->routes[f->route], l->now_s));
}

static bool crosses(const struct links *l, size_t route, size_t link)
{
	assert(link < l->nlinks);
	return max_min_crosses(l->shares, route) >> link & 1;
}

double links_rate(struct links *l, size_t link)
{
	double sum = 0.0;

	next_change(l);
	for (size_t r = 0; r < l->nroutes; r++)
		if (crosses(l, r, link))
			sum += l->routes[r].count * l->routes[r].rate;
	return sum;
}

double links_carried(const struct links *l, size_t link)
{
	double sum = 0.0;

	for (size_t r = 0; r < l->nroutes; r++) {
		const struct route *x = &l->routes[r];

		if (crosses(l, r, link))
			sum += x->carried + x->count *
			       (moved_at(x, l->now_s) - x->moved);
	}
	return sum;
}

size_t links_count(const struct links *l, size_t link)
{
	size_t n = 0;

	for (size_t r = 0; r < l->nroutes; r++)
		if (crosses(l, r, link))
			n += max_min_count(l->shares, r);
	return n;
}
