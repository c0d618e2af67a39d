/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * power_limit.h - the clock at which a GPU settles at its power limit.
 *
 * What draws power is products and device memory's traffic.  A product's
 * energy goes with the voltage, and so with the clock: a FLOP takes c^g of what
 * it takes at full clock, with c for the rate of products, 1 if nothing limits
 * it.  A byte takes w FLOP's worth, whatever the clock, as that is the
 * multiprocessors'.  With F and B for the FLOP/s and the bytes/s of the whole
 * run, idle time included, the limit allows
 *
 *     c^g F + w B <= K,    so    c = min(1, ((K - w B) / F)^e),  e = 1 / g
 *
 * Products alone that run all the time settle at c_1 of their rate at full
 * clock, R_0: K = c_1^g c_1 R_0, and with w = 0 c = c_1 (c_1 R_0 / F)^e.  The
 * ratio c_1 is gpu.gemm_sustained_derate over gpu.gemm_derate; a machine that
 * does not state the first is not limited.  w is gpu.byte_flop, 0 unless
 * stated, and e gpu.clock_exponent, unless stated 1/2: energy goes with the
 * voltage squared, that with the clock, and so do products.  A calibration that
 * measured products with rests between states all three
 * (model/calibrate_power.h; doc/VALIDATION.md says how well they hold).
 *
 * F and B fall with c where products set the pace.  c_1 R_0 is the most FLOP/s
 * that any run has: F is at most c R_0, and so with c^g F <= K at most c_1 R_0.
 * c itself is less than c_1 where products and memory are busy at once.
 *
 * Only products slow down.  What else draws power, copies over the link with
 * their share of device memory's traffic among it, is left out, and so is how
 * long a limit takes to act: it is for runs of a tenth of a second and more,
 * prefill and decode each by itself; a shorter one may be faster if the GPU has
 * rested before.
 */
#ifndef MODEL_POWER_LIMIT_H
#define MODEL_POWER_LIMIT_H

#include <stdbool.h>

#include "base/diag.h"
#include "model/hardware.h"

/* To what a clock is found. */
#define POWER_LIMIT_TOLERANCE 1e-6

/* No clock is below it. */
#define POWER_LIMIT_SLOWEST 0.01

/** Whether `hw` states a limit that may bind. */
bool power_limit_has(const struct hardware *hw);

/** `hw` at the clock `clock`, 0 < clock <= 1: its rate of products. */
struct hardware power_limit_machine(const struct hardware *hw, double clock);

/** c_1 of `hw`, which states a limit: of products that run all the time. */
double power_limit_least(const struct hardware *hw);

/**
 * A clock of `hw`, which states a limit, that it allows whatever runs: c_1
 * (1 - w B_0 / K)^(1 / (g + 1)), with B_0 for device memory's rate, as c R_0
 * FLOP/s and B_0 bytes/s are the most.  POWER_LIMIT_SLOWEST, where w B_0 leaves
 * less.
 */
double power_limit_slowest(const struct hardware *hw);

/* FLOP, and bytes of device memory, of kernels: in a second, or in all. */
struct power_load {
	double flop, bytes;
};

/**
 * ((K - w B) / F)^e of `hw`, which states a limit, with what `per_s` has in a
 * second for F and B: the clock that it allows, where that is between
 * power_limit_slowest() and 1.  0 where w B is K or more.
 */
double power_limit_allowed(const struct hardware *hw,
			   const struct power_load *per_s);

/**
 * ln((c^g F + w B) / K) of `hw`, which states a limit, at the clock c `clock`,
 * with F and B as above, not both 0: 0 where the limit holds the clock there.
 */
double power_limit_log_drawn(const struct hardware *hw, double clock,
			     const struct power_load *per_s);

/**
 * A caller's own: what `of` does in a second at `clock`, into `*per_s`.  The
 * higher the clock, the more.
 */
typedef enum status power_limit_rate(void *of, double clock,
				     struct power_load *per_s,
				     struct diag *d);

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
