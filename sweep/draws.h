/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draws.h - a point of a sweep on machines that are drawn. */
#ifndef SWEEP_DRAWS_H
#define SWEEP_DRAWS_H

#include "sweep/point.h"
#include "sweep/uncertain.h"

/**
 * Plan `c` on each machine that `u` draws: the spreads of split, time and gain
 * and how often a policy of `u->against` is faster, over the draws that `c`
 * can be planned on, and how many it cannot, into `r`; of the gain over those
 * that load-all fits, too.  Percentiles are those of base/statistics.h.
 * `samples` has room for SWEEP_SPREADS * u->draws.  Where no draw fits
 * there are no spreads: NAN.  Where none will do otherwise, the error of the
 * first, as sweep_uncertain_draw() and step_plan().
 */
MUST_CHECK enum status sweep_draws(const struct sweep_point *c,
				   const struct sweep_uncertain *u,
				   double *samples, struct sweep_result *r,
				   struct diag *d);

#endif
