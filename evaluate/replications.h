/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replications.h - the options of a simulation with jitter, and its result.
 */
#ifndef EVALUATE_REPLICATIONS_H
#define EVALUATE_REPLICATIONS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/table.h"
#include "evaluate/evaluate.h"
#include "sim/replicate.h"

enum {
	REPLICATIONS_JITTER, REPLICATIONS_SYSTEMATIC, REPLICATIONS_NUMBER,
	REPLICATIONS_SEED, REPLICATIONS_JOBS,
	REPLICATIONS_OPTIONS
};

/* What the options say; all zero: nothing yet. */
struct replications {
	const char *text[REPLICATIONS_OPTIONS];	/* NULL: not given */
	struct replicate_options options;
};

/** Note option `which`; option_handler's contract. */
MUST_CHECK enum status replications_option(struct replications *r,
					   size_t which, const char *text,
					   struct diag *d);

/** Whether there is jitter, and so anything to replicate. */
bool replications_wanted(const struct replications *r);

/**
 * Fill in what was not given: 30 replications, seed 1, as many threads as
 * there are processors.  STATUS_USAGE if options are there that would have no
 * effect, or `hw` has no calibration and one is asked for.
 */
MUST_CHECK enum status replications_finish(struct replications *r,
					   const struct hardware *hw,
					   struct diag *d);

/**
 * Replicate the decode of `o`, at its clock; STATUS_USAGE if it has no task on
 * any engine with a spread.  Unless it is NULL, `timeline` receives that of the
 * first replication.
 */
MUST_CHECK enum status replications_make(const struct replications *r,
					 const struct decode_case *c,
					 const struct outcome *o,
					 struct timeline *timeline,
					 struct replicate_result *out,
					 struct diag *d);

/** A row for each statistic, the first that of `o`; the caller frees it. */
struct table *replications_table(const struct replicate_result *result,
				 const struct outcome *o);

/** What was asked for, as one line of text; the caller frees it. */
char *replications_title(const struct replications *r);

/** The same as members of `json`. */
void replications_add_provenance(const struct replications *r, cJSON *json);

/** An object for each quantity, as "replications" of `json`. */
void replications_add_json(const struct replicate_result *result,
			   cJSON *json);

#endif
