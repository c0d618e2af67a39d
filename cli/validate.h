/* SPDX-License-Identifier: GPL-3.0-or-later */
/* validate.h - how far predictions are from a bundle's measured runs. */
#ifndef CLI_VALIDATE_H
#define CLI_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/table.h"
#include "evaluate/bundle.h"
#include "evaluate/gain.h"

/* The runs of one plan file: a policy, a workload, one or more splits. */
struct validate_case {
	size_t first, n;		/* of the bundle's runs */
	size_t shown;			/* the run with the plan's own split */
	double mean_pct, worst_pct;	/* of the absolute errors; the worst
					 * with its sign */
	double spread_pct;		/* median of the repeats' spreads */
	bool has_regret;		/* several splits were measured: */
	size_t predicted_best;		/* run with the least prediction */
	size_t measured_best;		/* and the least time */
	double regret_pct;		/* measured at the one over the other,
					 * less 1 */
};

struct validate_summary {
	double mean_pct, worst_pct, bias_pct;	/* of all runs */
	double median_pct, within_2_pct;	/* share of runs below 2 % */
	double mean_regret_pct, worst_regret_pct;
	double steady_mean_pct, steady_worst_pct;	/* of the runs whose
					 * repeats agree: VALIDATE_STEADY */
	size_t nsteady;
	size_t worst_run, nregrets;
};

/* Repeats that differ by more [%] were disturbed, or throttled at times. */
#define VALIDATE_STEADY 2.0

struct validation {
	const struct bundle *bundle;
	struct validate_case *cases;
	size_t ncases;
	struct validate_summary all;
	struct gains gains;
};

/**
 * Compare the runs of `b`, which must outlive `*out`.  STATUS_INVALID as
 * gain_make().  The caller releases `*out` with validate_clear().
 */
MUST_CHECK enum status validate_make(const struct bundle *b,
				     struct validation *out, struct diag *d);

/** Release what `v` owns. */
void validate_clear(struct validation *v);

/** A row for each run, SI units. */
struct table *validate_runs(const struct validation *v);

/** Print the cases, then by policy, then all together; then the gains. */
void validate_print(const struct validation *v);

/** The whole as a JSON object; the caller deletes it. */
cJSON *validate_json(const struct validation *v);

#endif
