/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * view.h - one metric of a study as it is read: a row for each
 * case, the machines side by side, the paper's number before them and what
 * was measured behind.
 */
#ifndef REPRODUCE_VIEW_H
#define REPRODUCE_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/table.h"
#include "paper-repro/run.h"

enum { VIEW_MOST_MACHINES = 8, VIEW_LABEL = 256 };

struct view_cell {
	double value;			/* NAN: none */
	const char *why;		/* not, or NULL */
};

struct view_row {
	size_t row;			/* of the study, first machine */
	const struct study_fact *fact;	/* or NULL */
	struct view_cell cell[VIEW_MOST_MACHINES];
	double measured, predicted;	/* NAN: not measured */
};

struct view {
	const struct study_results *results;
	size_t metric;			/* of the study's */
	size_t nmachines;		/* 1 where there is no such axis */
	char machine[VIEW_MOST_MACHINES][RUN_TITLE];	/* titles */
	char gpu[RUN_TITLE];		/* that was measured */
	const char *key[VIEW_MOST_MACHINES];
	size_t choice[VIEW_MOST_MACHINES];	/* of the machine's axis */
	bool has_bundle;		/* columns of what was measured */
	struct view_row *rows;
	size_t n;
};

/**
 * Metric `metric` of `r`, which must outlive `*out`.  Rows in which the
 * baseline stands against itself are left out of a relative metric.
 */
void reproduce_view_make(const struct study_results *r, size_t metric,
			 struct view *out);

/** Release what `v` owns. */
void reproduce_view_clear(struct view *v);

/** The choices of row `r` but the machine's: "OPT-6.7B, 128, KVPR". */
void reproduce_view_label(const struct view *v, const struct view_row *r,
			  char text[VIEW_LABEL]);

/** The metric that `v` shows. */
const struct metric *reproduce_view_metric(const struct view *v);

/** `v` for a terminal; the caller frees it. */
void reproduce_view_print(const struct view *v, FILE *out);

#endif
