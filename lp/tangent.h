/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tangent.h - how the period of a layer changes with a figure of the machine.
 *
 * By the envelope theorem the shortest period T over splits that need not be
 * whole moves with a figure p as its critical cycle does, split and dual values
 * kept.  At a power limit (model/power_limit.h) the clock c moves as well:
 *
 *     dT/dp = @T/@p + @T/@c dc/dp,
 *     d ln c/dp = -@ ln P/@p / @ ln P/@ ln c,   P = (c^g F + w B) / (K T),
 *
 * the implicit differentiation of P(c, p) = 1.  T, F and B, the FLOP and the
 * bytes of a layer's kernels, are those where the split is the best: these move
 * with it, and so P is found by programs solved anew.  Where the clock is
 * power_limit_slowest(), it moves with that.  The step stands for all that run
 * at the clock.
 * doc/VALIDATION.md has an example by hand.
 */
#ifndef LP_TANGENT_H
#define LP_TANGENT_H

#include <stdbool.h>

#include "base/diag.h"
#include "lp/period.h"
#include "model/hardware.h"
#include "schedule/graph.h"

/* A layer in one step; what it points to is borrowed. */
struct tangent_layer {
	const struct graph *graph;
	const struct hardware *hw;	/* at the full clock */
	double clock;			/* at which its plan settles there */
	double cached;			/* s' */
	double near;			/* the plan's split */
	double low, high;		/* splits in which it moves, unless work
					 * falls away at `near`: not smoothly,
					 * so that it stays */
};

/* Open, to be read. */
struct tangent {
	struct tangent_layer layer;
	struct hardware at;		/* at the clock */
	struct period period;		/* there */
	bool limited;			/* the clock moves */
	double clock_slope;		/* [s] @T/@ ln c */
	double drawn_slope;		/* @ ln P/@ ln c, but at the slowest */
};

/**
 * Solve `layer` at its clock into `*t`, released with tangent_clear().
 * STATUS_SOLVER as period_solve().
 */
MUST_CHECK enum status tangent_make(const struct tangent_layer *layer,
				    struct tangent *t, struct diag *d);

/**
 * dT/d figure [s per SI unit] of `f` into `*slope`; 0 for a figure that the
 * machine does not state.  STATUS_SOLVER as period_solve().
 */
MUST_CHECK enum status tangent_of(const struct tangent *t,
				  const struct figure *f,
				  double *slope, struct diag *d);

/** Release what `t` owns. */
void tangent_clear(struct tangent *t);

#endif
