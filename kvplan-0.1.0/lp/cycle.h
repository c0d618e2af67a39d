/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cycle.h - the maximum cycle ratio of a graph, by policy iteration.
 *
 * The steady-state period of a graph is the most, over all cycles of its
 * dependencies (lp/period.h names them), of the durations on the cycle over
 * the periods that it spans; a wait between engines takes a hand-off h more:
 *
 *     T = max over cycles C of  (sum of d_i over C + h waits between engines)
 *                               / sum of lags over C
 *
 * Howard's algorithm (Howard, Dynamic Programming and Markov Processes,
 * 1960; for cycles: Cochet-Terrasson, Cohen, Gaubert, McGettrick, Quadrat,
 * Numerical computation of spectral elements in max-plus algebra, 1998; held
 * against others by Dasdan, Experimental analysis of the fastest optimum
 * cycle ratio and mean algorithms, 2004) keeps one predecessor for each node,
 * the policy.  The best cycle of the policy gives a ratio T, the
 * policy start times x; where some dependency is broken,
 *
 *     x_i + d_i (+ h) - D T > x_j
 *
 * the policy takes it up, until none is.  Then x proves that no cycle has a
 * larger ratio, and the policy's cycle attains it: the result is exact, but
 * for rounding.
 *
 * The graph is prepared once (lp/skeleton.h); a search begins with the policy
 * that the last one ended with, and allocates nothing.  Searches cannot fail.
 */
#ifndef LP_CYCLE_H
#define LP_CYCLE_H

#include <stddef.h>

#include "schedule/graph.h"

struct cycle;			/* opaque: a graph and its last policy */

/** Prepare `g`, of one task at least, which must outlive the result. */
struct cycle *cycle_new(const struct graph *g);

/** Release `c`; NULL is a no-op. */
void cycle_free(struct cycle *c);

/** Forget what was searched: `c` is then as cycle_new() made it. */
void cycle_reset(struct cycle *c);

/**
 * The maximum cycle ratio [s] when each task takes `work_s` [s] of its work,
 * an array of g->nworks and, behind them, h; none negative.  One of the
 * cycles that attain it is kept for the functions below, which must not be
 * called before.
 */
double cycle_search(struct cycle *c, const double *work_s);

/**
 * How much that cycle's ratio grows with the duration of each work, into
 * `weight`, an array of g->nworks: its tasks of that work / (sum of lags);
 * and, behind them, with h: its waits between engines / (sum of lags).
 * The sum of weight * work_s is the ratio; with other durations it is the
 * ratio of that cycle, so no more than cycle_search() would find; with slopes
 * of the durations it is the slope of that ratio.
 */
void cycle_works(const struct cycle *c, double *weight);

/** The same with h alone. */
double cycle_handoffs(const struct cycle *c);

/** The same for each task, an array of g->ntasks: 0 off the cycle. */
void cycle_weights(const struct cycle *c, double *weight);

#endif
