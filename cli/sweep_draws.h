/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sweep_draws.h - a point of a sweep on machines that are drawn. */
#ifndef CLI_SWEEP_DRAWS_H
#define CLI_SWEEP_DRAWS_H

#include "cli/sweep_case.h"
#include "cli/sweep_uncertain.h"

/**
 * Plan `c` on each machine that `u` draws: the spreads of split, time and gain
 * and how often a policy of `u->against` is faster, into `r`.  Quantiles are
 * those of GSL, between the order statistics.  `samples` has room for
 * SWEEP_SPREADS * u->draws.  Errors as step_plan(), of the first draw that
 * fails, as sweep_uncertain_draw().
 */
MUST_CHECK enum status sweep_draws(const struct sweep_case *c,
				   const struct sweep_uncertain *u,
				   double *samples, struct sweep_result *r,
				   struct diag *d);

#endif
