/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * calibrate_power.h - how fast products are at the power limit, by how much of
 * the time they run.
 *
 * Products of one shape that run for a share u of the time, the GPU idle
 * between them, settle at a speed c, 1 for rested ones; c_1 is that of u = 1.
 * Two bounds hold whatever the GPU does:
 *
 *     c_1 <= c <= min(1, c_1 / u)
 *
 * as less work does not lower the clock, and as a FLOP takes no less energy at
 * a higher clock, so that no more FLOP/s fit under the limit than at u = 1.
 * In between lies, for e from 0 to infinity,
 *
 *     c = min(1, c_1 (c_1 R_0 / R)^e),  R = u c R_0
 *
 * which is c = min(1, c_1 u^(-e / (1 + e))).  e = 1/2 is a voltage that goes
 * with the clock, and the rate of products with both (power_limit.h).
 */
#ifndef MODEL_CALIBRATE_POWER_H
#define MODEL_CALIBRATE_POWER_H

#include <stddef.h>

#include "model/fit.h"
#include "model/fitted.h"
#include "model/sampled.h"

/* Above it products are as fast as rested ones: what their repeats spread. */
#define CALIBRATE_POWER_LIMITED 0.98

struct calibrate_power {
	double exponent;		/* e; 0: not to be told */
	size_t points;
	double from, to;		/* shares u */
	struct fit_residual residual;	/* of c */
	double of_clock;		/* exponent of c by the SMs' clock; 0:
					 * not known */
};

/**
 * e with the least squares of relative errors of c, within 0.01 and 16, over
 * all shapes that the limit slows at u = 1.  Two points at least must be slowed
 * at less than that.
 */
struct calibrate_power calibrate_power_fit(const struct sampled *s);

/** Put that into the profile, if it can be told. */
void calibrate_power_set(struct fitted *k);

#endif
