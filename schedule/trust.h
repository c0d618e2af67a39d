/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trust.h - how far a time that was predicted from a calibration can be off.
 *
 * The error bar is that of the busiest engine, which a long decode cannot
 * beat: the spreads of the curves that its tasks are timed by, weighted with
 * their times, as if all of them erred the same way.  It knows what repeated
 * runs and the fit leave, and of one machine alone; what the schedule's
 * simulation leaves out is not in it.
 */
#ifndef SCHEDULE_TRUST_H
#define SCHEDULE_TRUST_H

#include <stdbool.h>

#include "model/measured.h"
#include "schedule/graph.h"

struct trust {
	double spread;			/* relative, one standard deviation;
					 * 0 for a data sheet: not known */
	size_t noutside;		/* works whose curve is asked outside
					 * what was measured, the most of any
					 * step; the first: */
	struct measured_outside first;
};

/** Of one execution of `g` in which `busiest` binds.  Cannot fail. */
struct trust trust_make(const struct graph *g, const struct hardware *hw,
			double cached, double split, enum engine busiest);

/**
 * `t` of one step, and `more` of another: keep `t`'s spread, and of works that
 * are outside the most of any step.
 */
void trust_widen(struct trust *t, const struct trust *more);

enum { TRUST_SIZE = 200 };

/** What is outside, in one line; only if `noutside` > 0. */
void trust_say(const struct trust *t, char text[TRUST_SIZE]);

#endif
