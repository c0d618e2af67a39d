/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * steady.h - the steady state as a function of the split, fast enough to ask
 * for millions of times.
 *
 * For one graph on one machine, the period T(l) that lp/period.h defines with
 * the split fixed, from the maximum cycle ratio (lp/cycle.h) and the limits
 * that engines share instead of a linear program:
 *
 *     T(l) = max(cycle ratio with d_i(l), each bound_shared(l))
 *
 * T is piecewise linear, and convex but where work falls away: that happens
 * at the ends of the splits alone, as amounts are affine and never negative.
 * Each evaluation also gives a tangent, from the cycle that binds.
 *
 * On a machine with curves the durations are exact for steady_at() and
 * steady_floor(), and T is neither convex nor smooth then: the slopes, and
 * steady_best_split(), are those of the convex durations below them
 * (work_duration()), and lp/refine.h finds the best split.
 *
 * What depends on the number of cached tokens is worked out when that changes;
 * ask for all splits of one length together.  Nothing is allocated but by
 * steady_new(), and nothing can fail.
 */
#ifndef LP_STEADY_H
#define LP_STEADY_H

#include <stdbool.h>
#include <stddef.h>

#include "model/hardware.h"
#include "schedule/bound.h"
#include "schedule/graph.h"

struct steady;			/* opaque: a graph, a machine, a length */

/* A value of T and the slopes of a tangent to it there. */
struct steady_point {
	double split;
	double period_s;		/* [s] T */
	double left_s, right_s;		/* [s per token] to either side: of the
					 * cycle that binds, left <= right;
					 * they differ at a kink of its
					 * durations, and all between are
					 * subgradients of T */
};

/** Prepare `g`, which must outlive the result, on `hw`, which is copied. */
struct steady *steady_new(const struct graph *g, const struct hardware *hw);

/** Release `s`; NULL is a no-op. */
void steady_free(struct steady *s);

/**
 * Go over to the machine `hw`, which is copied: what `s` says from then on
 * is, to the last bit, what steady_new() for that machine would.
 */
void steady_set_hardware(struct steady *s, const struct hardware *hw);

/** T at `cached` tokens and `split`, 0 <= split, and a tangent. */
struct steady_point steady_at(struct steady *s, double cached, double split);

/**
 * What binds where steady_at() was asked last: how much T grows with the
 * duration of each task, into `on_cycle`, an array of g->ntasks, and with
 * each bound_shared(), into `on_shared`; 1 for that which binds, and then 0 for
 * every task.
 */
void steady_weights(const struct steady *s, double *on_cycle,
		    double on_shared[BOUND_SHARED], double *on_handoff);

/**
 * The best whole split of 0 .. `limit` at `cached` tokens, of equals
 * (PERIOD_SAME of lp/period.h) the smallest; its period [s] into `*period_s`.
 * Finds where tangents from either side meet (Kelley, The cutting-plane
 * method for solving convex programs, 1960, in one dimension), beginning with
 * the cycles and the answer of the last time.
 */
size_t steady_best_split(struct steady *s, size_t cached, size_t limit,
			 double *period_s);

/**
 * Begin the next search of steady_best_split() at `split`: a good guess makes
 * it shorter, and its answer is the same.
 */
void steady_guess(struct steady *s, size_t split);

/**
 * The least bound_step() [s] at `cached` tokens over whole splits of `low` ..
 * `high`, low <= high: the floor under T.
 */
double steady_floor(struct steady *s, size_t cached, size_t low, size_t high);

/**
 * No more [s] than T at any split of `low` .. `high`: the floor, or what cycles
 * found so far take, if that is more, with each work at the least that it takes
 * there.
 */
double steady_bound(struct steady *s, size_t cached, size_t low, size_t high);

#endif
