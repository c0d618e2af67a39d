/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * place.h - the placement that decodes fastest.
 *
 * For a batch per GPU step g and a number of batches n the shares come out
 * of a linear program (place_program.h).  The sizes themselves are searched
 * by branch and bound over boxes of them: a box whose floor is no better
 * than the best placement found is left out, so the answer is that of
 * trying every pair, to within PLACE_GAP.
 */
#ifndef LP_PLACE_H
#define LP_PLACE_H

#include <stddef.h>

#include "base/diag.h"
#include "lp/place_program.h"
#include "model/placement.h"

struct place_request {
	struct placement_case c;
	struct place_fixed fixed;	/* shares that are given */
	size_t batch, num_batches;	/* 0: open */
	double limit_s;			/* [s] the search may take; INFINITY */
};

struct place_result {
	struct placement placement;
	struct placement_costs costs;	/* at its very sizes */
	struct placement_outcome outcome;
	/* d total_s / d time of an arm in a layer, / d bytes of a memory */
	double arm[PHASE_COUNT][PLACEMENT_MOST_ARMS];
	double room[ROOM_COUNT];	/* [s/B] of usable memory; <= 0 */
	size_t programs;		/* linear programs that were solved */
};

/* The largest sizes that are looked at. */
enum { PLACE_MOST_BATCH = 1 << 14, PLACE_MOST_BATCHES = 1 << 14 };

/*
 * A placement that is better by this share of its time may be missed: GLPK
 * decides to 1e-8 of each row, of which there are a dozen.
 */
#define PLACE_GAP 1e-7

/**
 * STATUS_INVALID, saying what, if `r` gives shares to a place that the
 * machine does not have.
 */
MUST_CHECK enum status place_check(const struct place_request *r,
				   struct diag *d);

/**
 * Find the placement with the least time per request.  The case has passed
 * placement_check(), the request place_check().
 *
 * STATUS_INFEASIBLE, naming the memory limit that cannot be met and what it
 * would have to be, if there is none; STATUS_INVALID if sizes are open and
 * the machine does not state its host memory, as they have no limit then;
 * STATUS_SOLVER if the time limit ended it or GLPK failed.
 */
MUST_CHECK enum status place_search(const struct place_request *r,
				    struct place_result *out,
				    struct diag *d);

/**
 * What the time of `r` would grow by [s] if the machine were `other`, a
 * little different: to first order, by the arms' dual values (envelope
 * theorem), memories excepted.
 */
double place_shift_s(const struct place_request *request,
		     const struct place_result *r,
		     const struct offload *other);

#endif
