/* SPDX-License-Identifier: GPL-3.0-or-later */
/* simulate.h - a point of a sweep, its whole decode simulated. */
#ifndef SWEEP_SIMULATE_H
#define SWEEP_SIMULATE_H

#include "sweep/point.h"

/**
 * Plan the decode of `c` under the policy of `r`, which is planned at one
 * step, and simulate it: the times and the memory that `c`'s columns need,
 * into `r`.  Errors as planner_plan().
 */
MUST_CHECK enum status sweep_simulate(const struct sweep_point *c,
				      struct sweep_result *r,
				      struct diag *d);

/** What the plan of `c` under `policy` keeps in each place [B]. */
MUST_CHECK enum status sweep_simulate_memory(const struct sweep_point *c,
					     const struct policy *policy,
					     double bytes[MEMORY_PLACES],
					     struct diag *d);

/** The time of the decode of `c` under `policy` alone [s]. */
MUST_CHECK enum status sweep_simulate_decode(const struct sweep_point *c,
					     const struct policy *policy,
					     double *decode_s,
					     struct diag *d);

#endif
