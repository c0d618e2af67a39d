/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bound.h - the floor: no schedule is faster than its busiest engine.
 *
 * A bound of the steady state, and so of a run of many steps: one step alone
 * may find loads that ran ahead in the step before.
 */
#ifndef SCHEDULE_BOUND_H
#define SCHEDULE_BOUND_H

#include "schedule/graph.h"

/**
 * Time [s] that each engine is occupied by one step of `g` at `cached`
 * tokens and split `split` on `hw`, the engines to themselves: bytes over
 * bandwidth, FLOP over rate, latencies and launches.  Cannot fail.
 */
void bound_engines(const struct graph *g, const struct hardware *hw,
		   double cached, double split, double busy_s[ENGINE_COUNT]);

/* Limits that several engines share. */
enum bound_shared {
	BOUND_COPIES,		/* of all copies: the duplex limit, or one
				 * direction's rate where that is more; at most
				 * a GPU's even part of the root complex */
	BOUND_MEMORY,		/* a GPU's even part of the host's memory, for
				 * bytes as often as they cross it */
	BOUND_SHARED
};

struct bound_limit {
	const char *name;	/* "duplex" */
	const char *title;	/* what a person calls it */
	const char *part;	/* as a part of a cycle: "copies both ways" */
	const char *key;	/* of that part: "duplex_share" */
};

/** The names of each. */
extern const struct bound_limit bound_limits[BOUND_SHARED];

/**
 * Time [s] that what shares `which` takes of it in one step; 0 if there is no
 * such limit.  Affine in the split.
 */
double bound_shared(const struct graph *g, const struct hardware *hw,
		    enum bound_shared which, double cached, double split);

/**
 * A lower bound of the step's time [s]: the largest of all these.
 */
double bound_step(const struct graph *g, const struct hardware *hw,
		  double cached, double split);

#endif
