/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * study.h - a study: every combination of the choices of some axes.
 *
 * A choice gives options of `kvplan plan`, by their names, to all of a
 * combination's cases, to its subject, or to what the subject is held
 * against; so an item can say whatever the command line can.  A combination
 * is one row.  Rows are counted with the last axis running fastest.
 *
 * Plain data.  Strings belong to the JSON documents that it was read from.
 */
#ifndef REPRODUCE_STUDY_H
#define REPRODUCE_STUDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "paper-repro/metric.h"

#define STUDY_ANY SIZE_MAX

enum { STUDY_MOST_AXES = 12, STUDY_MOST_METRICS = 12 };

enum study_side { STUDY_BOTH, STUDY_SUBJECT, STUDY_AGAINST, STUDY_SIDES };

struct study_option {
	size_t option;			/* of request_spec() */
	const char *value;
};

struct study_options {
	struct study_option *list;
	size_t n;
};

struct study_choice {
	const char *name, *title;
	const char *source;		/* of its figures, or NULL */
	struct study_options options[STUDY_SIDES];
	bool bundle;			/* on the machine of the bundle */
	bool departs;			/* from what the paper says */
	double value;			/* of a continuous axis; NAN: none */
};

/* What an axis' choices are values of, so that others lie between them. */
struct study_continuous {
	const char *set;		/* the figure that --set names */
	const char *unit;		/* in which values are shown */
	double one;			/* such a value of a figure of one */
};

struct study_axis {
	const char *name, *title;
	struct study_choice *choices;
	size_t n;
	bool machine;			/* its choices are columns */
	struct study_continuous between;	/* NULL: discrete */
};

/* Where a number of the paper belongs: an axis' choice, or STUDY_ANY. */
struct study_place {
	size_t at[STUDY_MOST_AXES];
};

/* How sure a number of the paper is. */
enum fact_kind { FACT_QUOTED, FACT_DERIVED, FACT_INFERRED, FACT_KINDS };

/* A number of the paper. */
struct study_fact {
	struct study_place place;
	size_t metric;			/* of the study's */
	double value;
	double rounding;		/* half of its last digit, or 0 */
	enum fact_kind kind;
	const char *confidence, *source;	/* the former says `kind` */
	const char *note;		/* or NULL */
};

struct study {
	const char *name, *title;
	const char *column;		/* what is simulated, where no axis
					 * is of machines */
	struct study_options options[STUDY_SIDES];
	struct study_axis axes[STUDY_MOST_AXES];
	size_t naxes;
	const struct metric *metrics[STUDY_MOST_METRICS];
	size_t nmetrics;
	size_t machine;			/* the axis, or STUDY_ANY */
	bool compares;			/* there is something to hold against */
	struct study_fact *facts;
	size_t nfacts;
};

/**
 * Read the study `at`; axes that are named only are members of `shared`.
 * STATUS_INVALID says which member is wrong.  The caller releases `*out`,
 * on failure too, with reproduce_study_clear().
 */
MUST_CHECK enum status reproduce_study_read(const struct json *at,
					    const struct json *shared,
					    struct study *out,
					    struct diag *d);

/** Release what `s` owns. */
void reproduce_study_clear(struct study *s);

/** Number of rows, choices of machines counted. */
size_t reproduce_study_rows(const struct study *s);

/** Choice of axis `axis` in row `row`. */
size_t reproduce_study_choice(const struct study *s, size_t row,
			      size_t axis);

/** Row `row`, but with choice `choice` of axis `axis`. */
size_t reproduce_study_with(const struct study *s, size_t row, size_t axis,
			    size_t choice);

/** Whether row `row` is at `p`. */
bool reproduce_study_at(const struct study *s, const struct study_place *p,
			size_t row);

/** The axis of that name, or STUDY_ANY. */
size_t reproduce_study_axis(const struct study *s, const char *name);

/** The choice of axis `axis` of that name, or STUDY_ANY. */
size_t reproduce_study_choice_named(const struct study *s, size_t axis,
				    const char *name);

/** The metric of that key among the study's, or STUDY_ANY. */
size_t reproduce_study_metric(const struct study *s, const char *key);

#endif
