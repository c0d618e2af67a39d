/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gain.h - what the planned split gained on the machine: over load-all, and
 * over the split of the paper's formula.
 *
 * From the runs of a bundle.  Runs are compared that were measured in the same
 * setting: the same model, layers, workload and steps, and everything in the
 * same place.  Load-all has no split, and one measured step.  A policy whose
 * split is open was measured with the plan's own and, in a sweep, with others.
 *
 * The formula's split is that of the bundle's machine, and its step is read off
 * the sweep: exact where that split was measured, else on the straight line
 * between the measured splits next to it, and nothing (NAN) beyond them.  Where
 * the step is convex in the split the line lies above it, so what is gained
 * over the formula is then an upper limit.  Predicted steps are read off the
 * same way, so that a prediction stands beside each measured gain; and one with
 * the formula's very splits beside that says what the line adds.
 *
 * A split is the mean over the steps that were timed, as a step is.  What was
 * measured more than once counts with its shortest step, the plan's split too,
 * whether as the plan's or in the sweep.
 */
#ifndef EVALUATE_GAIN_H
#define EVALUATE_GAIN_H

#include <stddef.h>

#include "evaluate/bundle.h"

/* Steps [s]: all measured, or all predicted. */
struct gain_steps {
	double load_all_s;
	double planned_s;
	double paper_s;			/* NAN beyond the measured splits */
};

struct gain {
	const struct bundle_run *planned;	/* the bundle's: the shortest
						 * that is the plan's */
	double split;			/* of the plan */
	double paper_split;		/* of the formula: lp/paper_split.h */
	struct gain_steps measured, predicted;
	struct gain_steps exact;	/* predicted, the formula's step not on
					 * a line: never NAN */
};

struct gains {
	struct gain *of;		/* in the bundle's order of plans */
	size_t n;
};

/* Of those of some figures that are known; NAN if there are none. */
struct gain_range {
	size_t n;
	double least, mean, most;
};

/**
 * A gain for each setting and policy of `b` with a run of the plan's own split
 * and one of load-all; `b` must outlive `*out`.  STATUS_INVALID as
 * bundle_predict().  The caller releases `*out` with gain_clear().
 */
MUST_CHECK enum status gain_make(const struct bundle *b, struct gains *out,
				 struct diag *d);

/** Release what `g` owns. */
void gain_clear(struct gains *g);

/** Time saved [%]: 1 - planned_s / load_all_s; < 0: it is longer. */
double gain_over_load_all_pct(const struct gain_steps *s);

/** Time saved [%]: 1 - planned_s / paper_s, or NAN. */
double gain_over_paper_pct(const struct gain_steps *s);

/** Range of `n` figures, of which some may be NAN. */
struct gain_range gain_range(const double *figures, size_t n);

#endif
