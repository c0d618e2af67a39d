/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * paces.h - how far the flows of each route have come, and when the first of
 * a route will be there.
 *
 * The flows of a route all have the same rate, so what one has moved since it
 * began differs from what another has by a constant.  A route's pace is what
 * a flow would have moved that has been there from the start; a flow that
 * begins when it is m is done when it is m + bytes, whatever the rates will
 * be.
 *
 * A route whose rate stays is left as it is, to the bit: a flow that nobody
 * disturbs ends at its beginning plus bytes over rate.  Misuse is asserted;
 * nothing here returns an error.
 */
#ifndef SIM_PACES_H
#define SIM_PACES_H

#include <stddef.h>

struct pace;		/* opaque */

/* Zeroed: no routes. */
struct paces {
	size_t n;		/* routes */
	struct pace *all;
};

/** One route more, without flows; paces_clear() releases them all. */
void paces_add(struct paces *p);

/** Release what `p` owns. */
void paces_clear(struct paces *p);

/** The rate of route `r` [B/s], of one flow, after paces_go(). */
double paces_rate(const struct paces *p, size_t r);

/** What a flow of route `r` has moved [B] at `now_s`. */
double paces_moved(const struct paces *p, size_t r, double now_s);

/**
 * From `now_s` on, measure route `r` from `moved`: what paces_moved() says, or
 * another beginning of the scale.
 */
void paces_move(struct paces *p, size_t r, double now_s, double moved);

/**
 * The first flow of route `r`, which paces_move() has just brought to
 * `now_s`, is done at `mark`, INFINITY if there is none.  Its end is known
 * after the next paces_go().
 */
void paces_aim(struct paces *p, size_t r, double mark);

/** Where the first flow of route `r` is done. */
double paces_mark(const struct paces *p, size_t r);

/**
 * From `now_s` on, routes go at `rate`.  The earliest of all ends [s]:
 *
 *     end = now + max(0, mark - moved) / rate
 */
double paces_go(struct paces *p, double now_s, const double *rate);

/** The first route from `r` on whose end is not after `now_s`, or p->n. */
size_t paces_ended(const struct paces *p, size_t r, double now_s);

#endif
