/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock.h - runs on a GPU that lowers its clock at its power limit.
 *
 * What products draw is their energy times their rate.  The energy goes with
 * the voltage squared, and that with the clock, as the rate of products is
 * taken to do: with c for that rate, 1 if nothing limits it, and R for the
 * FLOP/s of the whole run, idle time included, c^2 R is at most what the limit
 * allows.  (doc/VALIDATION.md says how well this holds.)
 * That is known from products that run all the time, which settle at c_1 and
 * so at c_1 R_0, with R_0 for the rate at full clock:
 *
 *     c = min(1, c_1 (c_1 R_0 / R)^e),  e = 1/2
 *
 * A calibration that measured products with rests between states another e,
 * gpu.clock_exponent (model/calibrate_power.h).
 * R itself falls with c where products set the pace.  The ratio
 * c_1 is gpu.gemm_sustained_derate over gpu.gemm_derate; a machine that does
 * not state the first is not limited.  Only products slow down.  What else
 * draws power, and how long a limit takes to act, is left out: it is for runs
 * of a tenth of a second and more.
 */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include "sim/run.h"

/** `hw` at the clock `clock`, 0 < clock <= 1: its rate of products. */
struct hardware clock_hardware(const struct hardware *hw, double clock);

/**
 * run_graph() at the clock at which the run settles, found to 1e-4 and given
 * in `*clock`.
 */
MUST_CHECK enum status clock_run(const struct graph *g,
				 const struct workload *w,
				 const struct plan *plan,
				 const struct hardware *hw,
				 const struct run_options *options,
				 double *clock, struct run_result *out,
				 struct diag *d);

#endif
