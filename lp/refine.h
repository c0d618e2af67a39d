/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * refine.h - the best split on a machine with curves.
 *
 * Tiles make a GEMM's time rise in steps, so T(l) has many minima, and a
 * program over convex durations can stop beside the best.  Its answer is where
 * the search begins, by branch and bound: the splits are halved again and
 * again, as long as what engines and cycles take at the least in a half
 * (steady_bound()) leaves room for a better one.  So the answer is the best of
 * all, as trying each would find.
 */
#ifndef LP_REFINE_H
#define LP_REFINE_H

#include <stddef.h>

#include "lp/steady.h"

/**
 * The best whole split of 0 .. `limit` at `cached` tokens, of equals
 * (PERIOD_SAME of lp/period.h) the smallest; its period [s] into `*period_s`.
 * `curves`: the machine has some; else the answer is steady_best_split()'s.
 */
size_t refine_best_split(struct steady *s, bool curves, size_t cached,
			 size_t limit, double *period_s);

#endif
