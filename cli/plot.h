/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plot.h - what `kvplan plot` can draw: a plan, or the rows of a CSV file.
 *
 * doc/ARCHITECTURE.md ("To add") says what a new kind takes.
 */
#ifndef CLI_PLOT_H
#define CLI_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/table.h"
#include "cli/chart.h"
#include "evaluate/case.h"
#include "schedule/graph.h"
#include "traces/timeline.h"

/* What to draw: a step of a plan, and a layer of it. */
struct plot_subject {
	const struct decode_case *c;
	const struct plan *plan;
	size_t step, layer;
};

/* What is drawn: numbers for people, commands for gnuplot. */
struct plot_picture {
	struct table *numbers;		/* of a plan; of a file, NULL */
	char *commands;			/* both released by the caller */
	size_t size;
};

struct plot {
	const char *name, *script;	/* and that of its gnuplot script */
	/* of a plan: */
	bool varies_split;		/* --split has nothing to say */
	bool of_layer;			/* --layer has something to say */
	enum status (*make)(const struct plot_subject *s,
			    struct plot_picture *out, struct diag *d);
	/* or of a file, whose rows it reads: */
	bool fixed;			/* --x and --y have nothing to say */
	bool takes_color;		/* --color has something to say */
	enum status (*make_file)(const struct chart *c,
				 struct plot_picture *out, struct diag *d);
};

extern const struct plot plot_split;
extern const struct plot plot_gantt;
extern const struct plot plot_map;
extern const struct plot plot_heat;
extern const struct plot plot_line;
extern const struct plot plot_pareto;
extern const struct plot plot_tornado;

/**
 * Run step `step` of `plan`, whose graph is `g`, between the steps before and
 * after it, where there are such, to find the pipeline as it is in the midst
 * of a decode: a step loads ahead for the next.  The step's time [s] goes to
 * `*step_s`, the slices of all that ran to `timeline` unless it is NULL.
 */
MUST_CHECK enum status plot_run_step(const struct decode_case *c,
				     const struct graph *g,
				     const struct plan *plan, size_t step,
				     struct timeline *timeline,
				     double *step_s, struct diag *d);

/** The case and the step in one line, for below a title. */
void plot_subtitle(const struct decode_case *c, size_t step, char *text,
		   size_t size);

#endif
