/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * request.h - the options that say what a case is, as they were given.
 *
 * The commands that are about a case share them; case.h gives them a
 * meaning.
 */
#ifndef EVALUATE_REQUEST_H
#define EVALUATE_REQUEST_H

#include <stdbool.h>

#include "base/diag.h"
#include "base/options.h"
#include "lp/planner.h"
#include "model/workload.h"

/* The options of a case, to stand at the head of a command's table. */
enum {
	CASE_MODEL, CASE_HARDWARE, CASE_BATCH, CASE_PROMPT, CASE_GEN,
	CASE_NUM_BATCHES, CASE_GPUS, CASE_WEIGHTS, CASE_KV, CASE_ACTIVATIONS,
	CASE_POLICY, CASE_SPLIT, CASE_PROGRAM, CASE_LIMIT, CASE_HOST_MEMORY,
	CASE_SET,
	CASE_DECISIONS,		/* one for each of decision_specs */
	CASE_OPTIONS = CASE_DECISIONS + DECISION_COUNT
};

/** Option `i` of a case. */
struct option_spec request_spec(size_t i);

/* What the options say, until case_load() gives them a meaning. */
struct case_request {
	const char *model, *hardware, *policy;
	struct workload workload;
	struct planner_options planner;
	bool pageable;
	bool auto_allowed;		/* --policy auto has a meaning here */
	bool given[CASE_OPTIONS];	/* which options were there */
	const char **sets;		/* "PATH=VALUE" */
	size_t nsets;
};

/** A request in which nothing is said yet. */
struct case_request request_new(void);

/** Note option `index`; option_handler's contract. */
MUST_CHECK enum status request_option(struct case_request *r, size_t index,
				   const char *text, struct diag *d);

/** The policy that `r` names, or kvpr-row; NULL for "auto". */
MUST_CHECK enum status request_policy(const struct case_request *r,
				      const struct policy **out,
				      struct diag *d);

/** Release what `r` owns. */
void request_clear(struct case_request *r);

#endif
