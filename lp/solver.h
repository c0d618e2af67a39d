/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * solver.h - linear and mixed-integer programs, solved by GLPK.
 *
 * The only module that knows GLPK.  A program is
 *
 *     minimise  sum c_j x_j   subject to  lo_i <= sum a_ij x_j <= hi_i,
 *                                         lo_j <= x_j <= hi_j
 *
 * with some x_j integer.  GLPK prints nothing, and solving never aborts the
 * process: its failures come back as STATUS_SOLVER with GLPK's name for
 * them, an infeasible program as STATUS_INFEASIBLE.  Scale a program so that
 * its numbers are near 1: GLPK's tolerances (1e-7 and up, unless
 * solver_set_tolerance() is asked for less) are absolute there.
 */
#ifndef LP_SOLVER_H
#define LP_SOLVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

struct solver;			/* opaque: one program */

struct solver_term {
	size_t column;
	double coefficient;
};

/** Empty program; release with solver_free(). */
struct solver *solver_new(void);

/** Release `s`; NULL is a no-op. */
void solver_free(struct solver *s);

/** Release what GLPK keeps for this thread, which has no program any more. */
void solver_end_thread(void);

/**
 * Add the variable `name` (or NULL) in [lo, hi] with cost `cost`;
 * -INFINITY and INFINITY mean no bound.  Returns its column, from 0.
 */
size_t solver_add_column(struct solver *s, const char *name, double lo,
			 double hi, double cost, bool integer);

/** Add lo <= sum of the `n` terms <= hi; a column stands in it once. */
void solver_add_row(struct solver *s, const char *name, double lo, double hi,
		    const struct solver_term *terms, size_t n);

/**
 * Let values overstep bounds, and reduced costs be on the wrong side of 0, by
 * `tolerance` in (0, 1) at most; 1e-7 at first, as GLPK has it.  Much less
 * may keep it from an answer.  Not for programs with integers.
 */
void solver_set_tolerance(struct solver *s, double tolerance);

/**
 * Let each solver_solve() from now on take `limit_s` [s] >= 0 at most, to the
 * millisecond above; INFINITY, as at first, for as long as it takes.
 */
void solver_set_limit(struct solver *s, double limit_s);

/**
 * Find an optimum.  STATUS_INFEASIBLE if there is none, STATUS_SOLVER if
 * the objective has no bound, the time limit was reached or GLPK gave up
 * or turned in a circle in every way that it was tried; then only
 * solver_free() may follow.
 */
MUST_CHECK enum status solver_solve(struct solver *s, struct diag *d);

/** Value of `column` at the optimum that solver_solve() found. */
double solver_value(const struct solver *s, size_t column);

/** The objective there. */
double solver_objective(const struct solver *s);

/**
 * Dual value of row `row` (from 0, in the order of solver_add_row()) there:
 * how much the objective grows with the row's bound.  Not for programs with
 * integers.
 */
double solver_dual(const struct solver *s, size_t row);

#endif
