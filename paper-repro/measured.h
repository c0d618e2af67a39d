/* SPDX-License-Identifier: GPL-3.0-or-later */
/* measured.h - what measured runs say of a simulated case. */
#ifndef REPRODUCE_MEASURED_H
#define REPRODUCE_MEASURED_H

#include <stdbool.h>

#include "evaluate/bundle.h"
#include "paper-repro/run.h"

/* What runs of the bundle say of a metric. */
struct measured {
	double value;			/* of the medians of the repeats */
	double least, most;		/* of their extremes */
	double predicted;		/* of the same runs, simulated */
};

/**
 * What was measured for the metric `m` of `cell`, a cell of the bundle's
 * machine: the same policy, decisions, model, batch and prompt, a split that
 * differs by 2 % of the prompt at most, in a step whose cached tokens differ
 * by as much at most from the mean of the decode, which is what is simulated;
 * layers may be fewer, but as many for both sides.  Only metrics that a
 * step's time gives (metric.h).  False: it was not measured, or `bundle` is
 * NULL.
 */
bool reproduce_measured(const struct bundle *bundle,
			const struct study_cell *cell, const struct metric *m,
			struct measured *out);

#endif
