/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * steady_oracle.h - the period of a graph by executing it many times.
 *
 * Two executions: a recurrence in which every engine serves in the order of
 * issue, as lp/period.h defines the period, and the simulator, whose engines
 * serve first come, first served.  Both are asked how much longer
 * STEADY_ORACLE_WINDOW more periods take, after STEADY_ORACLE_SETTLED.
 */
#ifndef TESTS_STEADY_ORACLE_H
#define TESTS_STEADY_ORACLE_H

#include <stdbool.h>

#include "model/hardware.h"
#include "schedule/graph.h"

/* A rhythm of up to six periods fits the window a whole number of times. */
enum { STEADY_ORACLE_SETTLED = 240, STEADY_ORACLE_WINDOW = 60 };

/** Period [s] of `g` at `cached` tokens and `split`, in order of issue. */
double steady_oracle_in_order(const struct graph *g,
			      const struct hardware *hw, double cached,
			      double split);

/** The same as the simulator has it. */
double steady_oracle_simulated(const struct graph *g,
			       const struct hardware *hw, size_t cached,
			       size_t split);

/**
 * Whether each engine has work of one stream alone, at `cached` tokens and
 * `split`: it then serves in the order of issue.
 */
bool steady_oracle_one_stream(const struct graph *g,
			      const struct hardware *hw, double cached,
			      double split);

#endif
