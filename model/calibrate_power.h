/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * calibrate_power.h - how fast products are at the power limit, by how much of
 * the time they run and what they move.
 *
 * Products of one shape that run for a share u of the time, the GPU idle
 * between them, settle at a speed c, 1 for rested ones, which have R_0 FLOP/s
 * and B_0 bytes/s.  The law (power_limit.h) is c^g F + w B <= K with
 * F = u c R_0 and B = u c B_0:
 *
 *     c = 1, or    u c (c^g R_0 + w B_0) = K
 *
 * K, g = 1 / e and w are those with the least squares of relative errors of c,
 * over all series, slowed or not: what is not slowed bounds K from below.
 * Where two series have one shape and one share that was asked for, the longer
 * bursts are left out: bursts of tens of milliseconds slow down within
 * themselves, and steps have rests that are far closer together.
 *
 * Two bounds hold whatever the GPU does, with c_1 for u = 1:
 *
 *     c_1 <= c <= min(1, c_1 / u)
 *
 * as less work does not lower the clock, and as a FLOP takes no less energy at
 * a higher clock, so that no more FLOP/s fit under the limit than at u = 1.
 * In between lies this law, for e from 0 to infinity; with w = 0 it is
 * c = min(1, c_1 u^(-e / (1 + e))).  e = 1/2 is a voltage that goes with the
 * clock, and the rate of products with both.
 *
 * A burst's time before its products begin is taken off before
 * (model/sampled_power.h).
 */
#ifndef MODEL_CALIBRATE_POWER_H
#define MODEL_CALIBRATE_POWER_H

#include <stddef.h>

#include "model/fit.h"
#include "model/fitted.h"
#include "model/sampled.h"

/* The speed above which products count as not slowed.  At the rested clock
 * those of traces/h200-sxm are up to 0.4 % slower than rested ones, and the
 * windows of a series near it differ by up to 0.9 %. */
#define CALIBRATE_POWER_LIMITED 0.98

struct calibrate_power {
	double limit;			/* K [FLOP/s] at full clock */
	double exponent;		/* e; 0: not to be told, nor K */
	double byte_flop;		/* w [FLOP/B]; 0: not to be told */
	size_t points;			/* slowed, or they would be */
	double from, to;		/* their shares u */
	struct fit_residual residual;	/* of their c */
	double of_clock;		/* exponent of c by the SMs' clock; 0:
					 * not known */
};

/**
 * The law, e within 0.01 and 16, w up to 1e4.  e and K can be told where one
 * shape is slowed at two shares u; w where also, of three slowed series or
 * more, two differ by a factor of 2 in FLOP per byte.
 */
struct calibrate_power calibrate_power_fit(const struct sampled *s);

/**
 * Put that into the profile, if it can be told and the profile is of rested
 * products: c_1 of products alone, (K / R_0)^(1 / (g + 1)), with the profile's
 * R_0, e and w.  Where a speed is off by more than 5 % the figures are doubted.
 */
void calibrate_power_set(struct fitted *k);

#endif
