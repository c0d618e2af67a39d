/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run.h - simulates the cases of a study, each of them once.
 */
#ifndef REPRODUCE_RUN_H
#define REPRODUCE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evaluate/bundle.h"
#include "paper-repro/study.h"

struct cases;				/* opaque: those simulated so far */

/* One simulated case. */
struct reproduced {
	char *key;			/* its options */
	uint64_t hash;			/* of it */
	bool timeline;			/* metrics of a timeline are there */
	bool done;			/* else `why` not */
	char why[200];
	double *value;			/* of each metric in the list */
	char model[64];
	struct workload workload;
	struct plan plan;
};

/* What came of one row of a study: of two cases if it compares. */
struct study_cell {
	const struct reproduced *subject, *against;	/* or NULL */
	double value[STUDY_MOST_METRICS];	/* NAN: there is none */
	const char *why;			/* not, or NULL */
};

struct study_results {
	const struct study *study;
	const struct cases *cases;
	struct study_cell *cells;	/* reproduce_study_rows() of them */
};

/**
 * No case yet.  `folder` is that of `bundle`, the measured runs, and NULL
 * with it where there are none: cases on its machine are then left out.
 */
struct cases *reproduce_run_new(const char *folder,
				const struct bundle *bundle);

/** Release `c` with all its cases; NULL is a no-op. */
void reproduce_run_free(struct cases *c);

/** Number of cases that were simulated. */
size_t reproduce_run_count(const struct cases *c);

/**
 * Simulate the cases of `s` that are not yet there.  A case that does not
 * fit its machine, or asks for a figure that the machine does not state,
 * leaves its cells empty; any other failure is one of the item.  `s` and
 * `c` must outlive `*out`, which reproduce_run_clear() releases.
 */
MUST_CHECK enum status reproduce_run_study(struct cases *c,
					   const struct study *s,
					   struct study_results *out,
					   struct diag *d);

/** Release what `r` owns. */
void reproduce_run_clear(struct study_results *r);

/** The measured runs, or NULL. */
const struct bundle *reproduce_run_bundle(const struct cases *c);

enum { RUN_TITLE = 96 };

/** The card of the measured runs: "H200"; "measured GPU" without any. */
void reproduce_run_gpu(const struct cases *c, char out[RUN_TITLE]);

/** The title of choice `choice`, with that card if it is on its machine. */
void reproduce_run_title(const struct cases *c,
			 const struct study_choice *choice,
			 char out[RUN_TITLE]);

/** Whether row `row` of `s` is on the bundle's machine. */
bool reproduce_run_on_bundle(const struct study *s, size_t row);

#endif
