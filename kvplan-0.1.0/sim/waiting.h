/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * waiting.h - flows that do not move yet, by the time at which they will.
 *
 * A ring in order.  Latencies are alike, so that the last to come is mostly the
 * last to move: a new one finds its place from the end, in O(1) then and O(n)
 * at worst.  Those of the same time come out as they came in.  Misuse is
 * asserted; nothing here returns an error.
 */
#ifndef SIM_WAITING_H
#define SIM_WAITING_H

#include <stddef.h>
#include <stdint.h>

struct waiting_flow;		/* opaque */

/* Zeroed: nobody waits. */
struct waiting {
	struct waiting_flow *ring;
	size_t head, n, room;	/* room: 0, or a power of 2 */
};

/** Release what `w` owns. */
void waiting_clear(struct waiting *w);

/** Flow `flow` waits until `begin_s`. */
void waiting_add(struct waiting *w, double begin_s, uint32_t flow);

/** When the first has waited [s]; INFINITY if none waits. */
double waiting_next_s(const struct waiting *w);

/** That flow, which waits no more; there is one. */
uint32_t waiting_take(struct waiting *w);

#endif
