/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * place_program.h - the linear program of a placement, for one pair of batch
 * g and number of batches n or for all pairs in a box.
 *
 * With u = 1/(g n), v = 1/n and W = w u for the weights' shares, a use over
 * the number of requests (model/placement.h) is
 *
 *     sum over KV and hidden state of (each + batch_each v) x
 *     + sum over weights of each W + request + batch v + once u,
 *
 * affine but for v x, and a memory may be capacity * u of it.  The program
 * replaces v x by its least in the box and lets u and v move between
 * u <= v / g_low and v <= g_high u: its optimum is a floor of the time per
 * request in the box, and for a box of one pair the optimum itself.
 */
#ifndef LP_PLACE_PROGRAM_H
#define LP_PLACE_PROGRAM_H

#include <stdbool.h>

#include "base/diag.h"
#include "model/placement.h"

/* Shares that a user fixed: of weights, KV, hidden state; GPU, host, disk. */
enum { PLACE_KINDS = 3, PLACE_PLACES = 3 };

struct place_fixed {
	bool given;
	double share[PLACE_KINDS][PLACE_PLACES];	/* each kind's sum: 1 */
};

struct place_program {
	const struct placement_costs *costs;
	struct placement_box box;
	struct place_fixed fixed;
	unsigned rooms;		/* bit 1 << room: hold its capacity */
	unsigned stretch;	/* likewise; if not 0, for a box of one pair:
				 * minimise, in place of time, by how much
				 * these would have to be larger */
	double limit_s;		/* [s] for the solver; INFINITY: none */
};

struct place_answer {
	double optimum;		/* [s] for each request; or that factor */
	double share[SHARE_COUNT];
	/* for a box of one pair: what total_s grows by for a second more of
	 * an arm in one layer [s/s], and for a byte more of a memory [s/B] */
	double arm[PHASE_COUNT][PLACEMENT_MOST_ARMS];
	double room[ROOM_COUNT];
};

/**
 * Solve `p`, whose costs were made for its box.  STATUS_INFEASIBLE and
 * STATUS_SOLVER as solver_solve().
 */
MUST_CHECK enum status place_program_solve(const struct place_program *p,
					   struct place_answer *out,
					   struct diag *d);

#endif
