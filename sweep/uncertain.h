/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * uncertain.h - figures of the hardware that are not known exactly.
 *
 *   NAME=normal(5%)             the point's own figure, times 1 + 5 % z
 *   NAME=lognormal(10%)         the same, times a lognormal factor of that
 *                               spread (base/statistics.h): never negative
 *   NAME=uniform(20GB/s,28GB/s) anything between, whatever the point's own
 *   NAME=residuals              normal, by the spread of the calibration's
 *                               curve for that figure
 *
 * z are standard normal deviates, or uniform ones, drawn once, with the seed
 * alone, and the same at every point: points differ by what they are, not by
 * luck, and no thread's order shows.  A figure is kept in its range.
 */
#ifndef SWEEP_UNCERTAIN_H
#define SWEEP_UNCERTAIN_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "model/hardware.h"
#include "schedule/policy.h"

enum sweep_distribution {
	SWEEP_NORMAL, SWEEP_LOGNORMAL, SWEEP_UNIFORM, SWEEP_RESIDUALS
};

struct sweep_uncertainty {
	const struct figure *figure;
	enum sweep_distribution distribution;
	double a, b;		/* relative deviation, or the two ends */
};

enum { SWEEP_MOST_UNCERTAIN = 16, SWEEP_MOST_AGAINST = 16 };

/* Plain data; sweep_uncertain_clear(). */
struct sweep_uncertain {
	struct sweep_uncertainty varied[SWEEP_MOST_UNCERTAIN];
	size_t nvaried;
	const struct policy *against[SWEEP_MOST_AGAINST];
	size_t nagainst;
	size_t draws;
	unsigned long seed;
	double *deviate;	/* of each draw, for each figure in turn */
};

/** Add the argument of --uncertain; STATUS_USAGE says what is wrong. */
MUST_CHECK enum status sweep_uncertain_add(struct sweep_uncertain *u,
					   const char *text, struct diag *d);

/** Add the policies of --against, separated by commas. */
MUST_CHECK enum status sweep_uncertain_against(struct sweep_uncertain *u,
					       const char *text,
					       struct diag *d);

/** Draw all deviates; STATUS_USAGE for what has no meaning together. */
MUST_CHECK enum status sweep_uncertain_check(struct sweep_uncertain *u,
					     bool simulate, struct diag *d);

/** STATUS_USAGE if `hw` has no residuals that are asked for. */
MUST_CHECK enum status sweep_uncertain_check_machine(
	const struct sweep_uncertain *u, const struct hardware *hw,
	struct diag *d);

/** Release what `u` owns. */
void sweep_uncertain_clear(struct sweep_uncertain *u);

/**
 * Set `hw`, the point's own machine, to that of draw `draw`.  STATUS_INVALID
 * if it does not state a figure.  Its residuals have been checked.
 */
MUST_CHECK enum status sweep_uncertain_draw(const struct sweep_uncertain *u,
					    size_t draw, struct hardware *hw,
					    struct diag *d);

/** `u` as a JSON object, or null; the caller deletes it. */
cJSON *sweep_uncertain_json(const struct sweep_uncertain *u);

#endif
