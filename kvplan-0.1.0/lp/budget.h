/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * budget.h - the cheapest improvement that reaches a time.
 *
 *     minimise    sum of cost_i x_i
 *     subject to  time(x) <= target,  0 <= x_i <= most
 *
 * where x_i are doublings: 2^x_i is the factor by which something is made
 * better.  All that is asked of time(x) is that it never rises with any x_i:
 * it need be neither convex nor continuous.  (Where one improvement stands in
 * for another it is not: if the GPU can recompute what the link need not send,
 * factors add up, and of all mixtures the dearest lies in the middle.)
 *
 * So the set of good x is bounded from below by corners, and the search cuts
 * corners off until none is left that could be cheaper (reverse polyblock
 * algorithm: Tuy, Monotonic optimization, SIAM J. Optim. 11, 2000).
 */
#ifndef LP_BUDGET_H
#define LP_BUDGET_H

#include <stddef.h>

#include "base/diag.h"

enum { BUDGET_MOST = 4 };		/* improvements at once */

/* Doublings beyond which nothing is looked for: a factor of a million. */
#define BUDGET_DOUBLINGS 20.0

/* Doublings to which an answer is found: a factor of 1.00007. */
#define BUDGET_EXACT 1e-4

/** Time [s] at `x` doublings into `*time_s`; INFINITY where nothing fits. */
typedef enum status budget_time(void *context, const double *x,
				double *time_s, struct diag *d);

struct budget {
	size_t n;			/* 1 .. BUDGET_MOST */
	double cost[BUDGET_MOST];	/* of a doubling, each > 0 */
	double target_s;
	budget_time *time;
	void *context;
	size_t most_times;		/* calls of time() before it gives
					 * up looking for a cheaper one */
};

struct budget_answer {
	double x[BUDGET_MOST];
	double cost;			/* INFINITY: it cannot be reached; */
	double time_s;			/* then the least that can be */
	double slack;			/* no answer is cheaper by more */
};

/**
 * The answer by improvement `i` alone, to BUDGET_EXACT doublings.  Fails as
 * time() does.
 */
MUST_CHECK enum status budget_alone(const struct budget *b, size_t i,
				    struct budget_answer *out,
				    struct diag *d);

/**
 * The cheapest answer to within `within` of its cost, > 0, or what `most_times`
 * allow: `slack` says which.  Fails as time() does.
 */
MUST_CHECK enum status budget_cheapest(const struct budget *b, double within,
				       struct budget_answer *out,
				       struct diag *d);

#endif
