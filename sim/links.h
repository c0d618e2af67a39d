/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * links.h - flows that share links, driven by a simulator's clock.
 *
 * A flow waits for its latency, then moves its bytes over all links of its
 * route at once, at the rate that sim/max_min.h gives it.  Rates change when
 * a flow begins to move or ends, and at no other time.  Flows that end at
 * the same moment are told in the order of their routes, on one route in the
 * order in which they began to move.
 *
 * The clock never goes back.  A simulator in which other things happen too
 * goes from moment to moment like this:
 *
 *	now = the earlier of links_next_s(l) and the first of those;
 *	while (links_take(l, now, &end))
 *		... the flow end.tag has ended, links_start() what follows ...
 *	... those of this moment ...
 *
 * Bytes left are good to some 1e-13 of a flow's size, times the changes of
 * rate that it lives through; the time of an end, to the clock's resolution
 * as well.  Misuse is asserted; nothing here returns an error.
 */
#ifndef SIM_LINKS_H
#define SIM_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/max_min.h"

struct links;			/* opaque */

struct links_flow {
	size_t route;		/* of links_route() */
	double bytes;		/* [B] >= 0 */
	double latency_s;	/* [s] >= 0, before it moves */
	uint32_t tag;		/* the caller's */
};

struct links_end {
	double end_s;		/* [s] */
	size_t flow;		/* its number, good for others from now on */
	uint32_t tag;
};

/**
 * `n` <= MAX_MIN_MOST_LINKS `links`, copied, at time 0 and without flows.  The
 * caller releases it with links_free().
 */
struct links *links_new(const struct max_min_link *links, size_t n);

/** Release `l`; NULL is a no-op. */
void links_free(struct links *l);

/** The index of the route along `path`, as max_min_route() wants it. */
size_t links_route(struct links *l, struct max_min_path path);

/**
 * Start `flow` at `now_s`, which no call before has passed.  The number of the
 * flow, good until its end is taken.
 */
size_t links_start(struct links *l, double now_s,
		   const struct links_flow *flow);

/**
 * When something happens next [s], if no flow is started before: a flow ends
 * or begins to move.  INFINITY if there is no flow.
 */
double links_next_s(struct links *l);

/**
 * Go on to `now_s` and take a flow that has ended by then, earliest first;
 * false if there is none.
 */
bool links_take(struct links *l, double now_s, struct links_end *out);

/** For tests: bytes that flow number `flow` has still to move [B], now. */
double links_left(const struct links *l, size_t flow);

/**
 * What the link of index `link` carries now, all flows together, each as often
 * as it crosses it [B/s].
 */
double links_rate(struct links *l, size_t link);

/** For tests: what it has carried up to now [B]. */
double links_carried(const struct links *l, size_t link);

/** For tests: flows that move now, over the link of index `link`. */
size_t links_count(const struct links *l, size_t link);

#endif
