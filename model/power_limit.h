/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * power_limit.h - the clock at which a GPU settles at its power limit.
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
 * of a tenth of a second and more, prefill and decode each by itself; a shorter
 * one may be faster if the GPU has rested before.
 */
#ifndef MODEL_POWER_LIMIT_H
#define MODEL_POWER_LIMIT_H

#include <stdbool.h>

#include "base/diag.h"
#include "model/hardware.h"

/* To what a clock is found. */
#define POWER_LIMIT_TOLERANCE 1e-6

/** Whether `hw` states a limit that may bind. */
bool power_limit_has(const struct hardware *hw);

/** `hw` at the clock `clock`, 0 < clock <= 1: its rate of products. */
struct hardware power_limit_machine(const struct hardware *hw, double clock);

/** c_1 of `hw`, which states a limit: of products that run all the time. */
double power_limit_least(const struct hardware *hw);

/**
 * c_1 (c_1 R_0 / R)^e of `hw`, which states a limit, with `flop_per_s` for R:
 * the clock that it allows, where that is between c_1 and 1.
 */
double power_limit_allowed(const struct hardware *hw, double flop_per_s);

/**
 * A caller's own: what `of` does in a second at `clock`, into `*flop_per_s`.
 * The higher the clock, the more.
 */
typedef enum status power_limit_rate(void *of, double clock,
				     double *flop_per_s, struct diag *d);

/**
 * The clock at which `of` settles on `hw`, into `*clock`: 1, or found to
 * POWER_LIMIT_TOLERANCE.  Where the rate steps across what is allowed, it is
 * just below the step.  It is the clock that `rate` was asked for last; on a
 * machine without a limit, it is not asked at all.  Only `rate` can fail.
 */
MUST_CHECK enum status power_limit_settle(const struct hardware *hw,
					  power_limit_rate *rate, void *of,
					  double *clock, struct diag *d);

#endif
