/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * metric.h - what a reproduction reads off a simulated decode.
 *
 * A metric is one number of one case, or of two: the subject's and the one's
 * that it is held against.  The table says how each is defined, in words that
 * the report prints.
 */
#ifndef REPRODUCE_METRIC_H
#define REPRODUCE_METRIC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/quantity.h"
#include "evaluate/evaluate.h"
#include "traces/timeline.h"

/* How measured runs have it too: from the time of their steps. */
enum metric_measured {
	NOT_MEASURED,
	MEASURED_LAYER,			/* it over layers and batches */
	MEASURED_TIMES,			/* `ratio` of two of them */
	MEASURED_RATES,			/* `ratio` of their reciprocals */
};

struct metric {
	const char *key;		/* with its unit: "decode_s" */
	const char *title;		/* "decode latency" */
	const char *definition;		/* one sentence */
	enum quantity quantity;
	bool relative;			/* of two cases */
	bool timeline;			/* needs the tasks' times */
	double (*of)(const struct decode_case *c, const struct outcome *o,
		     const struct timeline *t);
	double (*ratio)(double subject, double against);
	const char *base;		/* relative: of these two values */
	enum metric_measured measured;
};

/** All metrics; `*n` of them. */
const struct metric *reproduce_metric_list(size_t *n);

/** The metric `key` into `*out`; STATUS_INVALID, with the nearest name. */
MUST_CHECK enum status reproduce_metric_find(const char *key,
					     const struct metric **out,
					     struct diag *d);

/** Whether it is a percentage of a whole: 0 to 100. */
bool reproduce_metric_is_share(const struct metric *m);

/** Its place in the list. */
size_t reproduce_metric_index(const struct metric *m);

#endif
