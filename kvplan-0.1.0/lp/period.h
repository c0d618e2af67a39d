/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * period.h - the steady state of a schedule: its period, and the split that
 * makes it shortest.
 *
 * A graph that is executed over and over settles into a rhythm.  With start
 * times x_i, durations d_i(l) and a dependency i -> j that crosses D
 * periods,
 *
 *     minimise T
 *     subject to  x_j + D T >= x_i + d_i(l)    for every dependency
 *                 0 <= l <= limit
 *
 * The dependencies are the graph's waits and the order of issue on each
 * engine (the last task of a period comes before the first of the next,
 * D = 1).  T is then the maximum cycle ratio of the graph, the least over l
 * (Baccelli, Cohen, Olsder, Quadrat, Synchronization and Linearity, 1992).
 * T is also at least what a period takes of each limit that engines share,
 * bound_shared().  Durations are model/work.h's: affine in l but for
 * the roofline's maxima, which are convex and so stay a linear program.
 * Where the split is free, a copy or kernel that falls away at l = 0 is taken
 * to cost its latency or launch there too; with the split fixed (lo = hi) it
 * costs nothing.
 *
 * T is exact when engines serve in the order of issue and copies do not slow
 * one another; `sim/` holds the same without those assumptions.  Copies that
 * slow one another make a step longer than T; engines that serve first come,
 * first served may make it longer or shorter.
 *
 * This is the program, for its dual values and as a check; lp/steady.h gives
 * the period, and the best whole split, some hundred times faster.
 */
#ifndef LP_PERIOD_H
#define LP_PERIOD_H

#include <stddef.h>

#include "base/diag.h"
#include "model/hardware.h"
#include "schedule/bound.h"
#include "schedule/graph.h"

/* Periods closer than this, relatively, are the same: rounding. */
#define PERIOD_SAME 1e-9

struct period {
	double period_s;		/* [s] T */
	double split;			/* l, not rounded */
	double *on_cycle;		/* of each task: how much T grows with
					 * its duration, 0 off the critical
					 * cycle (the dual values) */
	double on_shared[BOUND_SHARED];	/* the same for bound_shared() */
	double on_handoff;		/* the same for the hand-off between
					 * engines */
};

/**
 * The shortest period of `g` at `cached` tokens over splits in [lo, hi],
 * 0 <= lo <= hi; released with period_clear().  STATUS_SOLVER if GLPK gives
 * up: a shortest period always exists.
 */
MUST_CHECK enum status period_solve(const struct graph *g,
				    const struct hardware *hw, double cached,
				    double lo, double hi, struct period *out,
				    struct diag *d);

/**
 * The same with durations that are exact at `near` (work_duration_near()): on
 * a machine with curves those of period_solve() are convex and too short, but
 * where lo = hi.
 */
MUST_CHECK enum status period_solve_near(const struct graph *g,
					 const struct hardware *hw,
					 double cached, double lo, double hi,
					 double near, struct period *out,
					 struct diag *d);

/**
 * The period [s] of `g` with the split at exactly `split`.  STATUS_SOLVER as
 * period_solve().
 */
MUST_CHECK enum status period_at_split(const struct graph *g,
				       const struct hardware *hw,
				       size_t cached, size_t split,
				       double *period_s, struct diag *d);

/** Release what `p` owns. */
void period_clear(struct period *p);

#endif
