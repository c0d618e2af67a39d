/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock.h - runs at the clock that the GPU's power limit allows
 * (model/power_limit.h), with F and B of the kernels of the whole run.
 */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include "sim/run.h"

/**
 * run_graph() at the clock at which the run settles, given in
 * `*clock`.
 */
MUST_CHECK enum status clock_run(const struct graph *g,
				 const struct workload *w,
				 const struct plan *plan,
				 const struct hardware *hw,
				 const struct run_options *options,
				 double *clock, struct run_result *out,
				 struct diag *d);

#endif
