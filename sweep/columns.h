/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * columns.h - what a sweep says of each point, by name.
 */
#ifndef SWEEP_COLUMNS_H
#define SWEEP_COLUMNS_H

#include <stdio.h>

#include <cjson/cJSON.h>

#include "lp/certificate.h"
#include "lp/step.h"
#include "sweep/space.h"

/* Of a quantity over all draws (--uncertain). */
struct sweep_spread {
	double mean, p05, p50, p95;
};

enum { SWEEP_SPLIT, SWEEP_STEP, SWEEP_GAIN, SWEEP_SPREADS };

/* What is known of a point. */
struct sweep_result {
	struct step_plan plan;
	const struct llm *model;
	struct workload w;
	double step_s, floor_s;		/* [s] all layers */
	double load_all_s;		/* [s] NAN: it does not fit */
	double prefill_s, decode_s;	/* [s] simulated */
	double load_all_decode_s;	/* [s] NAN: it does not fit */
	struct sweep_spread spread[SWEEP_SPREADS];
	double unfit_pct;		/* [%] of draws without a plan */
	double win_pct;			/* [%] of the others: another wins */
	double worth[HARDWARE_MOST_FIELDS];	/* elasticity of step_s, of
						 * hardware_fields(); NAN: not
						 * stated, or less or more of
						 * it does not fit */
};

/* What has to be found out for the columns that are chosen. */
struct sweep_needs {
	bool load_all, prefill, decode, load_all_decode, worth;
};

struct sweep_column_spec;

struct sweep_column {
	const struct sweep_column_spec *spec;
	size_t figure;			/* of a worth */
	char name[64];
};

/* Plain data. */
struct sweep_columns {
	struct sweep_column *list;
	size_t n;
	struct sweep_needs needs;
};

/**
 * Those that `text`, names separated by commas, asks for; "default" in it, or
 * NULL, are the usual ones, less those that are varied, and "worth" are the
 * worths of all figures.  STATUS_USAGE, with the nearest name, for one that
 * there is not.
 */
MUST_CHECK enum status sweep_columns_choose(struct sweep_columns *c,
					    const char *text,
					    const struct sweep_space *space,
					    bool simulate, bool uncertain,
					    struct diag *d);

/** Release what `c` owns. */
void sweep_columns_clear(struct sweep_columns *c);

/** Their names as a JSON array; the caller deletes it. */
cJSON *sweep_columns_json(const struct sweep_columns *c);

/** One value: a text, or a number; neither, text NULL and a NAN: nothing. */
struct sweep_cell {
	const char *text;
	double number;
};

/** What column `c` says of `r`. */
struct sweep_cell sweep_columns_value(const struct sweep_column *c,
				  const struct sweep_result *r);

/** Whether `c` is the worth of its figure. */
bool sweep_columns_is_worth(const struct sweep_column *c);

/** Whether a column can be called `name`, and the dimension of its numbers. */
bool sweep_columns_find(const char *name, enum quantity *quantity);

/** Print the names of all columns, and what they are. */
void sweep_columns_describe(FILE *out);

#endif
