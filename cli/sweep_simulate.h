/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sweep_simulate.h - a point of a sweep, its whole decode simulated. */
#ifndef CLI_SWEEP_SIMULATE_H
#define CLI_SWEEP_SIMULATE_H

#include "cli/sweep_case.h"

/**
 * Plan the decode of `c` under the policy of `r`, which is planned at one
 * step, and simulate it: the times that `c`'s columns need, into `r`.  Errors
 * as planner_plan().
 */
MUST_CHECK enum status sweep_simulate(const struct sweep_case *c,
				      struct sweep_result *r,
				      struct diag *d);

#endif
